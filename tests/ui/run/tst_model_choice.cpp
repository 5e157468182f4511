// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing a model: what it is and why it does not run is known before anything is loaded; a choice is taken
// back; the list of what is here is searched by keys alone.
#include "ui/run/model_choice.h"

#include "support/patience.h"
#include "ui/bridge/engine_client.h"
#include "ui/run/model_browser.h"
#include "ui/run/run_page.h"
#include "ui/run/run_session.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>

using namespace headwater;

class TestModelChoice : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    struct Parts {
        EngineClient engine{QStringLiteral(FAKE_ENGINE), {}};
        RunSession session{engine};
        RunPage page{engine, session};

        Parts()
        {
            page.setPromptText(QStringLiteral("hello"));
            page.show();
        }
        QString label(const char* name) const { return page.findChild<QLabel*>(QLatin1String(name))->text(); }
        QPushButton* start() const
        {
            return page.findChild<QPushButton*>(QStringLiteral("run_start_button"));
        }
        QComboBox* model() const { return page.findChild<QComboBox*>(QStringLiteral("run_model")); }
        ModelBrowser* browse()
        {
            QTest::mouseClick(page.findChild<QPushButton*>(QStringLiteral("run_model_browse")),
                              Qt::LeftButton);
            return page.findChild<ModelBrowser*>();
        }
    };

    static QStringList namesIn(const ModelBrowser& browser)
    {
        const QAbstractItemModel& list =
            *browser.findChild<QTreeView*>(QStringLiteral("model_list"))->model();
        QStringList names;
        for (int row = 0; row < list.rowCount(); ++row)
            names.append(list.index(row, 0).data().toString());
        return names;
    }
    static QString detail(const ModelBrowser& browser)
    {
        return browser.findChild<QLabel*>(QStringLiteral("model_detail"))->text();
    }

private slots:
    void initTestCase() { qputenv("XDG_DATA_HOME", m_folder.path().toLocal8Bit()); }

    void whatRuns_isDescribed_andEstimated()
    {
        Parts parts;
        parts.page.setModel(QStringLiteral("/m/good.gguf"));
        QTRY_COMPARE(parts.label("run_model_seen"), QStringLiteral("llama · Q4_K · 3 MiB"));
        QTRY_VERIFY2(parts.label("run_cost").startsWith(QStringLiteral("5 tokens")),
                     qPrintable(parts.label("run_cost")));
        QVERIFY(parts.start()->isEnabled());
    }

    /// The engine would load it to estimate: it is not asked.
    void whatDoesNotRun_saysWhy_andIsNotLoaded()
    {
        Parts parts;
        QTRY_VERIFY(parts.start()->isEnabled());
        parts.page.setModel(QStringLiteral("/m/refused-large.gguf"));
        QTRY_VERIFY2(parts.label("run_model_seen").contains(QStringLiteral("architecture \"mamba\"")),
                     qPrintable(parts.label("run_model_seen")));
        QVERIFY(!parts.start()->isEnabled());
        QVERIFY(!parts.page.isAsking());
        QVERIFY(parts.label("run_cost").contains(QStringLiteral("does not run")));
        QTest::qWait(2 * 300); // RunEstimate's pause before it asks, twice
        QVERIFY(!parts.page.isAsking());
        QVERIFY(!parts.label("run_cost").contains(QStringLiteral("memory")));
        parts.page.setModel(QStringLiteral("/m/good.gguf"));
        QTRY_VERIFY(parts.start()->isEnabled());
        QVERIFY(!parts.label("run_model_seen").contains(QStringLiteral("mamba")));
    }

    /// A look that does not come back holds up neither the form nor the next choice.
    void slowDisk_holdsNothingUp()
    {
        Parts parts;
        parts.page.setModel(QStringLiteral("slow/model.gguf"));
        QVERIFY(parts.page.isAsking());
        QCOMPARE(parts.label("run_cost"), QStringLiteral("estimating…"));
        parts.page.setModel(QStringLiteral("/m/good.gguf"));
        QTRY_COMPARE(parts.label("run_model_seen"), QStringLiteral("llama · Q4_K · 3 MiB"));
        QTRY_VERIFY(!parts.page.isAsking());
        QVERIFY(parts.start()->isEnabled());
        parts.page.setModel(QStringLiteral("slow/again.gguf")); // and ends with the form
    }

    void whereNothingLies_theEngineSaysSo()
    {
        Parts parts;
        parts.page.setModel(QStringLiteral("/no/such/model.gguf"));
        QTRY_VERIFY2(parts.label("run_cost").contains(QStringLiteral("there is no such file")),
                     qPrintable(parts.label("run_cost")));
        QVERIFY(parts.label("run_model_seen").isEmpty());
    }

    void aChoice_isTakenBackByUndo()
    {
        Parts parts;
        auto* const field = parts.model()->lineEdit();
        parts.page.setModel(QStringLiteral("/m/first.gguf"));
        parts.page.setModel(QStringLiteral("/m/second.gguf"));
        parts.page.focusModel();
        QTest::keySequence(field, QKeySequence::Undo);
        QCOMPARE(field->text(), QStringLiteral("/m/first.gguf"));
        QTest::keySequence(field, QKeySequence::Redo);
        QCOMPARE(field->text(), QStringLiteral("/m/second.gguf"));
        // One from the popup, too.
        QTRY_VERIFY(parts.model()->findText(QStringLiteral("absent")) >= 0);
        parts.model()->showPopup();
        QAbstractItemView* const popup = parts.model()->view();
        popup->setCurrentIndex(
            parts.model()->model()->index(parts.model()->findText(QStringLiteral("absent")), 0));
        QTest::keyClick(popup, Qt::Key_Return);
        QCOMPARE(field->text(), QStringLiteral("absent"));
        QTest::keySequence(field, QKeySequence::Undo);
        QCOMPARE(field->text(), QStringLiteral("/m/second.gguf"));
    }

    void recentModels_areOffered_theLastOneFirst()
    {
        Parts parts;
        parts.page.setRecentModels({QStringLiteral("/m/last.gguf"), QStringLiteral("org/before")});
        QCOMPARE(parts.model()->currentText(), QStringLiteral("/m/last.gguf"));
        QVERIFY(parts.model()->findText(QStringLiteral("org/before")) >= 0);
        parts.page.setModel(QStringLiteral("org/before"));
        parts.page.rememberModel();
        QCOMPARE(parts.page.recentModels(),
                 (QStringList{QStringLiteral("org/before"), QStringLiteral("/m/last.gguf")}));
        for (int i = 0; i < 20; ++i) {
            parts.page.setModel(QString::number(i));
            parts.page.rememberModel();
        }
        QCOMPARE(parts.page.recentModels().size(), 8);
        QCOMPARE(parts.page.recentModels().front(), QStringLiteral("19"));
    }

    void browser_findsByWords_andTakesByKeys()
    {
        Parts parts;
        parts.page.setRecentModels({QStringLiteral("/m/last.gguf"), QStringLiteral("/no/such/gone.gguf")});
        ModelBrowser* const browser = parts.browse();
        QVERIFY(browser && browser->isVisible());
        QTRY_COMPARE(namesIn(*browser),
                     (QStringList{"/m/last.gguf", "builtin:needle", "org/small-llama", "org/refused",
                                  "org/Qwen-tiny", "absent"}));
        auto* const search = browser->findChild<QLineEdit*>(QStringLiteral("model_search"));
        QTest::keyClicks(search, QStringLiteral("hub's LLAMA"));
        QCOMPARE(namesIn(*browser), (QStringList{"org/small-llama", "org/Qwen-tiny"}));
        auto* const list = browser->findChild<QTreeView*>(QStringLiteral("model_list"));
        QCOMPARE(list->currentIndex().data().toString(), QStringLiteral("org/small-llama"));
        QVERIFY2(detail(*browser).contains(QStringLiteral("/fake/org/small-llama")),
                 qPrintable(detail(*browser)));
        QTest::keyClick(search, Qt::Key_Down);
        QCOMPARE(list->currentIndex().data().toString(), QStringLiteral("org/Qwen-tiny"));
        QTest::keyClick(search, Qt::Key_Return);
        QCOMPARE(parts.model()->currentText(), QStringLiteral("org/Qwen-tiny"));
        QTRY_VERIFY(!parts.page.findChild<ModelBrowser*>());
    }

    void browser_showsWhatDoesNotRun_butDoesNotTakeIt()
    {
        Parts parts;
        const QString before = parts.model()->currentText();
        ModelBrowser* const browser = parts.browse();
        auto* const search = browser->findChild<QLineEdit*>(QStringLiteral("model_search"));
        auto* const use = browser->findChild<QPushButton*>(QStringLiteral("model_use"));
        QTRY_COMPARE(namesIn(*browser).size(), 5);
        QVERIFY(use->isEnabled());
        QTest::keyClicks(search, QStringLiteral("refused"));
        QCOMPARE(namesIn(*browser), QStringList{QStringLiteral("org/refused")});
        QVERIFY2(detail(*browser).contains(QStringLiteral("Does not run: org/refused: architecture")),
                 qPrintable(detail(*browser)));
        QVERIFY(!use->isEnabled());
        QTest::keyClick(search, Qt::Key_Return);
        QVERIFY(browser->isVisible());
        search->clear();
        QTest::keyClicks(search, QStringLiteral("nothing like it"));
        QVERIFY(namesIn(*browser).isEmpty());
        QVERIFY(detail(*browser).contains(QStringLiteral("HF_HOME")));
        search->clear();
        QTest::keyClicks(search, QStringLiteral("absent")); // to be fetched: the form does that
        QVERIFY(use->isEnabled());
        QVERIFY(detail(*browser).contains(QStringLiteral("not here yet")));
        QTest::keyClick(search, Qt::Key_Escape);
        QTRY_VERIFY(!parts.page.findChild<ModelBrowser*>());
        QCOMPARE(parts.model()->currentText(), before);
    }

    void browser_sortsBySizeAsNumbers()
    {
        Parts parts;
        ModelBrowser* const browser = parts.browse();
        QTRY_COMPARE(namesIn(*browser).size(), 5);
        browser->findChild<QTreeView*>(QStringLiteral("model_list"))->sortByColumn(1, Qt::AscendingOrder);
        QCOMPARE(namesIn(*browser).front(), QStringLiteral("absent")); // of unknown size
    }
};

QTEST_MAIN(TestModelChoice)
#include "tst_model_choice.moc"
