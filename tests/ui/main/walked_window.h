// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/inspector/inspector_panel.h"
#include "ui/main/made_windows.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"
#include "ui/map/quantity_text.h"
#include "ui/map/tooltip_card.h"
#include "ui/map/view_geometry.h"

#include <QApplication>
#include <QLineEdit>
#include <QTest>
#include <QWheelEvent>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace headwater::testing {

/// A window on a real platform, with the real engine behind it, that a hand walks through with mouse and keys
/// alone. The target defines HEADWATER_PROGRAM. What waits gives up after m_patienceMs.
class WalkedWindow : public MadeWindows {
protected:
    /// Its pictures begin with `name`.
    explicit WalkedWindow(QString name)
        : m_name(std::move(name))
    {
    }

    const QString m_name;
    std::unique_ptr<MainWindow> m_window;
    int m_patienceMs = headwater::test::kPatienceMs;

    MapView* map() const { return exploreOf(*m_window).map()->view(); }
    Subject& subject() const { return m_window->subject(); }
    MapLook& look() const { return exploreOf(*m_window).mapLook(); }

    /// Its own settings; the fetched models stay where they are.
    void showWindow()
    {
        qputenv("XDG_STATE_HOME", m_folder.path().toLocal8Bit());
        WindowOptions options = optionsOf(HEADWATER_PROGRAM);
        options.engineArguments = {"serve"};
        m_window = std::make_unique<MainWindow>(options);
        m_window->resize(1366, 768);
        m_window->show();
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get(), m_patienceMs));
    }

    /// A picture of the window as it is now, where a folder for them is named.
    void picture(const QString& of) const
    {
        if (const QString folder = qEnvironmentVariable("HEADWATER_WALK_PICTURES"); !folder.isEmpty())
            QVERIFY(m_window->grab().save(QString("%1/%2-%3.png").arg(folder, m_name, of)));
    }

    /// In the command box.
    void nameHead(HeadId head)
    {
        QTest::keyClick(m_window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(qobject_cast<QLineEdit*>(QApplication::focusWidget()));
        QTest::keyClicks(QApplication::focusWidget(), QString("L%1H%2").arg(head.layer).arg(head.head));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QTRY_COMPARE(subject().head(), head);
    }

    /// From the whole square down to a scale, the wheel over a place (x: key, y: query) that stays under it.
    void wheelDownTo(const QPointF& place, double tokensPerPixel)
    {
        QTest::keyClick(map(), Qt::Key_0);
        QTRY_VERIFY(look().viewport() == wholeMap(subject().trace()->seqLen(), map()->size()));
        for (int step = 0; step < 200 && look().viewport().tokensPerPixel > tokensPerPixel; ++step) {
            const QPointF at = pixelAt(look().viewport(), place.x(), place.y());
            QVERIFY(QRectF(map()->rect()).contains(at));
            QWheelEvent event(at, map()->mapToGlobal(at), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
                              Qt::NoScrollPhase, false);
            QApplication::sendEvent(map(), &event);
        }
        QVERIFY(look().viewport().tokensPerPixel <= tokensPerPixel);
    }

    /// What the hand, the row's list and the list of all heads say of one pair.
    struct Said {
        QString ofHand;
        double inRow = 0;
        double inHeads = 0;
        std::vector<MassRow> heads; ///< that list
    };

    /// Over the pair, which is exact on screen, then a click: it has one number, on the map, under the hand,
    /// in the row's list and in that of all heads.
    void lockPair(const TokenPair& pair, Said& said)
    {
        const auto exact = exploreOf(*m_window).map()->tiles()->exactOnScreen();
        QVERIFY(exact);
        const QString number = probabilityText(double(exact->at(*pair.query, *pair.key)));
        const QPoint at = pixelAt(look().viewport(), *pair.key + 0.5, *pair.query + 0.5).toPoint();
        QVERIFY(map()->rect().contains(at));
        QTest::mouseMove(map(), at + QPoint(40, 0));
        QTest::mouseMove(map(), at);
        auto* const card = m_window->findChild<TooltipCard*>();
        QTRY_COMPARE(card->content().value, number);
        QVERIFY2(card->content().pill.endsWith("exact"), qPrintable(card->content().pill));
        said.ofHand = card->content().value;
        picture("hover");
        QTest::mouseClick(map(), Qt::LeftButton, Qt::NoModifier, at);
        QTRY_COMPARE(subject().locked(), pair);
        m_window->resize(1366, 1150); // where there is room for both lists
        const auto* const inspector = m_window->findChild<InspectorPanel*>();
        const auto massIn = [](const MassTable* table, auto matches) -> std::optional<double> {
            for (const MassRow& line : table->massModel()->rows())
                if (matches(line) && line.isHeld && !table->massModel()->isStale())
                    return line.mass;
            return std::nullopt;
        };
        const auto ofKey = [&](const MassRow& line) { return line.tokenAt == *pair.key; };
        const auto ofHead = [&](const MassRow& line) { return line.head == subject().head(); };
        QTRY_VERIFY_WITH_TIMEOUT(
            inspector->readsNote().contains("exact") && massIn(inspector->reads(), ofKey), m_patienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(
            inspector->headsNote().contains("exact") && massIn(inspector->heads(), ofHead), m_patienceMs);
        said.inRow = *massIn(inspector->reads(), ofKey);
        said.inHeads = *massIn(inspector->heads(), ofHead);
        said.heads = inspector->heads()->massModel()->rows();
        QCOMPARE(probabilityText(said.inRow), number);
        QCOMPARE(probabilityText(said.inHeads), number);
        picture("pair");
    }
};

} // namespace headwater::testing
