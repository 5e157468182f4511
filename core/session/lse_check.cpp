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

Result<void> LseCheck::compare(int layer, std::span<const HeadObservation> heads)
{
    for (std::size_t head = 0; head < heads.size(); ++head) {
        const int index = static_cast<int>(head);
        if (!m_trace->findHead(layer, index) || !m_trace->hasEdges(layer, index))
            continue;
        HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadRows> stored, m_trace->loadRows(layer, index));
        const std::vector<float>& computed = heads[head].record.lse;
        if (stored->lse.size() != computed.size())
            return Error{
                ErrorCode::BadFormat,
                fmt::format("{} rows in the trace, {} computed again", stored->lse.size(), computed.size()),
                headName(layer, index)};
        ++m_heads;
        for (std::size_t row = 0; row < stored->lse.size(); ++row) {
            const float difference = std::abs(computed[row] - stored->lse[row]);
            if (!(difference <= m_tolerance)) // NaN is no agreement
                return Error{
                    ErrorCode::BadFormat,
                    fmt::format(
                        "row {} has log-sum-exp {:.6g} in the trace and {:.6g} computed again, expected to "
                        "agree within {:g}: the trace is of other weights or another prompt, or was made by "
                        "a "
                        "program that computes otherwise",
                        row, stored->lse[row], computed[row], m_tolerance),
                    fmt::format("{}, {}", m_trace->path().filename().string(), headName(layer, index))};
            m_largest = std::max(m_largest, difference);
        }
    }
    return {};
}

} // namespace headwater
