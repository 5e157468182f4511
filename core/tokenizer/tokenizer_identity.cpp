// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/tokenizer_identity.h"

#include "core/base/hash.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace headwater {
namespace {

/// Every part is preceded by its length, so that no two lists make the same bytes.
void append(std::string& bytes, std::uint64_t value)
{
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void append(std::string& bytes, std::string_view text)
{
    append(bytes, static_cast<std::uint64_t>(text.size()));
    bytes += text;
}

} // namespace

std::string tokenizerIdentity(const TokenizerData& data)
{
    std::string bytes;
    append(bytes, std::string_view(data.model));
    append(bytes, std::string_view(data.preTokenizer));
    for (const auto* list : {&data.tokens, &data.merges}) {
        append(bytes, static_cast<std::uint64_t>(list->size()));
        for (const std::string& text : *list)
            append(bytes, std::string_view(text));
    }
    append(bytes, static_cast<std::uint64_t>(data.tokenTypes.size()));
    for (const std::int32_t type : data.tokenTypes)
        append(bytes, static_cast<std::uint64_t>(static_cast<std::uint32_t>(type)));
    for (const std::int32_t id :
         {data.bos, data.eos, data.endOfTurn, data.addBos ? 1 : 0, data.addEos ? 1 : 0})
        append(bytes, static_cast<std::uint64_t>(static_cast<std::uint32_t>(id)));
    return sha256(std::as_bytes(std::span(bytes)));
}

} // namespace headwater
