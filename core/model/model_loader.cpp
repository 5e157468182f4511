// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_loader.h"

#include "core/model/architecture/architecture.h"
#include "core/model/builtin/builtin_needle.h"
#include "core/model/fetch/known_models.h"
#include "core/model/folder/folder_model.h"
#include "core/model/folder/hf_tokenizer.h"
#include "core/model/gguf/gguf_parts.h"
#include "core/model/gguf/gguf_source.h"
#include "core/model/gguf/gguf_tokenizer.h"
#include "core/model/model_path.h"
#include "core/model/weights_hash.h"

namespace headwater {
namespace {

Result<std::shared_ptr<const Model>> loadGguf(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(GgufParts parts, openGguf(path));
    const GgufFile& file = parts.file;
    const GgufMetadata metadata(file);
    const auto bytes = std::make_shared<const std::vector<std::shared_ptr<const MappedFile>>>(parts.mappings);
    HEADWATER_TRY_ASSIGN(GgufSource source, GgufSource::open(file, bytes));

    const auto model = std::make_shared<Model>();
    HEADWATER_TRY_ASSIGN(const auto name, metadata.findString("general.name"));
    HEADWATER_TRY_ASSIGN(const auto license, metadata.findString("general.license"));
    model->config.name = name ? std::string(*name) : parts.name;
    HEADWATER_TRY_ASSIGN(model->tokenizer, readGgufTokenizer(metadata));
    HEADWATER_TRY(readModel(*source.convention().architecture, source, *model));

    model->weights.mappings = parts.mappings;
    model->warnings = file.warnings;
    ModelIdentity& identity = model->identity;
    identity.source = path.string();
    identity.headerSha256 = parts.headerSha256;
    identity.fileBytes = parts.bytes;
    std::vector<std::span<const std::byte>> data;
    for (const GgufTensor& tensor : file.tensors) {
        identity.parameters += tensor.elements;
        data.push_back(tensor.data);
    }
    identity.weightsSha256 = weightsSha256(data);
    identity.license = license.value_or("");
    return std::shared_ptr<const Model>(model);
}

} // namespace

Result<std::shared_ptr<const Model>> loadModel(const std::string& name)
{
    if (name == kBuiltinNeedleName)
        return makeBuiltinNeedle();
    if (const FetchableModel* fetchable = findFetchableModel(name)) {
        HEADWATER_TRY_ASSIGN(const std::filesystem::path path, checkFetched(*fetchable));
        return loadGguf(path);
    }
    HEADWATER_TRY_ASSIGN(const ModelPath found, findModelPath(name));
    HEADWATER_TRY_ASSIGN(
        auto model, found.isFolder ? loadModelFolder(found.path, readHfTokenizer) : loadGguf(found.path));
    if (found.warnings.empty())
        return model;
    const auto warned = std::make_shared<Model>(*model);
    warned->warnings.insert(warned->warnings.end(), found.warnings.begin(), found.warnings.end());
    return std::shared_ptr<const Model>(warned);
}

} // namespace headwater
