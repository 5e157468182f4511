// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/tokenizer_data.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace headwater {

/// Token ids by spelling; borrows the spellings of the data it was made from.
class Vocabulary {
public:
    /// Errors: BadFormat (no tokens, a token twice, types of another number, an id beyond the vocabulary).
    static Result<Vocabulary> make(const TokenizerData& data);

    /// -1 where no token is spelled so.
    std::int32_t find(std::string_view spelling) const;

private:
    std::unordered_map<std::string_view, std::int32_t> m_ids;
};

/// A complaint about what a tokenizer was to be built from.
Error badTokenizer(const std::string& field, const std::string& found, const std::string& expected);

} // namespace headwater
