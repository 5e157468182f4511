// SPDX-License-Identifier: Apache-2.0
#include "core/session/lse_check.h"

#include "core/base/gemm.h"
#include "core/trace/head_row.h"
#include "core/trace/meta_text.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace headwater {

bool isSameArithmetic(const Trace& trace)
{
    return metaText(trace.meta(), "/device/description").starts_with(std::string(gemmLibrary()) + ",");
}

LseCheck::LseCheck(std::shared_ptr<const Trace> trace, float tolerance)
    : m_trace(std::move(trace))
    , m_tolerance(tolerance)
{
}

Result<std::shared_ptr<const HeadRows>> LseCheck::storedRows(int layer, int head, std::size_t rows) const
{
    if (!m_trace->findHead(layer, head) || !m_trace->hasEdges(layer, head))
        return std::shared_ptr<const HeadRows>();
    HEADWATER_TRY_ASSIGN(std::shared_ptr<const HeadRows> stored, m_trace->loadRows(layer, head));
    if (stored->lse.size() < rows)
        return Error{ErrorCode::BadFormat,
                     fmt::format("{} rows in the trace, {} computed again", stored->lse.size(), rows),
                     headName(layer, head)};
    return stored;
}

Error LseCheck::disagreement(int layer, int head, std::size_t row, float stored, float computed) const
{
    return {
        ErrorCode::BadFormat,
        fmt::format("row {} has log-sum-exp {:.6g} in the trace and {:.6g} computed again, expected {}: the "
                    "trace is of other weights or another prompt, or was made by a program that computes "
                    "otherwise",
                    row, stored, computed,
                    m_tolerance > 0 ? fmt::format("to agree within {:g}", m_tolerance) : "the same bits"),
        fmt::format("{}, {}", m_trace->path().filename().string(), headName(layer, head))};
}

Result<void> LseCheck::compare(int layer, std::span<const HeadObservation> heads, std::uint32_t end)
{
    for (std::size_t head = 0; head < heads.size(); ++head) {
        const int index = static_cast<int>(head);
        const HeadRecord& record = heads[head].record;
        if (record.firstRow + record.lse.size() < end)
            return Error{ErrorCode::BadFormat,
                         fmt::format("rows up to {} computed again, {} in the trace",
                                     record.firstRow + record.lse.size(), end),
                         headName(layer, index)};
        HEADWATER_TRY_ASSIGN(const auto stored, storedRows(layer, index, end));
        if (!stored)
            continue;
        ++m_heads;
        for (std::uint32_t row = record.firstRow; row < end; ++row) {
            const float computed = record.lse[row - record.firstRow];
            const float difference = std::abs(computed - stored->lse[row]);
            if (!(difference <= m_tolerance)) // NaN is no agreement
                return disagreement(layer, index, row, stored->lse[row], computed);
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
