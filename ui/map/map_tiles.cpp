// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/map_tiles.h"

#include "core/base/processors.h"
#include "core/record/overview_shape.h"
#include "core/tiles/tile_geometry.h"
#include "ui/bridge/background_job.h"
#include "ui/map/view_geometry.h"

#include <QCoreApplication>
#include <QEvent>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

/// How many screens to each side are prefetched.
constexpr double kSkirt = 0.5;

} // namespace

MapTiles::MapTiles(Subject* subject, MapLook* look, ViewReader* reader, QObject* parent)
    : QObject(parent)
    , m_subject(subject)
    , m_look(look)
    , m_reader(reader)
    , m_mailbox(std::make_shared<Mailbox>())
{
    m_mailbox->owner = this;
    connect(reader, &ViewReader::readingChanged, this, &MapTiles::takeTrace);
    connect(reader, &ViewReader::exactChanged, this, [this](const ExactPart& part) {
        if (part.head) // the row of every head is no part of a map
            refreshExact(part.head->layer, part.head->head);
    });
    connect(subject, &Subject::shownHeadChanged, this, &MapTiles::request);
    connect(look, &MapLook::viewportChanged, this, &MapTiles::request);
    takeTrace();
}

MapTiles::~MapTiles()
{
    const std::scoped_lock lock(m_mailbox->mutex);
    m_mailbox->owner = nullptr;
}

void MapTiles::takeTrace()
{
    const TraceReading& reading = m_reader->reading();
    if (m_source && reading.heads != m_heads) {
        // Its end waits for its threads: not here.
        BackgroundJob::leave([old = std::move(m_source)]() mutable { old.reset(); });
        m_source.reset();
    }
    m_heads = reading.heads;
    m_seqLen = reading ? reading.trace->seqLen() : 0;
    if (m_source) {
        m_source->setSource(m_heads->source());
    } else if (m_heads) {
        TileSource::Options options;
        options.threads = std::clamp<std::size_t>(availableProcessors() - 1, 1, 4);
        m_source = std::make_shared<TileSource>(m_heads, options, [mailbox = m_mailbox](std::uint64_t) {
            const std::scoped_lock lock(mailbox->mutex);
            if (!mailbox->owner || mailbox->queued)
                return;
            mailbox->queued = true;
            QCoreApplication::postEvent(mailbox->owner, new QEvent(QEvent::User));
        });
        m_source->setExact(reading.exact);
    }
    emit sourceChanged();
    request();
}

void MapTiles::customEvent(QEvent*)
{
    {
        const std::scoped_lock lock(m_mailbox->mutex);
        m_mailbox->queued = false;
    }
    emit tilesChanged();
}

void MapTiles::setSurface(const QSize& size, double devicePixelRatio)
{
    if (size == m_size && devicePixelRatio == m_devicePixelRatio)
        return;
    m_size = size;
    m_devicePixelRatio = devicePixelRatio;
    request();
}

BlockGrid MapTiles::grid() const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!trace)
        return {};
    const HeadInfo* info = shownHeadInfo();
    if (!info && !trace->heads().empty())
        info = &trace->heads().front();
    if (!info)
        return defaultGrid(trace->seqLen());
    return {trace->seqLen(), std::max(1U, info->blockQ), std::max(1U, info->blockK)};
}

std::uint32_t MapTiles::level() const
{
    const BlockGrid blocks = grid();
    const std::uint32_t level = drawnLevel(m_look->viewport(), m_devicePixelRatio, blocks);
    // Of a head without edges nothing finer than its overviews can ever be drawn.
    const HeadInfo* info = shownHeadInfo();
    return info && info->chunks == 0 ? std::max(level, overviewShapes(blocks).back().level) : level;
}

double MapTiles::blocksPerCell() const
{
    const BlockGrid blocks = grid();
    if (blocks.seqLen == 0)
        return 1;
    const double cell = static_cast<double>(std::uint64_t{1} << level());
    return std::max(1.0, cell / blocks.blockQ) * std::max(1.0, cell / blocks.blockK);
}

void MapTiles::request()
{
    ++m_generation;
    if (m_source && shownHeadInfo() && m_size.isEmpty()) {
        // The map has not been laid out yet: meanwhile the whole of it, which reads the head.
        const HeadId head = m_subject->shownHead();
        const TileKey whole{head.layer, head.head, coarsestLevel(m_seqLen), 0, 0};
        m_source->request(m_generation, {&whole, 1}, {});
    } else if (m_source && shownHeadInfo()) {
        const MapViewport& viewport = m_look->viewport();
        const std::uint32_t seqLen = m_seqLen;
        const HeadId head = m_subject->shownHead();
        std::vector<TileKey> visible = tilesInView(viewport, m_size, seqLen, head, level());
        const std::vector<TileKey> parents = parentsOf(visible, seqLen);
        visible.insert(visible.begin(), parents.begin(), parents.end());
        std::vector<TileKey> skirt = tilesInView(viewport, m_size, seqLen, head, level(), kSkirt);
        std::erase_if(skirt, [&visible](const TileKey& key) {
            return std::find(visible.begin(), visible.end(), key) != visible.end();
        });
        m_source->request(m_generation, visible, skirt);
    }
    emit tilesChanged();
}

MapFrame MapTiles::frame(const Theme& theme) const
{
    MapFrame frame;
    frame.viewport = m_look->viewport();
    frame.size = m_size;
    frame.devicePixelRatio = m_devicePixelRatio;
    frame.grid = grid();
    frame.mode = m_look->mode();
    frame.mask = m_look->mask();
    frame.colours = makeColourLut(m_look->colours(), frame.mode, blocksPerCell(), theme);
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    if (!m_source || !trace || !shownHeadInfo())
        return frame;
    const HeadId head = m_subject->shownHead();
    frame.level = level();
    frame.sinks = trace->sinks(head.layer, head.head);
    for (const auto& window : exactAmongThem())
        frame.exact.push_back({window->rows, window->keys, window->isModel});
    for (const TileKey& key : tilesInView(frame.viewport, m_size, m_seqLen, head, frame.level)) {
        std::shared_ptr<const Tile> tile = m_source->find(key);
        if (!tile)
            tile = m_source->findAncestor(key);
        frame.tiles.push_back({key, std::move(tile)});
    }
    return frame;
}

std::optional<MapTiles::PairsOnScreen> MapTiles::pairsOnScreen() const
{
    const HeadInfo* const info = shownHeadInfo();
    if (!info || info->chunks == 0 || m_look->mode() != MapMode::Max || m_size.isEmpty()
        || level() >= blockLevel(grid()))
        return std::nullopt;
    const MapViewport& view = m_look->viewport();
    const double cell = std::exp2(level()); // a cell is exact where all of its pairs are given
    const auto cells = [&](double origin, double tokens) {
        const auto token = [this](double at) {
            return static_cast<std::uint32_t>(std::clamp(at, 0.0, static_cast<double>(m_seqLen)));
        };
        return TokenRange{token(std::floor(origin / cell) * cell),
                          token(std::ceil((origin + tokens) / cell) * cell)};
    };
    PairsOnScreen pairs{cells(view.query, m_size.height() * view.queryTokensPerPixel()),
                        cells(view.key, m_size.width() * view.tokensPerPixel)};
    pairs.keys.end = std::min(pairs.keys.end, pairs.rows.end); // no row reads its future
    if (pairs.rows.begin >= pairs.rows.end || pairs.keys.begin >= pairs.keys.end)
        return std::nullopt;
    return pairs;
}

ExactWindows::Windows MapTiles::exactAmongThem() const
{
    const std::optional<PairsOnScreen> pairs = pairsOnScreen();
    const TraceReading& reading = m_reader->reading();
    const HeadId head = m_subject->shownHead();
    return pairs ? reading.exact->touching(head.layer, head.head, pairs->rows, pairs->keys)
                 : ExactWindows::Windows();
}

std::shared_ptr<const ExactWindow> MapTiles::exactOnScreen() const
{
    const std::optional<PairsOnScreen> pairs = pairsOnScreen();
    const TraceReading& reading = m_reader->reading();
    const HeadId head = m_subject->shownHead();
    return pairs && reading.exact ? reading.exact->holding(head.layer, head.head, pairs->rows, pairs->keys)
                                  : nullptr;
}

void MapTiles::refreshExact(int layer, int head)
{
    if (!m_source)
        return;
    m_source->refreshExact(layer, head);
    emit tilesChanged();
}

TileSource::Status MapTiles::tileStatus() const
{
    return m_source ? m_source->status() : TileSource::Status{};
}

} // namespace headwater
