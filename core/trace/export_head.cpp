// SPDX-License-Identifier: Apache-2.0
#include "core/trace/export_head.h"

#include "core/base/half.h"
#include "core/base/npy.h"
#include "core/base/text.h"
#include "core/base/whole_file.h"
#include "core/trace/trace_place.h"
#include "core/trace/zip_writer.h"

#include <array>
#include <fmt/format.h>

namespace headwater {
namespace {

template <class T> std::string_view bytesOf(const std::vector<T>& values)
{
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <class T>
Result<void> addArray(ZipWriter& zip, const char* name, const char* descr, const std::vector<T>& values)
{
    const std::array<std::size_t, 1> shape = {values.size()};
    return zip.add(fmt::format("{}.npy", name), npyHeader(descr, shape), bytesOf(values));
}

Result<void> addScalar(ZipWriter& zip, const char* name, std::int64_t value)
{
    const std::string_view bytes(reinterpret_cast<const char*>(&value), sizeof value);
    return zip.add(fmt::format("{}.npy", name), npyHeader("<i8", {}), bytes);
}

std::vector<float> floatsOf(const std::vector<std::uint16_t>& halves)
{
    std::vector<float> floats(halves.size());
    floatsFromHalves(halves, floats);
    return floats;
}

struct PeakTokens {
    std::vector<std::uint32_t> query;
    std::vector<std::uint32_t> key;
};

PeakTokens peakTokensOf(const HeadEdges& edges)
{
    PeakTokens tokens;
    tokens.query.reserve(edges.peakAt.size());
    tokens.key.reserve(edges.peakAt.size());
    for (std::uint32_t block = 0; block + 1 < edges.rowPtr.size(); ++block) {
        for (std::uint64_t edge = edges.rowPtr[block]; edge < edges.rowPtr[block + 1]; ++edge) {
            tokens.query.push_back(edges.grid.firstRow(block) + (edges.peakAt[edge] >> 8));
            tokens.key.push_back(edges.keyBlock[edge] * edges.grid.blockK + (edges.peakAt[edge] & 0xFF));
        }
    }
    return tokens;
}

/// The members scipy looks for (scipy.sparse.save_npz): indices, indptr, format, shape, data.
Result<void> addCsr(ZipWriter& zip, const HeadEdges& edges)
{
    const std::vector<std::int32_t> indices(edges.keyBlock.begin(), edges.keyBlock.end());
    const std::vector<std::int64_t> indptr(edges.rowPtr.begin(), edges.rowPtr.end());
    const std::vector<std::int64_t> shape = {edges.grid.numQueryBlocks(), edges.grid.numKeyBlocks()};
    HEADWATER_TRY(addArray(zip, "indices", "<i4", indices));
    HEADWATER_TRY(addArray(zip, "indptr", "<i8", indptr));
    HEADWATER_TRY(zip.add("format.npy", npyHeader("|S3", {}), "csr"));
    HEADWATER_TRY(addArray(zip, "shape", "<i8", shape));
    return addArray(zip, "data", "<f4", floatsOf(edges.mass));
}

/// Can be inverted: an apostrophe that begins a cell was put there where = + - @ or another apostrophe
/// follows.
std::string csvText(std::string_view token)
{
    std::string text;
    for (std::size_t begin = 0; begin < token.size();) {
        const std::size_t slash = std::min(token.find('\\', begin), token.size());
        text += printable(token.substr(begin, slash - begin));
        if (slash < token.size())
            text += "\\\\";
        begin = slash + 1;
    }
    if (!text.empty() && std::string_view("=+-@'").find(text.front()) != std::string_view::npos)
        text.insert(text.begin(), '\'');
    std::string cell = "\"";
    for (const char c : text) {
        if (c == '"')
            cell += '"';
        cell += c;
    }
    return cell + '"';
}

void appendCsvRow(const Trace& trace, const HeadEdges& edges, std::uint32_t block, std::string& lines)
{
    const BlockGrid& grid = edges.grid;
    for (std::uint64_t edge = edges.rowPtr[block]; edge < edges.rowPtr[block + 1]; ++edge) {
        const std::uint32_t firstKey = edges.keyBlock[edge] * grid.blockK;
        const std::uint32_t query = grid.firstRow(block) + (edges.peakAt[edge] >> 8);
        const std::uint32_t key = firstKey + (edges.peakAt[edge] & 0xFF);
        lines += fmt::format("{},{},{},{},{:.7g},{:.7g},{},{},{},{}\n", grid.firstRow(block),
                             grid.endRow(block), firstKey, std::min(grid.seqLen, firstKey + grid.blockK),
                             floatFromHalf(edges.mass[edge]), floatFromHalf(edges.peak[edge]), query, key,
                             csvText(trace.tokenText(query)), csvText(trace.tokenText(key)));
    }
}

} // namespace

Result<void> exportHeadNpz(const Trace& trace, int layer, int head, const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadEdges> edges, trace.loadEdges(layer, head));
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadRows> rows, trace.loadRows(layer, head));
    HEADWATER_TRY(refuseTracePlace(path));
    HEADWATER_TRY_ASSIGN(ZipWriter zip, ZipWriter::create(path));
    HEADWATER_TRY(addCsr(zip, *edges));
    const PeakTokens tokens = peakTokensOf(*edges);
    HEADWATER_TRY(addArray(zip, "peak", "<f4", floatsOf(edges->peak)));
    HEADWATER_TRY(addArray(zip, "peak_query", "<u4", tokens.query));
    HEADWATER_TRY(addArray(zip, "peak_key", "<u4", tokens.key));
    HEADWATER_TRY(addArray(zip, "lse", "<f4", rows->lse));
    HEADWATER_TRY(addArray(zip, "missed", "<f4", rows->missed));
    HEADWATER_TRY(addArray(zip, "missed_peak", "<f4", rows->missedPeak));
    HEADWATER_TRY(addScalar(zip, "block_q", edges->grid.blockQ));
    HEADWATER_TRY(addScalar(zip, "block_k", edges->grid.blockK));
    HEADWATER_TRY(addScalar(zip, "seq_len", edges->grid.seqLen));
    return zip.finish();
}

Result<void> exportHeadCsv(const Trace& trace, int layer, int head, const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadEdges> edges, trace.loadEdges(layer, head));
    HEADWATER_TRY(refuseTracePlace(path));
    HEADWATER_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
    std::string lines =
        "query_begin,query_end,key_begin,key_end,mass,peak,peak_query,peak_key,query_text,key_text\n";
    for (std::uint32_t block = 0; block + 1 < edges->rowPtr.size(); ++block) {
        appendCsvRow(trace, *edges, block, lines);
        constexpr std::size_t kFlushBytes = 1u << 20;
        if (lines.size() < kFlushBytes && block + 2 < edges->rowPtr.size())
            continue;
        HEADWATER_TRY(file.write(lines));
        lines.clear();
    }
    return file.finish();
}

} // namespace headwater
