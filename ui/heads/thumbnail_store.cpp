// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/heads/thumbnail_store.h"

#include "core/base/log_code.h"

#include <algorithm>
#include <utility>

namespace headwater {

namespace {

/// Few enough that the first are on screen at once, many enough that a hand-over costs nothing.
constexpr std::size_t kBatch = 24;

struct CellSpan {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

/// Every cell belongs to one pixel where there are fewer pixels than cells; otherwise a pixel shows one cell.
std::vector<CellSpan> cellsOfPixels(int side, std::uint32_t cells)
{
    const auto firstOf = [&](int pixel) {
        return static_cast<std::uint32_t>(std::uint64_t{cells} * static_cast<std::uint64_t>(pixel)
                                          / static_cast<std::uint64_t>(side));
    };
    std::vector<CellSpan> spans;
    for (int i = 0; i < side; ++i)
        spans.push_back({firstOf(i), std::max(firstOf(i) + 1, firstOf(i + 1))});
    return spans;
}

std::uint8_t largestCode(const Overview& overview, MapMode mode, CellSpan rows, CellSpan cols)
{
    std::uint8_t most = 0;
    if (mode == MapMode::Missed)
        return *std::max_element(overview.missed.begin() + rows.begin, overview.missed.begin() + rows.end);
    const std::vector<std::uint8_t>& codes = mode == MapMode::Count ? overview.count
        : showsContent(overview, mode)                              ? overview.content
                                                                    : overview.max;
    for (std::uint32_t row = rows.begin; row < rows.end; ++row) {
        const auto line = codes.begin() + static_cast<std::ptrdiff_t>(std::size_t{row} * overview.side);
        most = std::max(most, *std::max_element(line + cols.begin, line + cols.end));
    }
    return most;
}

} // namespace

ColourScale contentScale(const Overview& overview, ColourScale::Map map)
{
    constexpr double kDecades = 1e-3;
    const std::uint8_t brightest = *std::max_element(overview.content.begin(), overview.content.end());
    const double high = std::max(static_cast<double>(probabilityOfCode(brightest)), 0x1p-14);
    return {map, true, high * kDecades, high};
}

QImage thumbnailOf(const Overview& overview, std::uint32_t seqLen, int side, const ColourLut& lut,
                   MapMode mode)
{
    QImage image(side, side, QImage::Format_RGB32);
    image.fill(lut.background);
    const std::uint64_t cell = std::uint64_t{1} << overview.level;
    const auto cells =
        static_cast<std::uint32_t>(std::min<std::uint64_t>((seqLen + cell - 1) / cell, overview.side));
    if (cells == 0)
        return image;
    const std::vector<CellSpan> spans = cellsOfPixels(side, cells);
    for (int y = 0; y < side; ++y) {
        auto* const line = reinterpret_cast<QRgb*>(image.scanLine(y));
        const CellSpan rows = spans[static_cast<std::size_t>(y)];
        for (int x = 0; x < side && spans[static_cast<std::size_t>(x)].begin < rows.end; ++x) {
            const std::uint8_t code = largestCode(overview, mode, rows, spans[static_cast<std::size_t>(x)]);
            const bool isUnknown = mode == MapMode::Missed && code == kUnknownCode;
            line[x] = isUnknown ? ((x + y) % 4 == 0 ? lut.hatch : lut.masked) : lut.ofCode[code];
        }
    }
    return image;
}

ThumbnailStore::ThumbnailStore(QObject* parent)
    : QObject(parent)
    , m_job(this)
{
}

void ThumbnailStore::setTrace(std::shared_ptr<const Trace> trace)
{
    const bool isSame = m_trace && trace && m_trace->path() == trace->path();
    m_trace = std::move(trace);
    m_job.cancel();
    m_failure.clear();
    m_nextInfo = 0;
    m_numLoaded = 0;
    m_numWithContent = 0;
    if (!isSame)
        m_entries.clear();
    if (!m_trace)
        return;
    m_entries.resize(static_cast<std::size_t>(m_trace->numLayers()));
    for (int layer = 0; layer < m_trace->numLayers(); ++layer) {
        std::vector<Entry>& entries = m_entries[static_cast<std::size_t>(layer)];
        entries.resize(static_cast<std::size_t>(m_trace->numHeads(layer)));
        for (Entry& entry : entries)
            entry.isCurrent = false;
    }
    loadNext();
}

void ThumbnailStore::want(std::vector<HeadId> heads)
{
    m_wanted = std::move(heads);
    if (!m_job.isRunning())
        loadNext();
}

ThumbnailStore::Entry* ThumbnailStore::entryOf(HeadId head)
{
    return holds(head) ? &m_entries[static_cast<std::size_t>(head.layer)][static_cast<std::size_t>(head.head)]
                       : nullptr;
}

bool ThumbnailStore::holds(HeadId head) const
{
    if (head.layer < 0 || static_cast<std::size_t>(head.layer) >= m_entries.size())
        return false;
    return head.head >= 0
        && static_cast<std::size_t>(head.head) < m_entries[static_cast<std::size_t>(head.layer)].size();
}

std::shared_ptr<const Overview> ThumbnailStore::find(HeadId head) const
{
    if (!holds(head))
        return nullptr;
    return m_entries[static_cast<std::size_t>(head.layer)][static_cast<std::size_t>(head.head)].overview;
}

std::vector<HeadId> ThumbnailStore::nextBatch()
{
    std::vector<HeadId> batch;
    const auto add = [&](HeadId head) {
        Entry* const entry = entryOf(head);
        if (entry && !entry->isCurrent && m_trace->findHead(head.layer, head.head)) {
            entry->isCurrent = true;
            batch.push_back(head);
        }
    };
    for (std::size_t i = 0; i < m_wanted.size() && batch.size() < kBatch; ++i)
        add(m_wanted[i]);
    const std::span<const HeadInfo> infos = m_trace->heads();
    for (; m_nextInfo < infos.size() && batch.size() < kBatch; ++m_nextInfo)
        add({infos[m_nextInfo].layer, infos[m_nextInfo].head});
    return batch;
}

void ThumbnailStore::loadNext()
{
    if (!m_trace || m_trace->overviewSides().empty())
        return;
    std::vector<HeadId> heads = nextBatch();
    if (heads.empty())
        return;
    m_job.start(
        [trace = m_trace, heads = std::move(heads)](const std::stop_token& stop) {
            Batch batch;
            const std::uint32_t side = trace->overviewSides().front();
            for (const HeadId head : heads) {
                if (stop.stop_requested())
                    break;
                batch.emplace_back(head, trace->loadOverview(head.layer, head.head, side));
            }
            return batch;
        },
        [this](Batch batch) { take(std::move(batch)); });
}

void ThumbnailStore::take(Batch batch)
{
    for (auto& [head, overview] : batch) {
        Entry* const entry = entryOf(head);
        if (!entry)
            continue;
        if (overview) {
            m_numWithContent += overview->content.empty() ? 0 : 1;
            entry->overview = std::make_shared<const Overview>(std::move(*overview));
            ++m_numLoaded;
        } else {
            entry->overview.reset();
            if (m_failure.isEmpty())
                m_failure = QString::fromStdString(overview.error().text());
        }
    }
    loadNext();
    emit loaded();
}

} // namespace headwater
