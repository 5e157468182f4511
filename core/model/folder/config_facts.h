// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/architecture/conventions.h"
#include "core/model/folder/model_folder.h"
#include "core/model/model_source.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// What a folder's config.json says of its model, in the spellings of transformers 4 and 5. A value that is
/// missing is that of the config class (conventions.cpp), a null says that there is none. Borrows the folder.
class ConfigFacts {
public:
    /// Errors: BadFormat (no model_type, positions in a spelling of other classes), Unsupported (a model_type
    /// that does not run, named beside what does; quantised weights; attention in both directions).
    static Result<ConfigFacts> read(const ModelFolder& folder);

    const Convention& convention() const { return *m_convention; }
    /// Its layers with a window have heads of another size.
    bool hasLocalHeads() const { return unsaid(Fact::LocalHeadDim).has_value(); }
    /// The text is a part of a model that also sees.
    bool isPartOfWhole() const { return m_text != &m_folder->config; }

    Result<std::optional<std::uint64_t>> findUnsigned(Fact fact, std::uint64_t min, std::uint64_t max) const;
    Result<std::optional<std::vector<std::uint64_t>>>
    findPerLayer(Fact fact, std::size_t layers, std::uint64_t min, std::uint64_t max) const;
    Result<std::optional<double>> findFloat(Fact fact, double min, double max) const;
    Result<std::optional<std::string>> findWord(Fact fact) const;
    Result<std::optional<std::vector<bool>>> findFlags(Fact fact, std::size_t layers) const;
    /// A yes or no by its key; `fallback` where it is missing or null.
    Result<bool> flag(std::string_view key, bool fallback) const;
    /// The unembedding is the embedding.
    Result<bool> isTied() const;
    /// The vocabulary's size, where it is said.
    Result<std::optional<std::uint64_t>> vocabSize(std::uint64_t max) const;

    Error fail(Fact fact, const std::string& found, const std::string& expected, ErrorCode code) const;

private:
    /// An object of the file and its name there.
    struct Holder {
        std::string path; ///< "text_config.rope_scaling."; empty: the file's own
        const JsonValue* object = nullptr;
    };
    /// Where a fact is said, or would be.
    struct Place {
        std::string key;
        const JsonValue* holder = nullptr;
        const JsonValue* value = nullptr; ///< null: not said
        bool isDenied = false; ///< said to be null: it has none, not the class's
    };

    ConfigFacts(const ModelFolder& folder, const JsonValue& text, const Convention& convention);

    Result<void> readPositions();
    Result<void> readGlobalLayers();
    Result<void> checkSupported() const;
    Place find(const Holder& holder, std::string_view key) const;
    /// In the first of the holders that says it, or of the first.
    Place findAmong(const std::vector<Holder>& holders, std::string_view key) const;
    Place placeOf(Fact fact) const;
    std::optional<double> unsaid(Fact fact) const;
    Error fail(const Place& place, const std::string& found, const std::string& expected,
               ErrorCode code = ErrorCode::BadFormat) const;
    Result<std::uint64_t> toUnsigned(const Place& place, std::uint64_t min, std::uint64_t max) const;

    Result<bool> readsWindow() const;
    Result<std::optional<std::vector<bool>>> windowedLayers(std::size_t layers) const;
    Result<std::optional<std::vector<bool>>> rotatedLayers(std::size_t layers) const;

    const ModelFolder* m_folder;
    const JsonValue* m_text;
    const Convention* m_convention;
    Holder m_top; ///< what says most facts
    std::optional<Holder> m_globalLayers; ///< what each of them says, where they say it one by one
    std::vector<Holder> m_positions; ///< of the layers that see all
    std::vector<Holder>
        m_localPositions; ///< of the layers that read a window, where a class tells them apart
};

} // namespace headwater
