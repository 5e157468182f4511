// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/row_output.h"

#include "core/base/npy.h"
#include "core/base/whole_file.h"
#include "core/trace/head_row.h"
#include "core/trace/trace_place.h"
#include "core/trace/zip_writer.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace headwater {
namespace {

template <class T> std::string_view rawBytesOf(const std::vector<T>& values)
{
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// Probabilities of all keys of one row.
void fillRow(const Trace& trace, const KnownRow& row, std::vector<float>& values)
{
    const HeadShape shape = shapeOf(*trace.findHead(row.head.layer, row.head.head));
    std::fill(values.begin(), values.end(), 0.0F);
    // A row that is listed whole leaves nothing to be unknown.
    const float unlisted = row.exact && row.bound == 0 ? 0 : std::numeric_limits<float>::quiet_NaN();
    std::fill(values.begin() + shape.firstKey(row.token), values.begin() + row.token + 1, unlisted);
    for (std::size_t i = 0; i < row.keys.size(); ++i)
        values[row.keys[i]] = row.probability[i];
}

Result<void> writeWholeRows(const Trace& trace, std::span<const KnownRow> rows,
                            const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
    const std::array<std::size_t, 2> shape{rows.size(), trace.seqLen()};
    HEADWATER_TRY(file.write(npyHeader("<f4", shape)));
    std::vector<float> values(trace.seqLen());
    for (const KnownRow& row : rows) {
        fillRow(trace, row, values);
        HEADWATER_TRY(file.write(rawBytesOf(values)));
    }
    return file.finish();
}

/// Columns of the archive, an element a row, a key or a block.
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

template <class T>
Result<void> addColumn(ZipWriter& zip, const char* name, const char* descr, const std::vector<T>& values)
{
    const std::array<std::size_t, 1> shape{values.size()};
    return zip.add(std::string(name) + ".npy", npyHeader(descr, shape), rawBytesOf(values));
}

Result<void> writeColumns(const Trace& trace, std::span<const KnownRow> rows,
                          const std::filesystem::path& path)
{
    RowColumns columns;
    for (const KnownRow& row : rows) {
        const HeadInfo& info = *trace.findHead(row.head.layer, row.head.head);
        columns.add(row, {info.rows, info.blockQ, info.blockK});
    }
    HEADWATER_TRY_ASSIGN(ZipWriter zip, ZipWriter::create(path));
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

Result<void> writeRows(const Trace& trace, std::span<const KnownRow> rows, const std::filesystem::path& path)
{
    HEADWATER_TRY(refuseTracePlace(path));
    if (path.extension() == ".npy")
        return writeWholeRows(trace, rows, path);
    if (path.extension() == ".npz")
        return writeColumns(trace, rows, path);
    return Error{ErrorCode::InvalidArgument, "expected a name that ends with .npy or .npz", path.string()};
}

} // namespace headwater
