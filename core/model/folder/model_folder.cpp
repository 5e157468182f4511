// SPDX-License-Identifier: Apache-2.0
#include "core/model/folder/model_folder.h"

#include "core/base/file_name.h"
#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/model/byte_reader.h"
#include "core/model/folder/hub_cache.h"
#include "core/model/json_reader.h"
#include "core/model/limits.h"

#include <fmt/format.h>
#include <optional>
#include <utility>

namespace headwater {
namespace {

constexpr const char* kConfig = "config.json";
constexpr std::size_t kMostConfigBytes = std::size_t{16} << 20;
constexpr std::size_t kMostIndexBytes = std::size_t{64} << 20;

bool isThere(const std::filesystem::path& path)
{
    std::error_code failed;
    return std::filesystem::exists(std::filesystem::symlink_status(path, failed));
}

class FolderReader {
public:
    explicit FolderReader(std::filesystem::path path)
        : m_path(std::move(path))
    {
    }

    Result<std::shared_ptr<const ModelFolder>> run()
    {
        HEADWATER_TRY(readConfig());
        if (isThere(m_path / kWholeWeights))
            HEADWATER_TRY(readWhole());
        else if (isThere(m_path / kWeightsIndex))
            HEADWATER_TRY(readShards());
        else
            return noWeights();
        m_out->headerSha256 = sha256(std::as_bytes(std::span(m_headers)));
        std::error_code failed;
        std::filesystem::path named = std::filesystem::absolute(m_path, failed).lexically_normal();
        if (!named.has_filename())
            named = named.parent_path();
        m_out->name = hubModelOf(named).value_or(textOfPath(named.filename()));
        return std::shared_ptr<const ModelFolder>(m_out);
    }

private:
    /// Where each tensor of the index lies.
    using Listed = std::map<std::string_view, std::pair<std::string_view, std::uint64_t>>;

    Error noWeights() const
    {
        const bool isPickled =
            isThere(m_path / "pytorch_model.bin") || isThere(m_path / "pytorch_model.bin.index.json");
        return {ErrorCode::NotFound,
                fmt::format("{}, expected {} or {}: {}",
                            isPickled ? "holds Python pickles, which are not read" : "holds no weights",
                            kWholeWeights, kWeightsIndex,
                            isPickled ? "save the model again with transformers' save_pretrained"
                                      : howToGetTheRest(m_path)),
                m_path.string()};
    }

    Result<void> readConfig()
    {
        const std::filesystem::path path = m_path / kConfig;
        if (!isThere(path))
            return Error{ErrorCode::NotFound,
                         fmt::format("is a folder without {}, expected a model's folder as transformers "
                                     "writes it, or the path of a GGUF file",
                                     kConfig),
                         m_path.string()};
        HEADWATER_TRY(checkLink(path));
        m_out->configPath = path.string();
        HEADWATER_TRY_ASSIGN(const std::string text, readFile(path, kMostConfigBytes));
        HEADWATER_TRY_ASSIGN(m_out->config, readJson(text, m_out->configPath));
        if (m_out->config.kind != JsonValue::Kind::Object)
            return formatError(m_out->configPath, m_out->config.offset, "JSON", m_out->config.described(),
                               "an object");
        addHeader(text, text.size());
        return {};
    }

    void addHeader(std::string_view header, std::uint64_t fileBytes)
    {
        m_headers += header;
        m_out->bytes += fileBytes;
    }

    /// Opens one file of weights; its tensors are not known to the folder yet.
    Result<void> openFile(const std::filesystem::path& path)
    {
        HEADWATER_TRY(checkLink(path));
        HEADWATER_TRY_ASSIGN(MappedFile mapped, MappedFile::open(path));
        const auto mapping = std::make_shared<const MappedFile>(std::move(mapped));
        HEADWATER_TRY_ASSIGN(SafetensorsFile file, readSafetensors(mapping->bytes(), path.string()));
        addHeader(textOf(mapping->bytes().first(file.dataOffset)), mapping->bytes().size());
        m_out->files.push_back(std::move(file));
        m_out->mappings.push_back(mapping);
        return {};
    }

    Result<void> readWhole()
    {
        HEADWATER_TRY(openFile(m_path / kWholeWeights));
        const SafetensorsFile& file = m_out->files.front();
        m_out->listPath = file.path;
        m_out->listOffset = file.dataOffset;
        for (const SafetensorsTensor& tensor : file.tensors)
            m_out->tensors.emplace(tensor.name, ModelFolder::Tensor{&tensor, &file});
        return {};
    }

    Result<void> readShards()
    {
        const std::string indexPath = (m_path / kWeightsIndex).string();
        HEADWATER_TRY(checkLink(m_path / kWeightsIndex));
        HEADWATER_TRY_ASSIGN(const std::string text, readFile(m_path / kWeightsIndex, kMostIndexBytes));
        HEADWATER_TRY_ASSIGN(const JsonValue index, readJson(text, indexPath));
        const JsonValue* const map = index.find("weight_map");
        if (!map || map->kind != JsonValue::Kind::Object || map->values.empty())
            return formatError(indexPath, map ? map->offset : index.offset, "weight_map",
                               map && !map->values.empty() ? map->described() : "no tensors",
                               "an object that names each tensor's file");
        addHeader(text, text.size());
        m_out->listPath = indexPath;
        m_out->listOffset = map->offset;
        Listed listed;
        std::map<std::string_view, std::uint64_t> shards;
        for (std::size_t i = 0; i < map->values.size(); ++i) {
            const JsonValue& shard = map->values[i];
            HEADWATER_TRY(checkShardName(map->names[i], shard));
            listed.emplace(map->names[i],
                           std::pair<std::string_view, std::uint64_t>(shard.text, shard.offset));
            shards.emplace(shard.text, shard.offset);
        }
        for (const auto& [shard, offset] : shards) {
            if (!isThere(m_path / shard))
                return Error{ErrorCode::NotFound,
                             fmt::format("is missing, expected the file that {} names: {}", kWeightsIndex,
                                         howToGetTheRest(m_path)),
                             (m_path / shard).string()};
            HEADWATER_TRY(openFile(m_path / shard));
        }
        return takeTensors(listed);
    }

    /// A shard lies in the folder: an index must not read any other file of the user's.
    Result<void> checkShardName(std::string_view tensor, const JsonValue& shard) const
    {
        const std::string_view name = shard.text;
        const bool isPlain = shard.kind == JsonValue::Kind::String && name.ends_with(".safetensors")
            && !name.starts_with('.') && name.size() <= limits::kShardNameBytes
            && name.find_first_of(std::string_view("/\\\0", 3)) == std::string_view::npos;
        if (!isPlain)
            return formatError((m_path / kWeightsIndex).string(), shard.offset,
                               printable(tensor.substr(0, 200)), shard.described(),
                               "a file in this folder, \"NAME.safetensors\"");
        return {};
    }

    /// What the shards hold is what the index lists, each tensor in its shard.
    Result<void> takeTensors(const Listed& listed)
    {
        for (const SafetensorsFile& file : m_out->files) {
            const std::string shard = std::filesystem::path(file.path).filename().string();
            for (const SafetensorsTensor& tensor : file.tensors) {
                const auto fail = [&](const std::string& found, const std::string& expected) {
                    return formatError(file.path, tensor.infoOffset,
                                       printable(std::string_view(tensor.name).substr(0, 200)), found,
                                       expected);
                };
                const auto found = listed.find(tensor.name);
                if (found == listed.end())
                    return fail(fmt::format("a tensor that {} does not list", kWeightsIndex),
                                "the shards that belong to the index");
                if (const ModelFolder::Tensor* const first = m_out->find(tensor.name))
                    return fail(fmt::format("the tensor again (first in {} at byte {})", first->file->path,
                                            first->tensor->infoOffset),
                                "every tensor in one shard");
                if (found->second.first != shard)
                    return fail(
                        "the tensor",
                        fmt::format("it in {}, as {} says", printable(found->second.first), kWeightsIndex));
                m_out->tensors.emplace(tensor.name, ModelFolder::Tensor{&tensor, &file});
            }
        }
        for (const auto& [tensor, place] : listed)
            if (!m_out->find(tensor))
                return formatError(m_out->listPath, place.second, printable(tensor.substr(0, 200)),
                                   fmt::format("\"{}\", which lacks it", printable(place.first)),
                                   "the shard that holds it");
        return {};
    }

    std::filesystem::path m_path;
    std::shared_ptr<ModelFolder> m_out = std::make_shared<ModelFolder>();
    std::string m_headers;
};

} // namespace

const ModelFolder::Tensor* ModelFolder::find(std::string_view tensor) const
{
    const auto found = tensors.find(tensor);
    return found == tensors.end() ? nullptr : &found->second;
}

Result<std::shared_ptr<const ModelFolder>> openModelFolder(const std::filesystem::path& path)
{
    return FolderReader(path).run();
}

} // namespace headwater
