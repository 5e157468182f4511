// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/architecture/conventions.h"
#include "core/model/gguf/gguf_metadata.h"
#include "core/model/gguf/gguf_weights.h"
#include "core/model/model_source.h"

namespace headwater {

/// A GGUF file's answers: facts are the keys "<architecture>.*", tensors have llama.cpp's names, the norms of
/// Gemma hold the 1 that is added to them. Borrows the file and what `bytes` owns.
class GgufSource final : public ModelSource {
public:
    /// Errors: BadFormat (no architecture), Unsupported (one that does not run, named beside what does).
    static Result<GgufSource> open(const GgufFile& file, std::shared_ptr<const void> bytes,
                                   SourceReads reads = SourceReads::All);

    const Convention& convention() const { return *m_convention; }
    /// Fails for the first tensor whose type is not read. Cost: O(tensors).
    Result<void> checkTypes() const { return m_weights.checkTypes(); }

    RotaryPairs rotaryPairs() const override { return m_convention->pairs; }
    Result<std::optional<std::uint64_t>> findUnsigned(Fact fact, std::uint64_t min,
                                                      std::uint64_t max) const override;
    Result<std::optional<double>> findFloat(Fact fact, double min, double max) const override;
    Result<std::optional<std::string>> findWord(Fact fact) const override;
    Result<std::optional<std::vector<std::uint64_t>>>
    findPerLayer(Fact fact, std::size_t layers, std::uint64_t min, std::uint64_t max) const override;
    Result<std::optional<std::vector<bool>>> findFlags(Fact fact, std::size_t layers) const override;
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
    GgufSource(const GgufFile& file, std::shared_ptr<const void> bytes, const Convention& convention,
               SourceReads reads);

    /// The file's spelling of a fact; empty where it has none.
    std::string keyOf(Fact fact) const;
    bool says(Fact fact) const;
    /// What the file leaves out.
    std::optional<double> unsaid(Fact fact) const;

    GgufMetadata m_metadata;
    GgufWeights m_weights;
    std::shared_ptr<const void> m_bytes;
    const Convention* m_convention;
    SourceReads m_reads;
};

} // namespace headwater
