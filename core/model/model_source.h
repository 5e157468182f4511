// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/model_config.h"
#include "core/model/weights.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headwater {

/// What a container says of a model besides its tensors, in words of no container.
enum class Fact {
    LayerCount,
    HiddenSize,
    ContextLength,
    NormEpsilon,
    ExpertCount,
    HeadCount, ///< one a layer, as the next two
    KvHeadCount,
    FfnSize,
    HeadDim, ///< of queries and keys
    ValueDim,
    LocalHeadDim, ///< of the layers that read a window, where they differ
    LocalValueDim,
    BorrowingLayers, ///< the last so many read an earlier layer's keys and values
    LayerInputSize, ///< of what every layer adds for a row's token
    ScoreScale, ///< scores are this · (q · k)
    QueryScalar, ///< the same as a number whose root divides
    ScoreCap,
    LogitCap,
    Window, ///< keys a row sees, itself included
    WindowedLayers, ///< a flag a layer
    RotatedLayers, ///< a flag a layer
    RotatedDims, ///< of a head
    RotatedShare, ///< of a head's pairs, where the others stand still (RopeScaling "proportional")
    LocalRotatedDims, ///< of the layers that read a window, as the next but one
    RopeBase,
    LocalRopeBase,
    RopeScaling, ///< a word: "none", "linear", "llama3", "yarn", "proportional"
    RopeFactor, ///< how much longer than the original context; with the scaling's other numbers:
    RopeOriginalContext,
    RopeLowFactor, ///< llama3
    RopeHighFactor, ///< llama3
    YarnBetaFast,
    YarnBetaSlow,
    YarnMagnitude, ///< what cos and sin are multiplied by
    YarnMscale,
    YarnMscaleAllDim,
    YarnTruncates, ///< 1: the ramp ends at whole pairs
    QueryTemperature, ///< q grows by this · ln(1 + floor(position / original context))
    Activation, ///< a word: what gates the feed-forward, "silu" or "gelu_tanh"
    TiedUnembedding, ///< 1: the unembedding is the embedding
};

/// A tensor's place in a decoder. The order is that of LayerWeights.
enum class Part {
    Embedding,
    RopeFactors, ///< [turned pairs], divide the frequencies
    AttentionNorm,
    Query,
    Key,
    Value,
    QueryNorm,
    KeyNorm,
    Output,
    AttentionOutputNorm,
    FfnNorm,
    Gate,
    Up,
    Down,
    FfnOutputNorm,
    LayerEmbedding, ///< [vocab, layers · layerInputSize]
    LayerInputContext, ///< [layers · layerInputSize, hidden]
    LayerInputNorm, ///< [layerInputSize]
    InputGate,
    InputProjection,
    InputNorm,
    OutputScale,
    OutputNorm,
    Unembedding,
};

/// What a source reads of a model's files.
enum class SourceReads {
    All,
    Headers, ///< tensors are looked up, compared by shape and type, and not read: vectors come without
             ///< elements, but for those that a config needs (RopeFactors)
};

struct TensorRole {
    Part part = Part::Embedding;
    int layer = -1; ///< of the parts that every layer has
    bool bias = false; ///< the part's bias rather than its matrix
};

/// A container's answers about one model: facts, and tensors by their role. An architecture asks and knows no
/// container; a container answers and knows no architecture; what depends on both is a row of conventions.h,
/// which the source applies: facts that the container leaves out, names, what its norms lack. Errors:
/// BadFormat (a fact or tensor that is missing, of another kind, out of bounds or of another shape; each
/// names its place in the container), Unsupported.
class ModelSource {
public:
    virtual ~ModelSource() = default;

    /// Which rotary pairs the rows of query and key are stored for.
    virtual RotaryPairs rotaryPairs() const = 0;

    /// Facts that need not be there; a value outside [min, max] is an error.
    virtual Result<std::optional<std::uint64_t>> findUnsigned(Fact fact, std::uint64_t min,
                                                              std::uint64_t max) const = 0;
    virtual Result<std::optional<double>> findFloat(Fact fact, double min, double max) const = 0;
    virtual Result<std::optional<std::string>> findWord(Fact fact) const = 0;
    /// One number for every layer, be it said once or layer by layer.
    virtual Result<std::optional<std::vector<std::uint64_t>>>
    findPerLayer(Fact fact, std::size_t layers, std::uint64_t min, std::uint64_t max) const = 0;
    /// One flag for every layer, said layer by layer or as a period: where it is n, layer i is flagged unless
    /// i is the last of its n.
    virtual Result<std::optional<std::vector<bool>>> findFlags(Fact fact, std::size_t layers) const = 0;

    /// Facts that must be there.
    Result<std::uint64_t> requireUnsigned(Fact fact, std::uint64_t min, std::uint64_t max) const;
    Result<double> requireFloat(Fact fact, double min, double max) const;
    Result<std::vector<std::uint64_t>> requirePerLayer(Fact fact, std::size_t layers, std::uint64_t min,
                                                       std::uint64_t max) const;

    /// The rows of the embedding, which its tokens, `numTokens`, must agree with.
    virtual Result<std::uint64_t> vocabSize(std::uint64_t numTokens) const = 0;

    virtual bool has(TensorRole role) const = 0;
    /// Shape: [rows, cols]. Borrowed from what the source was read from.
    virtual Result<WeightMatrix> matrix(TensorRole role, std::uint64_t rows, std::uint64_t cols) = 0;
    /// Shape: [size]; widened to float32 where it is stored otherwise. Lives as long as storage().
    virtual Result<std::span<const float>> vector(TensorRole role, std::uint64_t size) = 0;
    /// The model does not use this tensor, be it there or not.
    virtual void leave(TensorRole role) = 0;
    /// Fails for the first tensor that nobody asked for: a model computed without a part of itself would be a
    /// wrong model. Ask last.
    virtual Result<void> checkAllTaken() const = 0;
    /// Owns what matrices and vectors point to.
    virtual std::shared_ptr<const void> storage() const = 0;

    /// A complaint about a fact, at its place in the container.
    virtual Error fail(Fact fact, const std::string& found, const std::string& expected,
                       ErrorCode code = ErrorCode::BadFormat) const = 0;
    /// The same about a tensor's values.
    virtual Error fail(TensorRole role, const std::string& found, const std::string& expected) const = 0;
};

} // namespace headwater
