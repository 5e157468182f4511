// SPDX-License-Identifier: Apache-2.0
#include "core/model/folder/hf_tokenizer.h"

#include "core/base/bounded_json.h"
#include "core/base/file_name.h"
#include "core/base/mapped_file.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <system_error>

namespace headwater {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostTemplateBytes = std::size_t{1} << 20;

/// Unlike the model's own files, a link that leads nowhere is a file that is missing.
bool isReachable(const std::filesystem::path& path)
{
    std::error_code failed;
    return std::filesystem::exists(path, failed);
}

/// An object; empty where the file is missing.
Result<Json> readObject(const std::filesystem::path& path)
{
    if (!isReachable(path))
        return Json::object();
    HEADWATER_TRY_ASSIGN(const std::string text, readFile(path, kMostJsonBytes));
    HEADWATER_TRY_ASSIGN(Json json, parseBoundedJson(text, path.string()));
    if (!json.is_object())
        return Error{ErrorCode::BadFormat, "no object, expected one", path.string()};
    return json;
}

/// A special token as tokenizer_config.json spells it: a word, or an object with its "content".
std::string tokenNamed(const Json& config, const char* name)
{
    const auto found = config.find(name);
    if (found == config.end())
        return {};
    if (found->is_string())
        return found->get<std::string>();
    const auto content = found->is_object() ? found->find("content") : found->end();
    return found->is_object() && content != found->end() && content->is_string() ? content->get<std::string>()
                                                                                 : std::string{};
}

std::int32_t idOf(const TokenizerData& data, const std::string& token)
{
    const auto found = std::ranges::find(data.tokens, token);
    return token.empty() || found == data.tokens.end()
        ? -1
        : static_cast<std::int32_t>(found - data.tokens.begin());
}

/// chat_template.jinja, else the word or the list of named ones in tokenizer_config.json.
Result<std::string> readChatTemplate(const std::filesystem::path& folder, const Json& config)
{
    const std::filesystem::path own = folder / "chat_template.jinja";
    if (isReachable(own))
        return readFile(own, kMostTemplateBytes);
    const auto found = config.find("chat_template");
    if (found == config.end())
        return std::string{};
    if (found->is_string())
        return found->get<std::string>();
    for (const Json& named : found->is_array() ? *found : Json::array()) {
        if (named.is_object() && named.value("name", Json()) == "default" && named.contains("template")
            && named["template"].is_string())
            return named["template"].get<std::string>();
    }
    return std::string{};
}

/// The ends of generation: one id, or several.
Result<void> readEndings(const std::filesystem::path& path, TokenizerData& data)
{
    HEADWATER_TRY_ASSIGN(const Json config, readObject(path));
    const auto found = config.find("eos_token_id");
    if (found == config.end() || found->is_null())
        return {};
    for (const Json& id : found->is_array() ? *found : Json::array({*found})) {
        if (!id.is_number_integer() || id < 0 || id >= data.tokens.size())
            return Error{ErrorCode::BadFormat,
                         fmt::format("eos_token_id: {}, expected ids below {}, the number of tokens",
                                     id.dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, 60),
                                     data.tokens.size()),
                         path.string()};
        data.endings.push_back(id.get<std::int32_t>());
    }
    return {};
}

Result<TokenizerData> readIds(const std::filesystem::path& folder)
{
    const std::filesystem::path json = folder / "tokenizer.json";
    if (isReachable(json)) {
        HEADWATER_TRY_ASSIGN(const std::string text, readFile(json, kMostJsonBytes));
        return readTokenizerJson(text, json.string());
    }
    const std::filesystem::path pieces = folder / "tokenizer.model";
    if (isReachable(pieces)) {
        HEADWATER_TRY_ASSIGN(const std::string bytes, readFile(pieces, kMostJsonBytes));
        return readSentencePieceModel(bytes, pieces.string());
    }
    return Error{ErrorCode::NotFound,
                 "holds neither tokenizer.json nor tokenizer.model, expected one of them", folder.string()};
}

} // namespace

Result<TokenizerData> readHfTokenizer(const std::filesystem::path& folder)
{
    HEADWATER_TRY_ASSIGN(TokenizerData data, readIds(folder));
    HEADWATER_TRY_ASSIGN(const Json config, readObject(folder / "tokenizer_config.json"));
    HEADWATER_TRY_ASSIGN(data.chatTemplate, readChatTemplate(folder, config));
    if (data.bos < 0)
        data.bos = idOf(data, tokenNamed(config, "bos_token"));
    if (const std::int32_t eos = idOf(data, tokenNamed(config, "eos_token")); eos >= 0)
        data.eos = eos;
    HEADWATER_TRY(readEndings(folder / "generation_config.json", data));
    return data;
}

} // namespace headwater
