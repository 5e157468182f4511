// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_look.h"

#include "core/base/file_name.h"
#include "core/base/text.h"
#include "core/model/builtin/builtin_needle.h"
#include "core/model/fetch/known_models.h"
#include "core/model/folder/folder_source.h"
#include "core/model/folder/hub_cache.h"
#include "core/model/gguf/gguf_parts.h"
#include "core/model/gguf/gguf_source.h"
#include "core/model/model_loader.h"
#include "core/model/model_path.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

namespace headwater {
namespace {

/// Which types hold a model's elements.
class StoredTypes {
public:
    void add(std::string_view type, std::uint64_t elements)
    {
        m_elements[type] += elements;
        m_all += elements;
    }
    /// Those with a tenth at least, most first.
    std::string text() const
    {
        std::vector<std::pair<std::uint64_t, std::string_view>> types;
        for (const auto& [type, elements] : m_elements)
            if (elements > 0 && elements >= m_all / 10)
                types.emplace_back(elements, type);
        std::ranges::sort(types, std::greater());
        std::string joined;
        for (const auto& [elements, type] : types)
            joined += fmt::format("{}{}", joined.empty() ? "" : " + ", type);
        return joined;
    }

private:
    std::map<std::string_view, std::uint64_t> m_elements;
    std::uint64_t m_all = 0;
};

/// Of the files in a folder, links followed, GGUF files left out: each is a model of its own.
std::uint64_t bytesIn(const std::filesystem::path& folder)
{
    std::uint64_t bytes = 0;
    std::error_code failed;
    for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        std::error_code unknown;
        const std::uintmax_t size = entry->path().extension() == ".gguf" || !entry->is_regular_file(unknown)
            ? 0
            : entry->file_size(unknown);
        bytes += unknown ? 0 : size;
    }
    return bytes;
}

/// Its config, and whether all tensors that it asks for are there with their shapes.
Result<void> lookAtWeights(ModelSource& source, const Architecture& architecture, std::uint64_t numTokens,
                           ModelLook& look)
{
    HEADWATER_TRY_ASSIGN(look.config, readConfig(architecture, source));
    HEADWATER_TRY(readWeights(architecture, source, numTokens, *look.config));
    return {};
}

Result<void> lookAtGguf(const std::filesystem::path& path, ModelLook& look)
{
    look.path = path;
    look.container = "GGUF";
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(path, failed);
    look.bytes = failed ? 0 : size;
    HEADWATER_TRY_ASSIGN(const GgufParts parts, openGguf(path));
    look.bytes = parts.bytes;
    StoredTypes types;
    for (const GgufTensor& tensor : parts.file.tensors) {
        types.add(tensor.type->name, tensor.elements);
        look.parameters += tensor.elements;
    }
    look.storedAs = types.text();
    const GgufMetadata metadata(parts.file);
    HEADWATER_TRY_ASSIGN(const auto title, metadata.findString("general.name"));
    look.title = printable(title.value_or(parts.name));
    if (const auto architecture = metadata.findString("general.architecture"); architecture && *architecture)
        look.architecture = printable((*architecture)->substr(0, 80));
    const auto bytes = std::make_shared<const std::vector<std::shared_ptr<const MappedFile>>>(parts.mappings);
    HEADWATER_TRY_ASSIGN(GgufSource source, GgufSource::open(parts.file, bytes, SourceReads::Headers));
    HEADWATER_TRY(source.checkTypes());
    HEADWATER_TRY_ASSIGN(const auto* const tokens, metadata.findStrings("tokenizer.ggml.tokens"));
    return lookAtWeights(source, *source.convention().architecture, tokens ? tokens->size() : 0, look);
}

Result<void> lookAtFolder(const std::filesystem::path& path, ModelLook& look)
{
    look.path = path;
    look.container = "safetensors";
    look.bytes = bytesIn(path);
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const ModelFolder> folder, openModelFolder(path));
    look.title = folder->name;
    if (const JsonValue* const type = folder->config.find("model_type");
        type && type->kind == JsonValue::Kind::String)
        look.architecture = printable(std::string_view(type->text).substr(0, 80));
    StoredTypes types;
    for (const auto& [name, tensor] : folder->tensors) {
        types.add(tensor.tensor->type->name, tensor.tensor->elements);
        look.parameters += tensor.tensor->elements;
    }
    look.storedAs = types.text();
    HEADWATER_TRY_ASSIGN(FolderSource source, FolderSource::open(folder, SourceReads::Headers));
    look.architecture = source.convention().name;
    look.parameters = source.parameters();
    HEADWATER_TRY(source.checkTypes());
    return lookAtWeights(source, *source.convention().architecture, 0, look);
}

Result<void> lookAtBuiltin(ModelLook& look)
{
    HEADWATER_TRY_ASSIGN(const auto model, loadModel(look.name));
    look.container = "built in";
    look.title = model->config.name;
    look.architecture = model->config.architecture;
    look.parameters = model->identity.parameters;
    look.config = model->config;
    return {};
}

Result<void> lookAt(ModelLook& look)
{
    if (look.name == kBuiltinNeedleName)
        return lookAtBuiltin(look);
    if (const FetchableModel* const fetchable = findFetchableModel(look.name)) {
        HEADWATER_TRY_ASSIGN(const std::filesystem::path path, checkFetched(*fetchable));
        return lookAtGguf(path, look);
    }
    HEADWATER_TRY_ASSIGN(const ModelPath found, findModelPath(look.name));
    return found.isFolder ? lookAtFolder(found.path, look) : lookAtGguf(found.path, look);
}

ModelLook looked(std::string name, std::string revision, const auto& lookAtPath)
{
    ModelLook look;
    look.name = std::move(name);
    look.revision = std::move(revision);
    if (const Result<void> seen = lookAtPath(look); !seen) {
        look.refusal = seen.error();
        look.config.reset();
    }
    return look;
}

} // namespace

ModelLook lookAtModel(const std::string& name)
{
    return looked(name, {}, lookAt);
}

std::vector<ModelLook> lookAtHubCache(std::stop_token stop)
{
    std::vector<ModelLook> looks;
    for (const HubSnapshot& snapshot : hubSnapshots(hubCacheDirectory())) {
        if (stop.stop_requested())
            break;
        const std::vector<std::filesystem::path> files = ggufModelsIn(snapshot.path);
        if (files.empty() || hasSafetensors(snapshot.path))
            looks.push_back(looked(snapshot.name(), snapshot.commit,
                                   [&](ModelLook& look) { return lookAtFolder(snapshot.path, look); }));
        for (const std::filesystem::path& file : files)
            looks.push_back(looked(fmt::format("{}/{}", snapshot.name(), file.string()), snapshot.commit,
                                   [&](ModelLook& look) -> Result<void> {
                                       HEADWATER_TRY_ASSIGN(const ModelPath found,
                                                            modelPathOf(snapshot.path / file));
                                       return lookAtGguf(found.path, look);
                                   }));
    }
    return looks;
}

std::string describe(const ModelLook& look)
{
    std::vector<std::string> parts;
    const auto add = [&parts](const std::string& part) {
        if (!part.empty())
            parts.push_back(part);
    };
    add(look.architecture);
    add(look.storedAs);
    add(look.bytes > 0 ? humanBytes(look.bytes) : "");
    if (look.config) {
        const auto [least, most] = std::ranges::minmax(look.config->layers, {}, &LayerConfig::numHeads);
        const std::string heads = least.numHeads == most.numHeads
            ? std::to_string(most.numHeads)
            : fmt::format("{} to {}", least.numHeads, most.numHeads);
        add(fmt::format("{} layer{} of {} head{}", look.config->numLayers(),
                        look.config->numLayers() == 1 ? "" : "s", heads, most.numHeads == 1 ? "" : "s"));
        add(fmt::format("{} tokens of trained context", withThousands(look.config->contextLength)));
    }
    return fmt::format("{}", fmt::join(parts, " · "));
}

} // namespace headwater
