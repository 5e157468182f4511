// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/forward/replay.h"
#include "core/record/predictions.h"
#include "core/record/quantity.h"
#include "core/trace/trace_reader.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace headwater {

class LseCheck;

/// Probabilities computed again, token by token; the softmax is over every key that a row may read.
struct ExactRows {
    HeadRange heads;
    std::uint32_t firstRow = 0;
    std::uint32_t rows = 0;
    std::uint32_t firstKey = 0;
    std::uint32_t keys = 0;
    std::vector<float> p; ///< [heads, rows, keys]; 0 for keys that a row may not read
    std::vector<float> lse; ///< [heads, rows]: of the whole row
};

/// What the rows from a key on give to it.
struct ExactColumns {
    HeadRange heads;
    std::uint32_t key = 0;
    std::vector<float>
        p; ///< [heads, tokens - key], of the rows key, key + 1, …; 0 where a row may not read it
    /// How far p may be off, as a share of itself: by the row sums, which are the trace's (as far as the
    /// session's check saw them differ from its own; where it tried some rows alone, its tolerance), and by
    /// float32 scores.
    float relativeError = 0;
};

/// A trace's prompt, forwarded again as the trace was made, and kept: keys, values and residual stream of all
/// layers. It answers what the trace does not hold: any row, any column. Needs the model that made the trace,
/// and says so when it is another one. Threads: not thread-safe.
class WarmSession {
public:
    struct Options {
        ElementType keysAs = ElementType::F32; ///< F16: rounded keys, where there is no room
        std::uint32_t chunkRows = 2048;
        std::filesystem::path scratchFolder; ///< where the state lies on a disk; empty: it is in memory
    };

    /// Whether the model is the one that made the trace, by its header and its heads. Errors: InvalidArgument
    /// (another model, named), BadFormat.
    static Result<void> checkModel(const Trace& trace, const Model& model);

    /// Forwards the trace's tokens: dense where its run was observed, else over the stored masks; the rows
    /// that a run wrote again after it had generated, as it did. The weights must have been uploaded to the
    /// backend, which outlives the session. Every row's log-sum-exp of every head whose rows are
    /// stored is compared on the way. Cost: one forward, and forwardStateBytes(). Errors: InvalidArgument
    /// (another model), BadFormat (the check fails: names head and row), Unsupported (masks that the trace
    /// does not hold), OutOfMemory, those of ScratchFile::create, Cancelled, those of the trace.
    static Result<std::unique_ptr<WarmSession>>
    open(Backend& backend, std::shared_ptr<const Model> model, std::shared_ptr<const Trace> trace,
         const Options& options, const ProgressSink& progress = {}, std::stop_token stop = {});

    /// Takes over what the very run that made the trace has left (ForwardOptions::keepState), without another
    /// forward: the log-sum-exp of four rows of all heads is compared, and the last recorded row token by
    /// token. Cost: five rows of all heads, and decoding every head's row sums. Errors: as of open;
    /// InvalidArgument (a state of another length or another model).
    static Result<std::unique_ptr<WarmSession>> adopt(Backend& backend, std::shared_ptr<const Model> model,
                                                      std::shared_ptr<const Trace> trace, ForwardState state,
                                                      std::stop_token stop = {});

    /// A window of one layer's heads. Errors: InvalidArgument (outside the model or the sequence), Cancelled.
    /// Cost: projects the rows' queries, reads the keys before them once.
    Result<ExactRows> window(int layer, HeadRange heads, std::uint32_t firstRow, std::uint32_t rows,
                             std::uint32_t firstKey, std::uint32_t keys, std::stop_token stop = {});

    /// A whole row of one layer's heads: keys [0, row].
    Result<ExactRows> row(int layer, HeadRange heads, std::uint32_t row, std::stop_token stop = {});

    /// A key's readers in one layer's heads. Errors: as window; Unsupported where the trace holds the
    /// normalisers of the kept keys alone, or the session's keys are rounded. Cost: projects the heads'
    /// queries of all rows from the key on.
    Result<ExactColumns> columns(int layer, HeadRange heads, std::uint32_t key, std::stop_token stop = {});

    /// What rows [first, first + count) give to the tokens after them; the last token is followed by none.
    /// Errors: InvalidArgument (outside the sequence), those of Backend::predict. Cost: 2 · count · hidden ·
    /// vocabulary FLOP.
    Result<std::vector<RowPrediction>> predictions(std::uint32_t first, std::uint32_t count,
                                                   std::stop_token stop = {});

    /// "p_model" of a trace that was observed, else "p_stream": whole rows of the sparse forward, whatever
    /// the trace's own numbers are of.
    const char* quantity() const { return wholeRowQuantity(!m_observed); }
    /// Keys and values are float32: rows are exact to float32.
    bool isExact() const { return m_state.keysAs() == ElementType::F32; }
    std::uint64_t bytes() const { return m_state.bytes(); }
    bool isInScratch() const { return m_isInScratch; } ///< those bytes lie on a disk
    const std::shared_ptr<const Trace>& trace() const { return m_trace; }

    /// What the check of the log-sum-exp saw.
    struct Check {
        std::uint32_t heads = 0;
        std::uint32_t rows = 0; ///< of each head: all, or those that an adopted state was tried on
        float largest = 0;
        float tolerance = 0;
    };
    const Check& check() const { return m_check; }

private:
    WarmSession(Backend& backend, std::shared_ptr<const Model> model, std::shared_ptr<const Trace> trace,
                ForwardState state);
    Result<void> takeCheck(const LseCheck& check, std::uint32_t rows);

    Result<void> checkRange(int layer, HeadRange heads, std::uint32_t firstRow, std::uint32_t rows,
                            std::uint32_t firstKey, std::uint32_t keys) const;
    /// The queries of rows. Shape: [rows, heads.count · headDim].
    Result<DeviceTensor> queries(int layer, HeadRange heads, std::uint32_t firstRow, std::uint32_t rows,
                                 std::stop_token stop);
    /// The last row that the trace recorded, against the session's own.
    Result<void> checkRecordedRow(std::stop_token stop);
    /// The key of each head, as the prompt's rows read it. Shape: [heads, headDim].
    Result<std::vector<float>> keysOf(int layer, HeadRange heads, std::uint32_t key);
    std::uint32_t rowsAtOnce(std::uint32_t first, std::uint32_t end) const;
    std::uint32_t halfBefore(std::uint32_t row) const { return row < m_state.tailRow ? 0 : m_state.tailRow; }

    Backend& m_backend;
    std::shared_ptr<const Model> m_model;
    std::shared_ptr<const Trace> m_trace;
    bool m_observed = false;
    bool m_isInScratch = false;
    ForwardState m_state;
    Check m_check;
};

} // namespace headwater
