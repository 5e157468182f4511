// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/row_output.h"

#include "core/base/npy.h"
#include "core/trace/head_row.h"
#include "core/trace/trace_place.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

namespace headwater {
namespace {

template <class T> std::string_view rawBytesOf(const std::vector<T>& values)
{
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// Probabilities of all keys of one row.
void fillRow(const Trace& trace, const KnownRow& row, std::span<const float> whole,
             std::vector<float>& values)
{
    std::fill(values.begin(), values.end(), 0.0F);
    if (!whole.empty()) {
        std::copy(whole.begin(), whole.end(), values.begin());
        return;
    }
    const HeadShape shape = shapeOf(*trace.findHead(row.head.layer, row.head.head));
    // A row that is listed whole leaves nothing to be unknown.
    const float unlisted = row.ofKeys && row.bound == 0 ? 0 : std::numeric_limits<float>::quiet_NaN();
    std::fill(values.begin() + shape.firstKey(row.token), values.begin() + row.token + 1, unlisted);
    for (std::size_t i = 0; i < row.keys.size(); ++i)
        values[row.keys[i]] = row.probability[i];
}

} // namespace

struct RowColumns {
    std::vector<std::int64_t> token, layer, head, ptr{0}, blockPtr{0};
    std::vector<std::uint8_t> exact;
    std::vector<float> lse, bound, rest, p, mass, peak;
    std::vector<std::uint32_t> keys, keyBegin, keyEnd, peakQuery, peakKey;

    void add(const KnownRow& row, const BlockGrid& grid)
    {
        token.push_back(row.token);
        layer.push_back(row.head.layer);
        head.push_back(row.head.head);
        exact.push_back(row.exact ? 1 : 0);
        lse.push_back(row.lse);
        bound.push_back(row.bound);
        rest.push_back(row.rest);
        keys.insert(keys.end(), row.keys.begin(), row.keys.end());
        p.insert(p.end(), row.probability.begin(), row.probability.end());
        for (const BlockEntry& block : row.blocks) {
            keyBegin.push_back(block.keyBlock * grid.blockK);
            keyEnd.push_back(std::min((block.keyBlock + 1) * grid.blockK, grid.seqLen));
            peakQuery.push_back(block.peakQuery);
            peakKey.push_back(block.peakKey);
            mass.push_back(block.mass);
            peak.push_back(block.peak);
        }
        ptr.push_back(static_cast<std::int64_t>(keys.size()));
        blockPtr.push_back(static_cast<std::int64_t>(mass.size()));
    }
};

namespace {

template <class T>
Result<void> addColumn(ZipWriter& zip, const char* name, const char* descr, const std::vector<T>& values)
{
    const std::array<std::size_t, 1> shape{values.size()};
    return zip.add(std::string(name) + ".npy", npyHeader(descr, shape), rawBytesOf(values));
}

Result<void> writeColumns(const RowColumns& columns, ZipWriter& zip)
{
    for (const auto& [name, values] : {std::pair{"token", &columns.token},
                                       {"layer", &columns.layer},
                                       {"head", &columns.head},
                                       {"ptr", &columns.ptr},
                                       {"block_ptr", &columns.blockPtr}})
        HEADWATER_TRY(addColumn(zip, name, "<i8", *values));
    HEADWATER_TRY(addColumn(zip, "exact", "|b1", columns.exact));
    for (const auto& [name, values] : {std::pair{"lse", &columns.lse},
                                       {"bound", &columns.bound},
                                       {"rest", &columns.rest},
                                       {"p", &columns.p},
                                       {"mass", &columns.mass},
                                       {"peak", &columns.peak}})
        HEADWATER_TRY(addColumn(zip, name, "<f4", *values));
    for (const auto& [name, values] : {std::pair{"keys", &columns.keys},
                                       {"key_begin", &columns.keyBegin},
                                       {"key_end", &columns.keyEnd},
                                       {"peak_query", &columns.peakQuery},
                                       {"peak_key", &columns.peakKey}})
        HEADWATER_TRY(addColumn(zip, name, "<u4", *values));
    return zip.finish();
}

} // namespace

RowOutput::RowOutput(std::shared_ptr<const Trace> trace)
    : m_trace(std::move(trace))
{
}

RowOutput::RowOutput(RowOutput&&) noexcept = default;
RowOutput& RowOutput::operator=(RowOutput&&) noexcept = default;
RowOutput::~RowOutput() = default;

Result<RowOutput> RowOutput::create(std::shared_ptr<const Trace> trace, const std::filesystem::path& path,
                                    std::size_t rows)
{
    HEADWATER_TRY(refuseTracePlace(path));
    RowOutput output(std::move(trace));
    if (path.extension() == ".npz") {
        HEADWATER_TRY_ASSIGN(output.m_archive, ZipWriter::create(path));
        output.m_columns = std::make_unique<RowColumns>();
    } else if (path.extension() == ".npy") {
        HEADWATER_TRY_ASSIGN(output.m_array, WholeFile::create(path));
        const std::array<std::size_t, 2> shape{rows, output.m_trace->seqLen()};
        HEADWATER_TRY(output.m_array->write(npyHeader("<f4", shape)));
    } else {
        return Error{ErrorCode::InvalidArgument, "expected a name that ends with .npy or .npz",
                     path.string()};
    }
    return output;
}

Result<void> RowOutput::add(const KnownRow& row, std::span<const float> whole)
{
    if (m_array) {
        std::vector<float> values(m_trace->seqLen());
        fillRow(*m_trace, row, whole, values);
        return m_array->write(rawBytesOf(values));
    }
    const HeadInfo& info = *m_trace->findHead(row.head.layer, row.head.head);
    m_columns->add(row, {info.rows, info.blockQ, info.blockK});
    return {};
}

Result<void> RowOutput::finish()
{
    return m_array ? m_array->finish() : writeColumns(*m_columns, *m_archive);
}

} // namespace headwater
