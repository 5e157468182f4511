// SPDX-License-Identifier: Apache-2.0
#include "core/session/lse_check.h"

#include "core/trace/head_row.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace headwater {
namespace {

constexpr float kSameArithmetic = 1e-4f;
constexpr float kOtherArithmetic = 5e-3f;

} // namespace

LseCheck::LseCheck(std::shared_ptr<const Trace> trace, bool sameArithmetic)
    : m_trace(std::move(trace))
    , m_tolerance(sameArithmetic ? kSameArithmetic : kOtherArithmetic)
{
}

Result<std::shared_ptr<const HeadRows>> LseCheck::storedRows(int layer, int head, std::size_t rows) const
{
    if (!m_trace->findHead(layer, head) || !m_trace->hasEdges(layer, head))
        return std::shared_ptr<const HeadRows>();
    HEADWATER_TRY_ASSIGN(std::shared_ptr<const HeadRows> stored, m_trace->loadRows(layer, head));
    if (stored->lse.size() != rows)
        return Error{ErrorCode::BadFormat,
                     fmt::format("{} rows in the trace, {} computed again", stored->lse.size(), rows),
                     headName(layer, head)};
    return stored;
}

Error LseCheck::disagreement(int layer, int head, std::size_t row, float stored, float computed) const
{
    return {ErrorCode::BadFormat,
            fmt::format("row {} has log-sum-exp {:.6g} in the trace and {:.6g} computed again, expected to "
                        "agree within {:g}: the trace is of other weights or another prompt, or was made by "
                        "a program that computes otherwise",
                        row, stored, computed, m_tolerance),
            fmt::format("{}, {}", m_trace->path().filename().string(), headName(layer, head))};
}

Result<void> LseCheck::compare(int layer, std::span<const HeadObservation> heads)
{
    for (std::size_t head = 0; head < heads.size(); ++head) {
        const int index = static_cast<int>(head);
        const std::vector<float>& computed = heads[head].record.lse;
        HEADWATER_TRY_ASSIGN(const auto stored, storedRows(layer, index, computed.size()));
        if (!stored)
            continue;
        ++m_heads;
        for (std::size_t row = 0; row < stored->lse.size(); ++row) {
            const float difference = std::abs(computed[row] - stored->lse[row]);
            if (!(difference <= m_tolerance)) // NaN is no agreement
                return disagreement(layer, index, row, stored->lse[row], computed[row]);
            m_largest = std::max(m_largest, difference);
        }
    }
    return {};
}

Result<void> LseCheck::compareRows(int layer, std::span<const std::uint32_t> rows, std::span<const float> lse)
{
    const std::size_t heads = lse.size() / rows.size();
    for (std::size_t head = 0; head < heads; ++head) {
        const int index = static_cast<int>(head);
        HEADWATER_TRY_ASSIGN(const auto stored, storedRows(layer, index, m_trace->seqLen()));
        if (!stored)
            continue;
        ++m_heads;
        const bool ofKept = m_trace->findHead(layer, index)->normaliser == Normaliser::Kept;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const float computed = lse[i * heads + head];
            const float more = computed - stored->lse[rows[i]]; // the kept keys are a part of all
            const float difference = ofKept && more > 0 ? 0.0f : std::abs(more);
            if (!(difference <= m_tolerance))
                return disagreement(layer, index, rows[i], stored->lse[rows[i]], computed);
            m_largest = std::max(m_largest, difference);
        }
    }
    return {};
}

} // namespace headwater
