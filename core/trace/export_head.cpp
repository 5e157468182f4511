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
#include <limits>

namespace headwater {
namespace {

std::vector<float> floatsOf(const std::vector<std::uint16_t>& halves)
{
    std::vector<float> floats(halves.size());
    floatsFromHalves(halves, floats);
    return floats;
}

/// The part of a head's edges that lies in whole blocks [firstQuery, endQuery) × [firstKey, endKey).
struct HeadPart {
    const HeadEdges& edges;
    std::uint32_t firstQuery = 0;
    std::uint32_t endQuery = 0;
    std::uint32_t firstKey = 0;
    std::uint32_t endKey = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>>
        runs; ///< of each query block, its edges [begin, end)
    std::uint64_t size = 0; ///< edges in all
};

HeadPart partOf(const HeadEdges& edges, const ExportRequest& request)
{
    const BlockGrid& grid = edges.grid;
    HeadPart part{edges, 0, grid.numQueryBlocks(), 0, grid.numKeyBlocks(), {}, 0};
    if (request.queries) {
        part.firstQuery = request.queries->begin / grid.blockQ;
        part.endQuery = std::min(part.endQuery, (request.queries->end - 1) / grid.blockQ + 1);
    }
    if (request.keys) {
        part.firstKey = request.keys->begin / grid.blockK;
        part.endKey = std::min(part.endKey, (request.keys->end - 1) / grid.blockK + 1);
    }
    for (std::uint32_t block = part.firstQuery; block < part.endQuery; ++block) {
        const auto first = edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(edges.rowPtr[block]);
        const auto last = edges.keyBlock.begin() + static_cast<std::ptrdiff_t>(edges.rowPtr[block + 1]);
        const auto begin = std::lower_bound(first, last, part.firstKey);
        const auto end = std::lower_bound(begin, last, part.endKey);
        part.runs.emplace_back(begin - edges.keyBlock.begin(), end - edges.keyBlock.begin());
        part.size += static_cast<std::uint64_t>(end - begin);
    }
    return part;
}

/// The members of one head in an archive; `prefix` stands before their names.
class NpzHead {
public:
    NpzHead(ZipWriter& zip, std::string prefix)
        : m_zip(zip)
        , m_prefix(std::move(prefix))
    {
    }

    Result<void> add(const HeadPart& part, const HeadRows& rows)
    {
        HEADWATER_TRY(addCsr(part));
        HEADWATER_TRY(addPeaks(part));
        const BlockGrid& grid = part.edges.grid;
        const std::uint32_t firstRow = grid.firstRow(part.firstQuery);
        const std::uint32_t numRows = grid.endRow(part.endQuery - 1) - firstRow;
        HEADWATER_TRY(array("lse", "<f4", std::span(rows.lse).subspan(firstRow, numRows)));
        HEADWATER_TRY(array("missed", "<f4", std::span(rows.missed).subspan(firstRow, numRows)));
        HEADWATER_TRY(array("missed_peak", "<f4", std::span(rows.missedPeak).subspan(firstRow, numRows)));
        HEADWATER_TRY(scalar("block_q", grid.blockQ));
        HEADWATER_TRY(scalar("block_k", grid.blockK));
        HEADWATER_TRY(scalar("seq_len", grid.seqLen));
        HEADWATER_TRY(scalar("first_query", firstRow));
        return scalar("first_key", part.firstKey * grid.blockK);
    }

private:
    template <class T> Result<void> array(const char* name, const char* descr, std::span<const T> values)
    {
        const std::array<std::size_t, 1> shape = {values.size()};
        return member(name, npyHeader(descr, shape), values);
    }

    Result<void> scalar(const char* name, std::int64_t value)
    {
        return member(name, npyHeader("<i8", {}), std::span<const std::int64_t>(&value, 1));
    }

    template <class T>
    Result<void> member(const char* name, const std::string& header, std::span<const T> values)
    {
        return m_zip.add(fmt::format("{}{}.npy", m_prefix, name), header,
                         {reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    }

    /// The members scipy looks for (scipy.sparse.save_npz): indices, indptr, format, shape, data.
    Result<void> addCsr(const HeadPart& part)
    {
        std::vector<std::int32_t> indices;
        std::vector<std::int64_t> indptr = {0};
        std::vector<std::uint16_t> mass;
        indices.reserve(part.size);
        mass.reserve(part.size);
        for (const auto& [begin, end] : part.runs) {
            for (std::uint64_t edge = begin; edge < end; ++edge) {
                indices.push_back(static_cast<std::int32_t>(part.edges.keyBlock[edge] - part.firstKey));
                mass.push_back(part.edges.mass[edge]);
            }
            indptr.push_back(static_cast<std::int64_t>(indices.size()));
        }
        const std::array<std::int64_t, 2> shape = {part.endQuery - part.firstQuery,
                                                   part.endKey - part.firstKey};
        HEADWATER_TRY(array("indices", "<i4", std::span<const std::int32_t>(indices)));
        HEADWATER_TRY(array("indptr", "<i8", std::span<const std::int64_t>(indptr)));
        HEADWATER_TRY(member("format", npyHeader("|S3", {}), std::span<const char>("csr", 3)));
        HEADWATER_TRY(array("shape", "<i8", std::span<const std::int64_t>(shape)));
        return array("data", "<f4", std::span<const float>(floatsOf(mass)));
    }

    Result<void> addPeaks(const HeadPart& part)
    {
        const BlockGrid& grid = part.edges.grid;
        std::vector<std::uint16_t> peak;
        std::vector<std::uint32_t> query;
        std::vector<std::uint32_t> key;
        peak.reserve(part.size);
        query.reserve(part.size);
        key.reserve(part.size);
        for (std::size_t row = 0; row < part.runs.size(); ++row) {
            const std::uint32_t firstRow = grid.firstRow(part.firstQuery + static_cast<std::uint32_t>(row));
            for (std::uint64_t edge = part.runs[row].first; edge < part.runs[row].second; ++edge) {
                const std::uint16_t at = part.edges.peakAt[edge];
                peak.push_back(part.edges.peak[edge]);
                query.push_back(firstRow + (at >> 8));
                key.push_back(part.edges.keyBlock[edge] * grid.blockK + (at & 0xFF));
            }
        }
        HEADWATER_TRY(array("peak", "<f4", std::span<const float>(floatsOf(peak))));
        HEADWATER_TRY(array("peak_query", "<u4", std::span<const std::uint32_t>(query)));
        return array("peak_key", "<u4", std::span<const std::uint32_t>(key));
    }

    ZipWriter& m_zip;
    std::string m_prefix;
};

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

/// The lines of one query block: the `row`th of the part.
void appendCsvRow(const Trace& trace, const std::string& name, const HeadPart& part, std::size_t row,
                  std::string& lines)
{
    const HeadEdges& edges = part.edges;
    const BlockGrid& grid = edges.grid;
    const std::uint32_t block = part.firstQuery + static_cast<std::uint32_t>(row);
    for (std::uint64_t edge = part.runs[row].first; edge < part.runs[row].second; ++edge) {
        const std::uint32_t firstKey = edges.keyBlock[edge] * grid.blockK;
        const std::uint32_t query = grid.firstRow(block) + (edges.peakAt[edge] >> 8);
        const std::uint32_t key = firstKey + (edges.peakAt[edge] & 0xFF);
        lines += fmt::format("{},{},{},{},{},{:.7g},{:.7g},{},{},{},{}\n", name, grid.firstRow(block),
                             grid.endRow(block), firstKey, std::min(grid.seqLen, firstKey + grid.blockK),
                             floatFromHalf(edges.mass[edge]), floatFromHalf(edges.peak[edge]), query, key,
                             csvText(trace.tokenText(query)), csvText(trace.tokenText(key)));
    }
}

/// The heads of one request, one after another, into one file or one a head.
class HeadsExport {
public:
    HeadsExport(const Trace& trace, const ExportRequest& request, const ProgressSink& progress,
                std::stop_token stop)
        : m_trace(trace)
        , m_request(request)
        , m_progress(progress)
        , m_stop(std::move(stop))
    {
    }

    Result<std::vector<ExportedHead>> write()
    {
        for (const auto& [layer, head] : m_request.heads) {
            const HeadInfo* const info = m_trace.findHead(layer, head);
            m_total += info != nullptr ? info->edges : 0; // one that is not there fails when it is read
        }
        if (!m_request.isFolder)
            HEADWATER_TRY(writeFile(m_request.path, m_request.heads));
        for (const auto& [layer, head] : m_request.heads) {
            if (!m_request.isFolder)
                break;
            const char* const ending = m_request.format == ExportFormat::Npz ? "npz" : "csv";
            HEADWATER_TRY(writeFile(m_request.path / fmt::format("L{}-H{}.{}", layer, head, ending),
                                    {HeadId{layer, head}}));
        }
        return std::move(m_written);
    }

private:
    using Heads = std::vector<HeadId>;

    Result<void> writeFile(const std::filesystem::path& path, const Heads& heads)
    {
        HEADWATER_TRY(refuseTracePlace(path));
        return m_request.format == ExportFormat::Npz ? writeNpz(path, heads) : writeCsv(path, heads);
    }

    Result<void> writeNpz(const std::filesystem::path& path, const Heads& heads)
    {
        HEADWATER_TRY_ASSIGN(ZipWriter zip, ZipWriter::create(path));
        if (heads.size() > 1) {
            std::vector<std::int64_t> names;
            for (const auto& [layer, head] : heads)
                names.insert(names.end(), {layer, head});
            const std::array<std::size_t, 2> shape = {heads.size(), 2};
            HEADWATER_TRY(
                zip.add("heads.npy", npyHeader("<i8", shape),
                        {reinterpret_cast<const char*>(names.data()), names.size() * sizeof names[0]}));
        }
        for (const auto& [layer, head] : heads) {
            HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadEdges> edges,
                                 m_trace.loadEdges(layer, head, m_stop));
            HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadRows> rows, m_trace.loadRows(layer, head));
            const HeadPart part = partOf(*edges, m_request);
            NpzHead members(zip, heads.size() > 1 ? fmt::format("L{}H{}/", layer, head) : "");
            HEADWATER_TRY(members.add(part, *rows));
            HEADWATER_TRY(finished(layer, head, part, path));
        }
        return zip.finish();
    }

    Result<void> writeCsv(const std::filesystem::path& path, const Heads& heads)
    {
        HEADWATER_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
        std::string lines =
            "layer,head,query_begin,query_end,key_begin,key_end,mass,peak,peak_query,peak_key,"
            "query_text,key_text\n";
        for (const auto& [layer, head] : heads) {
            HEADWATER_TRY_ASSIGN(const std::shared_ptr<const HeadEdges> edges,
                                 m_trace.loadEdges(layer, head, m_stop));
            const HeadPart part = partOf(*edges, m_request);
            const std::string name = fmt::format("{},{}", layer, head);
            for (std::size_t row = 0; row < part.runs.size(); ++row) {
                appendCsvRow(m_trace, name, part, row, lines);
                constexpr std::size_t kFlushBytes = 1u << 20;
                if (lines.size() < kFlushBytes)
                    continue;
                HEADWATER_TRY(file.write(lines));
                lines.clear();
                const std::uint64_t before = edges->rowPtr[part.firstQuery + row + 1];
                HEADWATER_TRY(report(m_done + before));
            }
            HEADWATER_TRY(finished(layer, head, part, path));
        }
        HEADWATER_TRY(file.write(lines));
        return file.finish();
    }

    Result<void> finished(int layer, int head, const HeadPart& part, const std::filesystem::path& path)
    {
        m_written.push_back({layer, head, part.size, path});
        m_done += part.edges.keyBlock.size();
        return report(m_done);
    }

    /// Says how far it is. Errors: Cancelled.
    Result<void> report(std::uint64_t done)
    {
        if (m_stop.stop_requested())
            return Error{ErrorCode::Cancelled, "stopped while exporting", m_trace.path().string()};
        if (m_progress)
            m_progress({"export", done, m_total, "edges", m_left.update(done, m_total)});
        return {};
    }

    const Trace& m_trace;
    const ExportRequest& m_request;
    const ProgressSink& m_progress;
    std::stop_token m_stop;
    TimeLeft m_left;
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
    std::vector<ExportedHead> m_written;
};

} // namespace

Result<std::vector<ExportedHead>> exportHeads(const Trace& trace, const ExportRequest& request,
                                              const ProgressSink& progress, std::stop_token stop)
{
    return HeadsExport(trace, request, progress, std::move(stop)).write();
}

} // namespace headwater
