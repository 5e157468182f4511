// SPDX-License-Identifier: GPL-3.0-or-later
// Times the map of a trace as the window shows it, at 1920 × 1080 with the CPU renderer: opening, first
// complete screen, pan and zoom frames, colour change, click to profiles. A frame is what the UI thread does
// from a changed view to the painted widgets (map, strips, profiles, minimap); tiles are made meanwhile by
// their own threads.
//   QT_QPA_PLATFORM=offscreen map_bench TRACE [layer head]
// On a busy machine `chrt -f 10` in front of it (as root) takes the two cores for it.
#include "bench/process_use.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/profile_strip.h"
#include "ui/map/token_strip.h"
#include "ui/map/view_geometry.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

using namespace headwater;

namespace {

double milliseconds(const QElapsedTimer& clock)
{
    return static_cast<double>(clock.nsecsElapsed()) * 1e-6;
}

struct Frame {
    double wall = 0; ///< ms
    double processor = 0; ///< ms of the UI thread's own time
};

void report(const char* what, const std::vector<Frame>& frames)
{
    const auto line = [&](const char* kind, double Frame::*member) {
        std::vector<double> samples;
        for (const Frame& frame : frames)
            samples.push_back(frame.*member);
        std::sort(samples.begin(), samples.end());
        const auto at = [&samples](double share) {
            return samples[std::min(samples.size() - 1,
                                    static_cast<std::size_t>(share * static_cast<double>(samples.size())))];
        };
        std::printf("%-26s %-10s p50 %6.2f ms  p95 %6.2f ms  most %6.2f ms  (%zu)\n", what, kind, at(0.5),
                    at(0.95), samples.back(), samples.size());
    };
    line("wall", &Frame::wall);
    line("processor", &Frame::processor);
}

class Bench {
public:
    explicit Bench(std::shared_ptr<const Trace> trace)
        : m_trace(std::move(trace))
        , m_pane(&m_subject, &m_look, &m_reader)
    {
        m_pane.resize(1920 + TokenStrip::kQueryWidth + ProfileStrip::kWidth,
                      1080 + TokenStrip::kKeyHeight + ProfileStrip::kHeight);
        m_pane.show();
        QCoreApplication::processEvents();
    }

    Subject& state() { return m_subject; }

    /// With the processor time of all threads: what it takes however busy the machine is.
    Frame firstScreen(std::optional<HeadId> head)
    {
        QElapsedTimer clock;
        clock.start();
        const double before = processorMilliseconds(CLOCK_PROCESS_CPUTIME_ID);
        m_subject.setTrace(m_trace);
        if (head)
            m_subject.setHead(*head);
        complete();
        return {milliseconds(clock), processorMilliseconds(CLOCK_PROCESS_CPUTIME_ID) - before};
    }

    /// Frames of a pan of 40 pixels each, to and fro, at a scale.
    void pan(double tokensPerPixel, std::vector<Frame>& frames)
    {
        const double tokens = m_trace->seqLen();
        m_pane.view()->navigator().zoomToCell(static_cast<std::uint32_t>(tokens * 0.7),
                                              static_cast<std::uint32_t>(tokens * 0.3), tokensPerPixel);
        complete();
        for (int i = 0; i < 60; ++i) {
            MapViewport viewport = m_look.viewport();
            const double by = (i < 30 ? 40 : -40) * tokensPerPixel;
            viewport.key += by;
            viewport.query += by / 2;
            frames.push_back(frame([&] { m_look.setViewport(viewport); }));
        }
    }

    /// Frames of a zoom about a token by wheel notches, in and out.
    void zoom(std::vector<Frame>& frames)
    {
        m_pane.view()->navigator().zoomToAll();
        complete();
        for (int i = 0; i < 80; ++i) {
            const double factor = std::exp2((i < 40 ? 1 : -1) / 3.0);
            frames.push_back(frame([&] { m_pane.view()->navigator().zoomBy(factor, QPointF(600, 800)); }));
        }
    }

    void colours(std::vector<Frame>& frames)
    {
        m_pane.view()->navigator().zoomToAll();
        complete();
        for (int i = 0; i < 40; ++i) {
            ColourScale scale;
            scale.low = 1e-4 * (1 + i);
            scale.map = i % 2 ? ColourScale::Map::Viridis : ColourScale::Map::Magma;
            frames.push_back(frame([&] { m_look.setColours(scale); }));
        }
    }

    void click(std::vector<Frame>& waits)
    {
        const auto strips = m_pane.findChildren<ProfileStrip*>();
        for (std::uint32_t i = 1; i <= 40; ++i) {
            const auto query = static_cast<std::uint32_t>(std::uint64_t{m_trace->seqLen()} * i / 41);
            QElapsedTimer clock;
            clock.start();
            const double before = processorMilliseconds(CLOCK_THREAD_CPUTIME_ID);
            m_subject.setLocked({query, query / 3});
            while (strips[0]->profile().token != query / 3 || strips[1]->profile().token != query)
                QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
            QCoreApplication::processEvents();
            waits.push_back({milliseconds(clock), processorMilliseconds(CLOCK_THREAD_CPUTIME_ID) - before});
        }
    }

private:
    template <class Change> static Frame frame(Change change)
    {
        QElapsedTimer clock;
        clock.start();
        const double before = processorMilliseconds(CLOCK_THREAD_CPUTIME_ID);
        change();
        QCoreApplication::processEvents();
        return {milliseconds(clock), processorMilliseconds(CLOCK_THREAD_CPUTIME_ID) - before};
    }

    void complete()
    {
        QCoreApplication::processEvents();
        while (m_pane.status().tilesPending > 0) // each batch of tiles is an event
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        QCoreApplication::processEvents();
    }

    std::shared_ptr<const Trace> m_trace;
    Subject m_subject;
    MapLook m_look;
    ViewReader m_reader{&m_subject};
    MapPane m_pane;
};

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() != 1 && arguments.size() != 3) {
        std::fputs("usage: map_bench TRACE [LAYER HEAD]\n", stderr);
        return 64;
    }
    applyTheme(application, darkTheme());
    QElapsedTimer clock;
    clock.start();
    const auto trace = Trace::open(arguments[0]);
    if (!trace) {
        std::fprintf(stderr, "%s\n", trace.error().text().c_str());
        return 65;
    }
    std::printf("%-37s %.1f ms\n", "open", milliseconds(clock));
    Bench bench(*trace);
    std::optional<HeadId> head;
    if (arguments.size() == 3)
        head = HeadId{std::stoi(arguments[1]), std::stoi(arguments[2])};
    const Frame first = bench.firstScreen(head);
    std::printf("%-37s %.1f ms (processor, all threads: %.1f ms)\n", "first complete screen", first.wall,
                first.processor);
    std::vector<Frame> frames;
    for (double scale = std::max(1.0, (*trace)->seqLen() / 1080.0); scale > 0.05; scale /= 4)
        bench.pan(scale, frames);
    report("pan, frame", frames);
    frames.clear();
    bench.zoom(frames);
    report("zoom, frame", frames);
    frames.clear();
    bench.colours(frames);
    report("colour change, frame", frames);
    frames.clear();
    bench.click(frames);
    report("click to both profiles", frames);
    std::printf("%-37s %.0f MiB\n", "anonymous resident memory", anonymousMebibytes());
    return 0;
}
