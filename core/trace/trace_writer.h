// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/record/head_sums.h"
#include "core/record/predictions.h"
#include "core/trace/trace_types.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

namespace headwater {

/// Writes a trace: one transaction a finished layer; what is not committed does not exist (DESIGN §4).
/// Errors: CannotCreate (begin), Io (full disk: message has the path and the bytes needed).
class TraceWriter {
public:
    /// What is known before the first layer: everything a reader needs to show a growing trace.
    struct Begin {
        nlohmann::json meta; ///< object; each member becomes a row of `meta`
        std::string text;
        std::vector<std::uint32_t> tokenOffsets; ///< [tokens + 1]
        std::vector<std::int32_t> tokenIds; ///< [tokens]
        std::vector<Segment> segments;
        std::vector<std::uint32_t> sentenceOffsets;
        std::vector<int> headsPerLayer; ///< [numLayers]
    };

    /// Creates PATH (refuses to replace a file unless `replace`) with the small tables, whole or not at all:
    /// an older trace stays until the new one can be opened. Then goes on in WAL mode.
    static Result<TraceWriter> create(const std::filesystem::path& path, const Begin& begin, bool replace);
    /// Goes on with a trace that a writer of this minor version left without a seal, however it ended.
    /// Errors: InvalidArgument (it is sealed), Unsupported (another minor version), CannotCreate (another
    /// program has it open), those of openTraceFile.
    static Result<TraceWriter> reopen(const std::filesystem::path& path);
    TraceWriter(TraceWriter&&) noexcept;
    TraceWriter& operator=(TraceWriter&&) noexcept;
    ~TraceWriter(); ///< closes without sealing: the trace stays readable with the layers committed so far

    /// One finished head: its record (all rows), statistics, sinks, token rows and probe array.
    struct FinishedHead {
        HeadRecord record;
        // Of the whole head, also where the record begins at a tail.
        HeadStatistics statistics;
        PairCounts pairs;
        OverviewShape contentShape;
        std::vector<std::uint8_t> contentCodes; ///< [side, side] (core/record/content_plane.h), or empty

        void takeSums(const HeadSums& sums);
        std::uint32_t keepKeys = 0; ///< the budget in keys
        std::vector<std::uint32_t> sinks; ///< ascending
        std::vector<TokenRow> tokenRows;
        /// True mass kept of each probe row (kept normaliser only): rows and values, equal length.
        std::vector<std::uint32_t> probeRow;
        std::vector<float> probeKeptMass;
        bool writeEdges = true; ///< false: only the overviews (synthetic traces)
    };

    /// From now on `threads` encode the heads of a layer, the calling one counted (before: it alone). The
    /// bytes are the same.
    void encodeWith(std::size_t threads);

    /// Commits one layer in one transaction. A chunk boundary is placed at `tailRow` (0: none) so that
    /// rewriteTail can replace what follows it.
    Result<void> writeLayer(int layer, std::span<const FinishedHead> heads, std::uint32_t tailRow);
    /// The same with heads made one at a time, so that only one record is in memory. `make` is called for 0,
    /// 1, ...
    Result<void> writeLayer(int layer, int numHeads,
                            const std::function<Result<FinishedHead>(int head)>& make, std::uint32_t tailRow);

    /// Replaces, in one transaction, the chunks from `tailRow` on of every head by the given records (whose
    /// firstRow is tailRow), appends the generated tokens, and replaces statistics, overviews and token rows
    /// from that row on. Cost: reads the chunks before tailRow once, for the overviews.
    struct Tail {
        std::uint32_t tailRow = 0;
        std::string text; ///< whole text, generated part included
        std::vector<std::uint32_t> tokenOffsets;
        std::vector<std::int32_t> tokenIds;
        std::vector<Segment> segments;
        std::vector<std::uint32_t> sentenceOffsets;
        std::vector<FinishedHead> heads; ///< every head of every finished layer
        /// Of the whole sequence; null only where none were written before.
        const Predictions* predictions = nullptr;
    };
    Result<void> rewriteTail(const Tail& tail);

    /// Puts in what the rows of the sequence as it stands gave to the tokens after them. Errors:
    /// InvalidArgument (they contradict the tokens or themselves).
    Result<void> writePredictions(const Predictions& predictions);

    Result<void> setMeta(std::string_view key, const nlohmann::json& value);

    /// Writes the seal over all hashes, checkpoints and leaves one file.
    Result<void> seal();

private:
    struct State;
    explicit TraceWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace headwater
