// SPDX-License-Identifier: GPL-3.0-or-later
// Times the whole window on a trace, panels and all, at 1920 × 1080: from the path to the first complete
// screen, until the thumbnails in view and all of them are there, from a click to the profiles beside the
// map, the text and the inspector, and how much memory it takes in the end.
//   QT_QPA_PLATFORM=offscreen window_bench TRACE [layer head]
// Wall and processor time (of the whole process): on a busy machine only the second tells of the program.
#include "bench/process_use.h"
#include "ui/explore/explore_workspace.h"
#include "ui/heads/head_grid.h"
#include "ui/inspector/inspector_panel.h"
#include "ui/main/main_window.h"
#include "ui/main/workspaces.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/profile_strip.h"
#include "ui/text/text_pane.h"
#include "ui/theme/fonts.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

using namespace headwater;

namespace {

/// Wall and processor time since it was made, in milliseconds.
class Watch {
public:
    Watch() { m_clock.start(); }
    double wall() const { return static_cast<double>(m_clock.nsecsElapsed()) * 1e-6; }
    double processor() const { return processorMilliseconds(CLOCK_PROCESS_CPUTIME_ID) - m_processor; }
    void print(const char* what) const
    {
        std::printf("%-34s wall %8.1f ms  processor %8.1f ms\n", what, wall(), processor());
        std::fflush(stdout);
    }

private:
    QElapsedTimer m_clock;
    double m_processor = processorMilliseconds(CLOCK_PROCESS_CPUTIME_ID);
};

/// Looks at least once a millisecond, and sleeps in between.
template <class Done> void waitUntil(Done done)
{
    QTimer tick;
    tick.start(1);
    while (!done())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
}

class Bench {
public:
    explicit Bench(MainWindow& window)
        : m_window(window)
        , m_subject(window.subject())
        , m_explore(static_cast<ExploreWorkspace&>(window.workspaces().current()))
        , m_look(m_explore.mapLook())
    {
    }

    void open(const QString& path, std::optional<HeadId> head)
    {
        const Watch watch;
        m_window.files().open(path);
        waitUntil([&] { return m_subject.trace() != nullptr; });
        watch.print("path to the trace");
        if (head)
            m_subject.setHead(*head);
        waitUntil([&] {
            return m_explore.map()->isVisible() && m_subject.trace()
                && m_explore.map()->status().tilesPending == 0;
        });
        m_window.repaint();
        watch.print("path to the first complete screen");
        const auto* const grid = m_window.findChild<HeadGrid*>();
        const std::size_t heads = m_subject.trace()->heads().size();
        waitUntil([&] { return grid->thumbnails().numLoaded() == heads; });
        watch.print(("path to all " + std::to_string(heads) + " thumbnails").c_str());
        waitUntil([&] { return m_window.isSettled(); });
        watch.print("path to rest");
    }

    /// Locks pairs all over the text, as a click does, and waits for what is shown of them.
    void click()
    {
        const auto strips = m_explore.map()->findChildren<ProfileStrip*>();
        auto* const text = m_window.findChild<TextPane*>();
        std::vector<double> profiles;
        std::vector<double> texts;
        std::vector<double> rests;
        for (std::uint32_t i = 1; i <= 40; ++i) {
            const auto query =
                static_cast<std::uint32_t>(std::uint64_t{m_subject.trace()->seqLen()} * i / 41);
            const std::uint32_t key = query / 3;
            const Watch watch;
            m_subject.setLocked({query, key});
            const auto areProfiles = [&] {
                return std::any_of(strips.begin(), strips.end(),
                                   [&](const ProfileStrip* s) { return s->profile().token == query; })
                    && std::any_of(strips.begin(), strips.end(),
                                   [&](const ProfileStrip* s) { return s->profile().token == key; });
            };
            waitUntil(areProfiles);
            profiles.push_back(watch.wall());
            waitUntil([&] { return text->caption().contains(thousandsOf(query)); });
            m_window.repaint();
            texts.push_back(watch.wall());
            waitUntil([&] { return m_window.isSettled(); });
            rests.push_back(watch.wall());
        }
        std::printf("%-34s wall %8.1f ms\n", "first click to rest", rests.front());
        print("click to both profiles", profiles);
        print("click to profiles and text", texts);
        print("click to rest (lists, charts)", rests);
    }

    /// Locks one row after the other, as the arrow keys do, and waits for all that is shown of each.
    void step()
    {
        const std::uint32_t first = m_subject.trace()->seqLen() / 2;
        std::vector<double> rests;
        for (std::uint32_t i = 0; i <= 40; ++i) {
            const Watch watch;
            m_subject.setLocked({first + i, first / 3});
            waitUntil([&] { return m_window.isSettled(); });
            m_window.repaint();
            if (i > 0) // the first may be in another chunk than the last click
                rests.push_back(watch.wall());
        }
        print("next row to rest", rests);
    }

    /// Over the map at every scale, so that the caches fill as they do under a hand.
    void fly()
    {
        const double tokens = m_subject.trace()->seqLen();
        for (double scale = std::max(1.0, tokens / 1080); scale > 0.05; scale /= 4) {
            m_explore.map()->view()->navigator().zoomToCell(static_cast<std::uint32_t>(tokens * 0.7),
                                                            static_cast<std::uint32_t>(tokens * 0.3), scale);
            for (int i = 0; i < 60; ++i) {
                MapViewport viewport = m_look.viewport();
                viewport.key += (i < 30 ? 40 : -40) * scale;
                viewport.query += (i < 30 ? 20 : -20) * scale;
                m_look.setViewport(viewport);
                waitUntil([&] { return m_explore.map()->status().tilesPending == 0; });
            }
        }
    }

private:
    static void print(const char* what, std::vector<double> samples)
    {
        std::sort(samples.begin(), samples.end());
        std::printf("%-34s wall p50 %6.1f ms  p95 %6.1f ms  most %6.1f ms (%zu)\n", what,
                    samples[samples.size() / 2], samples[samples.size() * 95 / 100], samples.back(),
                    samples.size());
        std::fflush(stdout);
    }

    MainWindow& m_window;
    Subject& m_subject;
    ExploreWorkspace& m_explore;
    MapLook& m_look;
};

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() != 1 && arguments.size() != 3) {
        std::fputs("usage: window_bench TRACE [LAYER HEAD]\n", stderr);
        return 64;
    }
    WindowOptions options;
    options.workspaces = {exploreWorkspace()};
    options.theme = QStringLiteral("dark");
    options.restore = false;
    MainWindow window(options);
    window.resize(1920, 1080);
    window.show();
    QCoreApplication::processEvents();
    std::printf("%-34s %.0f MiB\n", "anonymous memory before", anonymousMebibytes());
    Bench bench(window);
    std::optional<HeadId> head;
    if (arguments.size() == 3)
        head = HeadId{std::stoi(arguments[1]), std::stoi(arguments[2])};
    bench.open(QString::fromStdString(arguments[0]), head);
    bench.click();
    bench.step();
    bench.fly();
    std::printf("%-34s %.0f MiB\n", "anonymous memory at the end", anonymousMebibytes());
    return 0;
}
