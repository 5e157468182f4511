// SPDX-License-Identifier: Apache-2.0
#include "core/model/folder/folder_model.h"

#include "core/model/folder/folder_source.h"
#include "core/model/weights_hash.h"

#include <fmt/format.h>
#include <span>
#include <utility>
#include <vector>

namespace headwater {
namespace {

void padTokens(TokenizerData& tokenizer, std::size_t rows)
{
    if (tokenizer.tokens.empty() || tokenizer.tokens.size() >= rows)
        return;
    tokenizer.types.resize(tokenizer.tokens.size(), TokenType::Normal);
    tokenizer.types.resize(rows, TokenType::Unused);
    while (tokenizer.tokens.size() < rows)
        tokenizer.tokens.push_back(fmt::format("[PAD{}]", tokenizer.tokens.size()));
    auto* const scored = std::get_if<SentencePieceBpe>(&tokenizer.kind);
    if (scored && !scored->scores.empty())
        scored->scores.resize(rows);
    if (auto* const unigram = std::get_if<Unigram>(&tokenizer.kind))
        unigram->scores.resize(rows);
}

} // namespace

Result<std::shared_ptr<const Model>> loadModelFolder(const std::filesystem::path& path,
                                                     const TokenizerReader& readTokenizer)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const ModelFolder> folder, openModelFolder(path));
    HEADWATER_TRY_ASSIGN(FolderSource source, FolderSource::open(folder));
    const auto model = std::make_shared<Model>();
    model->config.name = folder->name;
    HEADWATER_TRY_ASSIGN(model->tokenizer, readTokenizer(path));
    HEADWATER_TRY(readModel(*source.convention().architecture, source, *model));
    padTokens(model->tokenizer, static_cast<std::size_t>(model->config.vocabSize));

    model->weights.mappings = folder->mappings;
    model->warnings = source.warnings();
    ModelIdentity& identity = model->identity;
    identity.source = path.string();
    identity.headerSha256 = folder->headerSha256;
    identity.fileBytes = folder->bytes;
    identity.parameters = source.parameters();
    std::vector<std::span<const std::byte>> data;
    for (const auto& [name, found] : folder->tensors)
        data.push_back(found.tensor->data);
    identity.weightsSha256 = weightsSha256(data);
    return std::shared_ptr<const Model>(model);
}

} // namespace headwater
