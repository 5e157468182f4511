// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/base/token_range.h"
#include "core/trace/trace_reader.h"
#include "core/trace/trace_types.h"

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace headwater {

/// Where a head's data comes from: a trace file, or made data in tests and benches.
/// Threads: all members may be called from any thread.
class HeadSource {
public:
    virtual ~HeadSource() = default;
    virtual std::uint32_t seqLen() const = 0;
    virtual const HeadInfo* findHead(int layer, int head) const = 0; ///< null: not finished or no such head
    virtual bool hasEdges(int layer, int head) const = 0;
    virtual Result<std::shared_ptr<const HeadEdges>> loadEdges(int layer, int head,
                                                               std::stop_token stop) const = 0;
    /// The whole chunks that hold these query rows (Trace::loadEdges).
    virtual Result<std::shared_ptr<const EdgeSlice>> loadEdges(int layer, int head, const TokenRange& queries,
                                                               std::stop_token stop) const = 0;
    /// Missed mass per row, NaN where unknown. Shape: [seqLen].
    virtual Result<std::vector<float>> loadMissed(int layer, int head) const = 0;
    /// The rows of `rows` that are recorded token by token, ascending.
    virtual Result<std::vector<TokenRow>> loadTokenRows(int layer, int head, TokenRange rows) const = 0;
    virtual std::span<const std::uint32_t> overviewSides() const = 0; ///< ascending
    virtual Result<Overview> loadOverview(int layer, int head, std::uint32_t side) const = 0;
};

/// True where a head of one source is that of another, finished in both: an older and a newer snapshot of a
/// growing trace, say.
bool isSameHead(const HeadSource& a, const HeadSource& b, int layer, int head);

/// The heads of an opened trace.
class TraceHeadSource final : public HeadSource {
public:
    explicit TraceHeadSource(std::shared_ptr<const Trace> trace);
    std::uint32_t seqLen() const override;
    const HeadInfo* findHead(int layer, int head) const override;
    bool hasEdges(int layer, int head) const override;
    Result<std::shared_ptr<const HeadEdges>> loadEdges(int layer, int head,
                                                       std::stop_token stop) const override;
    Result<std::shared_ptr<const EdgeSlice>> loadEdges(int layer, int head, const TokenRange& queries,
                                                       std::stop_token stop) const override;
    Result<std::vector<float>> loadMissed(int layer, int head) const override;
    Result<std::vector<TokenRow>> loadTokenRows(int layer, int head, TokenRange rows) const override;
    std::span<const std::uint32_t> overviewSides() const override;
    Result<Overview> loadOverview(int layer, int head, std::uint32_t side) const override;

private:
    std::shared_ptr<const Trace> m_trace;
};

} // namespace headwater
