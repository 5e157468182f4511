// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/device_tensor.h"
#include "core/backend/plan.h"
#include "core/base/result.h"
#include "core/base/scratch_file.h"
#include "core/model/model.h"
#include "core/record/head_record.h"
#include "core/record/predictions.h"
#include "core/record/token_row.h"
#include "core/select/head_tile.h"
#include "core/select/probe_rows.h"
#include "core/select/sinks.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace headwater {

/// How rows go through a layer: it is said, never guessed from how many there are or where they stand.
enum class RowMode {
    Prefill, ///< in tiles of kTileRows: the same bits however many go at once
    Decode, ///< one by one, each as soon as its token is known: to the bits of no prefill
};

/// Rows [first, first + count) of a tensor, whose row 0 stands at absolute position `origin` of the prompt.
struct RowRange {
    std::uint32_t first = 0; ///< absolute position
    std::uint32_t count = 0;
    std::uint32_t origin = 0;
    RowMode mode = RowMode::Prefill;
};

/// Query heads [first, first + count) of a layer.
struct HeadRange {
    int first = 0;
    int count = 0;
};

inline HeadRange allHeads(const LayerConfig& layer)
{
    return {0, layer.numHeads};
}

/// The key blocks that every query block of a head keeps, of the whole sequence. Shape: rowPtr [query blocks
/// + 1], keyBlock [edges], ascending inside a query block.
struct GivenMask {
    std::span<const std::uint32_t> rowPtr;
    std::span<const std::uint32_t> keyBlock;
    Normaliser normaliser = Normaliser::Exact; ///< what a row's log-sum-exp is asked over
};

/// What is asked of one layer's attention over the rows [firstRow, firstRow + rows).
struct AttentionRequest {
    enum class Mode {
        Dense, ///< full causal attention, nothing recorded
        Decode, ///< the same for a few rows that may begin anywhere, row by row
        Observed, ///< dense output; masks and truth recorded
        Propagated, ///< output over the mask; masks recorded
        Given, ///< output over masks that another run recorded, to the bits of that run; nothing recorded
    };
    Mode mode = Mode::Dense;
    int layer = 0;
    std::uint32_t firstRow = 0; ///< absolute, a multiple of kTileRows unless mode is Decode
    std::uint32_t rows = 0;
    SelectParams select; ///< resolved: never Auto
    BlockGrid grid; ///< of the whole sequence
    /// Rows (absolute) whose heaviest keys are wanted token by token; those outside the range are ignored.
    std::span<const std::uint32_t> tokenRows;
    std::uint32_t tokenRowKeys = 32;
    /// Collect the queries of the probe rows where the normaliser is Kept (see Backend::probe).
    bool probe = true;
    /// Given: the masks, one a head; of sliding heads they are ignored. Propagated `tree` and `stream`: where
    /// there are any they are kept in place of a search, and recorded to the bits of the run that found them.
    std::span<const GivenMask> given;
};

inline bool records(AttentionRequest::Mode mode)
{
    return mode == AttentionRequest::Mode::Observed || mode == AttentionRequest::Mode::Propagated;
}

/// What attention saw of one head: appended to, range after range, in row order. Where nothing is recorded
/// (Dense, Given) of all this only the record's log-sum-exp.
struct HeadObservation {
    HeadRecord record;
    std::vector<TokenRow> tokenRows;
    /// Global heads only: the probability that comes into every token.
    std::optional<IncomingMass> incoming;
    /// Where the normaliser is Kept: the rows that are computed exactly all the same. Shape: probeQueries
    /// [plan rows, headDim], probes [plan rows].
    ProbePlan probePlan;
    std::vector<float> probeQueries;
    std::vector<ProbeRow> probes;
};

/// Which probabilities are asked of one layer: those that rows [firstRow, firstRow + rows) give to keys
/// [firstKey, firstKey + keys), in some heads.
struct RowsRequest {
    int layer = 0;
    HeadRange heads;
    std::uint32_t firstRow = 0; ///< absolute
    std::uint32_t rows = 0;
    std::uint32_t firstKey = 0;
    std::uint32_t keys = 0;
    std::uint32_t halfBefore = 0; ///< keys before it are read as binary16 holds them
};

/// An index over one layer's keys, built before its rows are selected (the content trees of `tree`). Opaque.
struct KeyIndex {
    virtual ~KeyIndex() = default;
    /// Frees what Backend::extendIndex makes again from the keys: from now on it alone may read the index.
    virtual void release() = 0;
};

/// The layer-level operations the forward pass is made of. Every row-wise operation works on tiles of
/// kTileRows rows aligned to the absolute row index, so results do not depend on chunk sizes or threads
/// (DESIGN §4, determinism). One object serves one forward at a time. A stop is heard inside a tile too,
/// before the next panel of a product; what an operation wrote until then is not to be used. Errors:
/// OutOfMemory (allocation), Cancelled (stop requested), Internal. Threads: not thread-safe; operations fan
/// out inside.
class Backend : public Planner {
public:
    /// "cpu", and what computes: "oneDNN 2.6.3 avx512_core, 2 threads".
    virtual std::string name() const = 0;
    virtual std::string description() const = 0;

    /// Makes the model's weights ready in a form; does nothing when they are. The numbers do not depend on
    /// the form. Cost: O(parameters) for Float32, nothing for Stored.
    virtual Result<void> uploadWeights(std::shared_ptr<const Model> model,
                                       WeightForm form = WeightForm::Float32, std::stop_token stop = {}) = 0;

    virtual Result<DeviceTensor> allocate(std::size_t rows, std::size_t cols, ElementType type) = 0;

    /// The same on a disk, for what is asked seldom: every operation takes such tensors, at the disk's speed
    /// where the system does not hold them. Errors: OutOfMemory (the file is full).
    virtual Result<DeviceTensor> allocateIn(ScratchFile& scratch, std::size_t rows, std::size_t cols,
                                            ElementType type) = 0;

    /// residual[rows] = embedding[ids]. Shape: ids [rows.count]; residual [*, hidden].
    virtual Result<void> embed(std::span<const std::int32_t> ids, RowRange rows, DeviceTensor& residual) = 0;

    /// Norm, key and value projections, rotary of one layer. Shape: keys, values [positions, numKvHeads ·
    /// headDim], indexed by absolute position, F32 or F16; not for layers that borrow them. Errors: BadFormat
    /// naming layer and row when a result is not finite, here and in projectQueries and feedForward: the
    /// model is damaged, and attention would not show it; BadFormat naming the layer when F16 does not hold
    /// one.
    virtual Result<void> projectKeysValues(int layer, const DeviceTensor& residual, RowRange rows,
                                           DeviceTensor& keys, DeviceTensor& values,
                                           std::stop_token stop) = 0;

    /// Norm, query projection, rotary; the attention scale is multiplied in. Shape: queries [rows.count,
    /// heads.count · headDim], row 0 is rows.first.
    virtual Result<void> projectQueries(int layer, const DeviceTensor& residual, RowRange rows,
                                        HeadRange heads, DeviceTensor& queries, std::stop_token stop) = 0;

    /// Whatever selection needs to know of all keys first; null when it needs nothing.
    /// Only keys [0, numKeys) are indexed.
    virtual Result<std::shared_ptr<KeyIndex>> indexKeys(int layer, const DeviceTensor& keys,
                                                        std::uint32_t numKeys, const SelectParams& select,
                                                        std::stop_token stop) = 0;

    /// A copy of an index, released or not, with keys [indexed, numKeys) added: they join the nodes nearest
    /// to them, nothing is rebuilt.
    virtual Result<std::shared_ptr<KeyIndex>>
    extendIndex(const KeyIndex& index, int layer, const DeviceTensor& keys, std::uint32_t numKeys) = 0;

    /// Selection and attention of one layer. `observations` has one entry a head, or none where nothing is
    /// recorded and no log-sum-exp is asked for. Errors: Internal (rows that do not begin with a tile).
    /// Shape: attended [rows, numHeads · headDim], row 0 is request.firstRow; keys, values F32, and for
    /// Decode F16 too.
    virtual Result<void> attend(const AttentionRequest& request, const DeviceTensor& queries,
                                const DeviceTensor& keys, const DeviceTensor& values, const KeyIndex* index,
                                DeviceTensor& attended, std::span<HeadObservation> observations,
                                std::stop_token stop) = 0;

    /// The exact probabilities of rows, token by token: the softmax is over every key that a row may read,
    /// whichever are asked for. Shape: queries [rows, heads.count · headDim]; keys [positions, numKvHeads ·
    /// headDim], F32 or F16; p [heads.count, rows, keys], 0 for keys that a row may not read; lse
    /// [heads.count, rows]. Cost: 2 · heads · rows · keys before the row · headDim FLOP.
    virtual Result<void> rowProbabilities(const RowsRequest& request, const DeviceTensor& queries,
                                          const DeviceTensor& keys, std::span<float> p, std::span<float> lse,
                                          std::stop_token stop) = 0;

    /// Computes the probe rows of one layer's observations, when all its rows have been attended to. Does
    /// nothing where the truth is known already.
    virtual Result<void> probe(int layer, const DeviceTensor& keys, std::span<HeadObservation> observations,
                               std::stop_token stop) = 0;

    /// residual[rows] += attended · Woᵀ. attended's row 0 is rows.first.
    virtual Result<void> projectOutput(int layer, const DeviceTensor& attended, RowRange rows,
                                       DeviceTensor& residual, std::stop_token stop) = 0;

    /// residual[rows] += FFN(norm(residual[rows])); a layer without one leaves them as they are. Looks
    /// whether hidden states are finite.
    virtual Result<void> feedForward(int layer, RowRange rows, DeviceTensor& residual,
                                     std::stop_token stop) = 0;

    /// What a layer ends with, where it does: what it adds for the rows' tokens, and its scale. Shape: ids
    /// [rows.count]. Looks whether hidden states are finite.
    virtual Result<void> endLayer(int layer, std::span<const std::int32_t> ids, RowRange rows,
                                  DeviceTensor& residual, std::stop_token stop) = 0;

    /// Frees what was made of a layer's weights. What next needs the layer makes them again, to the same
    /// bits; cost: then O(its parameters).
    virtual void releaseWeights(int layer) = 0;

    /// Final norm and unembedding of chosen rows, in the mode in which they came. Shape: out [rows.size(),
    /// vocab]; rows are absolute.
    virtual Result<void> logits(const DeviceTensor& residual, std::uint32_t origin, RowMode mode,
                                std::span<const std::uint32_t> rows, std::span<float> out) = 0;

    /// What rows give to the tokens after them, of which `following` are the ids (-1: none follows). Shape:
    /// following, out [rows.count]. Never holds a row of logits whole. Errors: BadFormat (a logit that is not
    /// finite: names the row).
    virtual Result<void> predict(const DeviceTensor& residual, RowRange rows,
                                 std::span<const std::int32_t> following, std::span<RowPrediction> out,
                                 std::stop_token stop) = 0;

    /// Copies rows between tensors of equal width, converting between F32 and F16 where types differ. Rows
    /// are indices. Errors: BadFormat when F16 does not hold a value.
    virtual Result<void> copyRows(const DeviceTensor& from, std::size_t fromRow, std::size_t count,
                                  DeviceTensor& to, std::size_t toRow) = 0;

    /// Copies rows to the host as float32. Shape: out [count, cols].
    virtual Result<void> download(const DeviceTensor& from, std::size_t fromRow, std::size_t count,
                                  std::span<float> out) = 0;
};

} // namespace headwater
