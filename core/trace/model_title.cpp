// SPDX-License-Identifier: Apache-2.0
#include "core/trace/model_title.h"

#include "core/trace/meta_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace headwater {
namespace {

bool isDigits(std::string_view text, std::size_t count)
{
    return text.size() == count
        && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// "-00001-of-00003" at the end.
void dropShard(std::string& name)
{
    constexpr std::size_t kLength = 15;
    if (name.size() <= kLength)
        return;
    const std::string_view end = std::string_view(name).substr(name.size() - kLength);
    if (end[0] == '-' && isDigits(end.substr(1, 5), 5) && end.substr(6, 4) == "-of-"
        && isDigits(end.substr(10), 5))
        name.resize(name.size() - kLength);
}

/// ".Q4_K_M", "-IQ2_XS", "-f16" at the end.
void dropQuantisation(std::string& name)
{
    const std::size_t at = name.find_last_of(".-");
    if (at == std::string::npos || at == 0)
        return;
    std::string type = name.substr(at + 1);
    std::transform(type.begin(), type.end(), type.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array<std::string_view, 5> kPlain = {"bf16", "f16", "f32", "fp16", "fp32"};
    const std::size_t q = type.starts_with('i') ? 1 : 0;
    const bool isQuantised = type.size() > q + 1 && type[q] == 'q'
        && std::isdigit(static_cast<unsigned char>(type[q + 1])) != 0
        && std::all_of(type.begin(), type.end(),
                       [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
    if (isQuantised || std::find(kPlain.begin(), kPlain.end(), type) != kPlain.end())
        name.resize(at);
}

} // namespace

std::string modelTitleOf(const nlohmann::json& meta)
{
    constexpr std::string_view kSuffix = ".gguf";
    std::string name = metaText(meta, "/model/source");
    name.erase(0, name.find_last_of('/') + 1);
    if (name.ends_with(kSuffix)) {
        name.resize(name.size() - kSuffix.size());
        dropShard(name);
        dropQuantisation(name);
        if (!name.empty())
            return name;
    }
    return metaText(meta, "/model/name");
}

} // namespace headwater
