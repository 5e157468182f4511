// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/explore/map_bar.h"

#include "ui/explore/explore_workspace.h"
#include "ui/main/command_table.h"
#include "ui/map/made_trace.h"
#include "ui/theme/style_sheet.h"
#include "ui/theme/theme.h"

#include <QLabel>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace headwater;
using namespace headwater::testing;

class TestMapBar : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QWidget m_window;
    Subject m_subject;
    std::unique_ptr<CommandTable> m_commands;
    std::unique_ptr<MapBar> m_bar;

    QString head() const { return m_bar->findChild<QLabel*>("map_head")->text(); }
    bool isPreview() const { return m_bar->findChild<QLabel*>("map_preview")->isVisible(); }

private slots:
    void initTestCase()
    {
        const auto trace = writeMadeTrace(m_folder.filePath("made.hwt").toStdString(), MadeTrace{});
        QVERIFY(trace.has_value());
        m_commands = std::make_unique<CommandTable>(commandsWith({exploreWorkspace()}), &m_window);
        m_bar = std::make_unique<MapBar>(*m_commands, m_subject, &m_window);
        m_window.setStyleSheet(windowSheet() + styleSheetOf(darkTheme()));
        m_window.resize(1000, 200);
        m_window.show();
        QVERIFY(head().isEmpty());
        m_subject.setTrace(*trace);
    }

    void head_isNamed_andSaidToBeAPreview()
    {
        m_subject.setHead({1, 1});
        QCOMPARE(head(), QString("L1 · H1"));
        QVERIFY(!isPreview());
        m_subject.previewHead(HeadId{0, 1});
        QCOMPARE(head(), QString("L0 · H1"));
        QVERIFY(isPreview());
        m_subject.setHead({0, 1}); // clicked: it is the head now, though the one shown stays the same
        QCOMPARE(head(), QString("L0 · H1"));
        QVERIFY(!isPreview());
    }

    void narrowPane_keepsEveryToolInIt()
    {
        bool hadExport = false;
        bool hadShort = false;
        for (const int width : {1000, 640, 560, 480, 436}) {
            m_bar->resize(width, m_bar->height());
            QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
            for (const QToolButton* button : m_bar->findChildren<QToolButton*>()) {
                if (!button->isVisible()) {
                    QCOMPARE(button->objectName(), QString("button.file.export")); // nothing else goes
                    continue;
                }
                QVERIFY2(m_bar->rect().contains(button->geometry()),
                         qPrintable(QString("%1 at %2").arg(button->objectName()).arg(width)));
                QVERIFY2(button->width() >= button->minimumSizeHint().width(),
                         qPrintable(QString("%1 of %2 at %3")
                                        .arg(button->width())
                                        .arg(button->minimumSizeHint().width())
                                        .arg(width)));
                hadExport |= button->objectName() == "button.file.export";
                hadShort |= button->text() == "Sink";
            }
        }
        QVERIFY(hadExport && hadShort);
    }
};

QTEST_MAIN(TestMapBar)
#include "tst_map_bar.moc"
