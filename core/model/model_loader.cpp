// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_loader.h"

#include "core/base/file_name.h"
#include "core/base/text.h"
#include "core/model/architecture.h"
#include "core/model/builtin_needle.h"
#include "core/model/byte_reader.h"
#include "core/model/folder_model.h"
#include "core/model/gguf_parts.h"
#include "core/model/gguf_source.h"
#include "core/model/gguf_tokenizer.h"
#include "core/model/hf_tokenizer.h"
#include "core/model/known_models.h"
#include "core/model/weights_hash.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

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

/// The file's size is looked at, not its hash: that is compared when it is fetched.
Result<std::shared_ptr<const Model>> loadFetched(const FetchableModel& fetchable)
{
    const std::filesystem::path path = pathOf(fetchable);
    std::error_code failed;
    const std::uintmax_t bytes = std::filesystem::file_size(path, failed);
    if (failed)
        return Error{ErrorCode::NotFound,
                     fmt::format("is not here yet; get it with: headwater fetch {}", fetchable.name),
                     fetchable.name};
    if (bytes != fetchable.fileBytes())
        return formatError(
            path.string(), std::min<std::uint64_t>(bytes, fetchable.fileBytes()), "file size",
            fmt::format("{} bytes", bytes),
            fmt::format("{}; get it again with: headwater fetch {}", fetchable.fileBytes(), fetchable.name));
    return loadGguf(path);
}

/// A word that is neither a file nor a known name is most likely the latter, misspelt.
Error unknownName(const std::string& name)
{
    std::vector<std::string_view> names{kBuiltinNeedleName};
    for (const FetchableModel& model : fetchableModels())
        names.push_back(model.name);
    return {
        ErrorCode::NotFound,
        fmt::format(
            "is no file and no known model; expected the path of a GGUF file or of a model's folder, or {}",
            fmt::join(names, " or ")),
        printable(name.substr(0, 80))};
}

} // namespace

Result<std::shared_ptr<const Model>> loadModel(const std::string& name)
{
    if (name == kBuiltinNeedleName)
        return makeBuiltinNeedle();
    if (const FetchableModel* fetchable = findFetchableModel(name))
        return loadFetched(*fetchable);
    HEADWATER_TRY_ASSIGN(const std::filesystem::path path, pathOfArgument(name));
    std::error_code failed;
    if (!path.has_parent_path() && !std::filesystem::exists(path, failed) && !failed)
        return unknownName(name);
    return std::filesystem::is_directory(path, failed) ? loadModelFolder(path, readHfTokenizer)
                                                       : loadGguf(path);
}

} // namespace headwater
