// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/record/predictions.h"
#include "core/trace/trace_types.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace headwater {

/// An opened trace (*.hwt), read-only. Untrusted input: every blob's length, hash and every index is checked
/// before use; damage is BadFormat naming file, layer, head and chunk, never different numbers. Threads: all
/// const members may be called from any thread; calls that read the file run side by side, each on its own
/// connection. A trace still being written keeps none open between calls (its writer must be able to seal
/// it); when it has changed what was opened (a rewritten tail), loads say Unavailable: open it again.
class Trace {
public:
    /// Opens and reads the small tables (meta, head, token arrays). Cost: O(heads + T). A trace that is still
    /// being written, or was killed, opens with the layers committed so far; `isSealed()` is false then.
    static Result<std::shared_ptr<const Trace>> open(const std::filesystem::path& path);
    ~Trace();

    const std::filesystem::path& path() const;
    bool isSealed() const;
    /// The hash of the whole file, as its seal holds it: what a number taken from it names as its source. None
    /// while it is not sealed.
    std::optional<std::uint64_t> sealHash() const;

    /// The `meta` table as one JSON object, key → value. Keys: docs/trace_format.md.
    const nlohmann::json& meta() const;

    std::uint32_t seqLen() const; ///< tokens, generated ones included
    int numLayers() const; ///< of the model, finished or not
    int numHeads(int layer) const; ///< of the model
    std::span<const HeadInfo> heads() const; ///< the finished heads, by (layer, head)
    const HeadInfo* findHead(int layer, int head) const; ///< null: not finished or no such head

    /// The prompt's bytes (generated text included), and byte offsets of each token: token i is
    /// text[offsets[i], offsets[i + 1]); empty for tokens that add no text (BOS). Shape: offsets [seqLen +
    /// 1].
    std::string_view text() const;
    std::span<const std::uint32_t> tokenOffsets() const;
    std::string_view tokenText(std::uint32_t token) const;
    std::span<const std::int32_t> tokenIds() const;
    std::span<const Segment> segments() const;
    std::span<const std::uint32_t> sinks(int layer, int head) const; ///< marked sink tokens of that head

    /// Byte offsets where sentences begin. Shape: [sentences + 1]; the last is the text's length.
    std::span<const std::uint32_t> sentenceOffsets() const;

    /// True when the head's chunks are stored (a trace may hold overviews of heads whose chunks it does not
    /// hold).
    bool hasEdges(int layer, int head) const;
    Result<std::shared_ptr<const HeadEdges>> loadEdges(int layer, int head, std::stop_token stop = {}) const;
    Result<std::shared_ptr<const HeadRows>> loadRows(int layer, int head) const;

    /// The same of the chunks that hold these query rows, which must be of the sequence: the slices hold them
    /// and, as chunks are whole, rows around them. Errors: InvalidArgument (no row, or beyond the sequence).
    /// Cost: one chunk (about 1 MiB decoded) for one row, whatever the length.
    Result<std::shared_ptr<const EdgeSlice>> loadEdges(int layer, int head, const TokenRange& queries,
                                                       std::stop_token stop = {}) const;
    Result<std::shared_ptr<const RowSlice>> loadRows(int layer, int head, const TokenRange& queries) const;

    /// Sides stored for every finished head, ascending (powers of two, e.g. 64 and 1 024).
    std::span<const std::uint32_t> overviewSides() const;
    Result<Overview> loadOverview(int layer, int head, std::uint32_t side) const;

    /// Column marginals of a head: the mass (summed over all rows) of coarse columns of `columnTokens` tokens
    /// each.
    struct ColumnMass {
        std::uint32_t columnTokens = 0;
        std::vector<float> mass;
    };
    Result<ColumnMass> loadColumnMass(int layer, int head) const;

    /// True when the `row` table has this row (for every finished head).
    bool hasTokenRow(std::uint32_t row) const;
    /// The `row` table's entries of one row: all heads, or one head.
    Result<std::vector<TokenRow>> loadTokenRows(std::uint32_t row) const;
    Result<TokenRow> loadTokenRow(int layer, int head, std::uint32_t row) const;
    /// Of one head, by row: those of these rows that the `row` table has (hasTokenRow). Cost: one query.
    Result<std::vector<TokenRow>> loadTokenRows(int layer, int head, const TokenRange& rows) const;

    /// True when the trace holds what its rows gave to the tokens after them.
    bool hasPredictions() const;
    /// Reads and checks them. Cost: 48 bytes a token. NotFound when the trace holds none.
    Result<std::shared_ptr<const Predictions>> loadPredictions() const;

    /// One named array, decoded and checked. NotFound when it is absent.
    struct Array {
        std::string dtype; ///< "u8", "u32", "i32", "f32", "f64", ...
        std::vector<std::uint64_t> shape;
        std::vector<std::byte> data;
    };
    Result<Array> loadArray(std::string_view name) const;

private:
    struct State;
    explicit Trace(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace headwater
