// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/folder/config_facts.h"
#include "core/model/folder/model_folder.h"
#include "core/model/model_source.h"

#include <deque>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace headwater {

/// A folder's answers: facts are those of config.json, tensors have transformers' names, rotary pairs are
/// halves for all, Gemma's norms lack the 1 that is added to them. Owns the folder's mappings.
class FolderSource final : public ModelSource {
public:
    /// Errors: those of ConfigFacts; Unsupported (tensors of another kind of model).
    static Result<FolderSource> open(std::shared_ptr<const ModelFolder> folder,
                                     SourceReads reads = SourceReads::All);

    const Convention& convention() const { return m_facts.convention(); }
    /// Parameters of the tensors that are the model's. Cost: O(tensors).
    std::uint64_t parameters() const;
    /// Fails for the first tensor of the model whose type is not read. Cost: O(tensors).
    Result<void> checkTypes() const;
    /// What the folder holds besides, for the user.
    std::vector<std::string> warnings() const;

    RotaryPairs rotaryPairs() const override { return convention().pairs; }
    Result<std::optional<std::uint64_t>> findUnsigned(Fact fact, std::uint64_t min,
                                                      std::uint64_t max) const override;
    Result<std::optional<double>> findFloat(Fact fact, double min, double max) const override;
    Result<std::optional<std::string>> findWord(Fact fact) const override;
    Result<std::optional<std::vector<std::uint64_t>>>
    findPerLayer(Fact fact, std::size_t layers, std::uint64_t min, std::uint64_t max) const override;
    Result<std::optional<std::vector<bool>>> findFlags(Fact fact, std::size_t layers) const override;
    /// The embedding's rows, which may be more than there are tokens: models are padded to even sizes.
    Result<std::uint64_t> vocabSize(std::uint64_t numTokens) const override;

    bool has(TensorRole role) const override;
    Result<WeightMatrix> matrix(TensorRole role, std::uint64_t rows, std::uint64_t cols) override;
    Result<std::span<const float>> vector(TensorRole role, std::uint64_t size) override;
    void leave(TensorRole role) override;
    Result<void> checkAllTaken() const override;
    std::shared_ptr<const void> storage() const override;
    Error fail(Fact fact, const std::string& found, const std::string& expected,
               ErrorCode code = ErrorCode::BadFormat) const override;
    Error fail(TensorRole role, const std::string& found, const std::string& expected) const override;

private:
    FolderSource(std::shared_ptr<const ModelFolder> folder, ConfigFacts facts, bool isTied, bool hasBiases,
                 bool hasFfnBiases);

    std::string nameOf(TensorRole role) const;
    bool isNorm(Part part) const;
    /// Not of the model that is computed: images, and tables that follow from the config.
    bool isBeside(std::string_view tensor) const;
    Error fail(const ModelFolder::Tensor& tensor, const std::string& found, const std::string& expected,
               ErrorCode code = ErrorCode::BadFormat) const;
    Result<void> checkType(const ModelFolder::Tensor& tensor) const;
    Result<const ModelFolder::Tensor*> take(const std::string& name, std::span<const std::uint64_t> shape);
    /// The tensor's elements where they lie, or, where they lie askew, a copy that does not.
    std::span<const std::byte> aligned(const SafetensorsTensor& tensor);
    Result<void> checkTied() const;

    std::shared_ptr<const ModelFolder> m_folder;
    ConfigFacts m_facts;
    bool m_isTied;
    bool m_hasBiases; ///< of q, k, v and o, where the architecture does not say so itself
    bool m_hasFfnBiases;
    SourceReads m_reads = SourceReads::All;
    std::vector<bool> m_keysAsValues; ///< [layers] of those without values; empty: all have some
    std::string m_prefix; ///< before "embed_tokens.weight"
    std::unordered_set<const SafetensorsTensor*> m_taken;
    std::shared_ptr<std::deque<std::vector<float>>> m_made =
        std::make_shared<std::deque<std::vector<float>>>();
};

} // namespace headwater
