// SPDX-License-Identifier: GPL-3.0-or-later
// Names are their owners': no name moves a control of the window from where it stands for short ones.
#include "ui/main/made_windows.h"

#include "ui/heads/head_panel.h"
#include "ui/main/message_bar.h"
#include "ui/theme/quoted_text.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>
#include <map>

using namespace headwater;
using namespace headwater::testing;

namespace {

/// One name everywhere: of files and folders, of a model, of every token and of what is generated.
struct Names {
    QString id;
    QString word;
};

const Names kShort{"short", "a"};

std::vector<Names> hostileNames()
{
    return {{"82 characters",
             QString("Meta-Llama-3.1-70B-Instruct-abliterated-finetuned-on-legal-contracts-v2-")
                 .append("longctx-01")},
            {"one word of 240 letters", QString(240, 'W')},
            {"no-break spaces", QString("no").append(QChar(0x00a0)).repeated(60)},
            {"wide letters of three bytes", QString(70, QChar(0x754c))},
            {"right to left", QString(100, QChar(0x05e9))}};
}

const QSize kSizes[] = {{800, 600}, {1280, 720}, {1600, 1000}, {2300, 1300}};

bool isControl(const QWidget* widget)
{
    return qobject_cast<const QAbstractButton*>(widget) || qobject_cast<const QLineEdit*>(widget)
        || qobject_cast<const QComboBox*>(widget) || qobject_cast<const QAbstractSpinBox*>(widget)
        || qobject_cast<const QAbstractItemView*>(widget) || qobject_cast<const QPlainTextEdit*>(widget)
        || qobject_cast<const QDockWidget*>(widget) || (widget->focusPolicy() & Qt::TabFocus);
}

/// Where every control that is shown stands in its window, by its name (and number, where several share one).
std::map<QString, QRect> placesIn(const MainWindow& window)
{
    std::map<QString, QRect> places;
    std::map<QString, int> count;
    for (const QWidget* const widget : window.findChildren<QWidget*>()) {
        const bool isPart = widget->objectName().startsWith("qt_") || widget->objectName().isEmpty();
        // What the engine says of exact pairs floats over the map, and comes when it answers.
        const bool isOfEngine = widget->objectName().startsWith("exactOffer");
        if (isPart || isOfEngine || !isControl(widget) || !widget->isVisibleTo(&window))
            continue;
        const QString name = widget->objectName() + '#' + QString::number(count[widget->objectName()]++);
        places[name] = QRect(widget->mapTo(&window, QPoint()), widget->size());
    }
    return places;
}

QString textOf(const QRect& place)
{
    return QString("%1,%2 %3x%4").arg(place.x()).arg(place.y()).arg(place.width()).arg(place.height());
}

} // namespace

class TestHostileNames : public MadeWindows {
    Q_OBJECT

    using Scene = std::function<void(TestHostileNames&, MainWindow&, const Names&)>;

    /// A file of that name, at most as long as a name may be.
    QString fileOf(const Names& names) const
    {
        QString stem = names.word;
        while (stem.toUtf8().size() > 240)
            stem.chop(1);
        return m_folder.filePath(stem + ".hwt");
    }

    /// A trace whose name, model and every token is the name.
    bool writeNamed(const Names& names) const
    {
        MadeTrace made;
        made.seqLen = 256;
        made.needleQuery = 200;
        made.needleKey = 40;
        const std::string word = names.word.toStdString();
        TraceWriter::Begin begin;
        begin.meta = {{"model", {{"name", word}, {"source", "/models/" + word + ".gguf"}}},
                      {"params", {{"propagated", false}}},
                      {"report", {{"check", {{"kept", false}, {"dense", word}, {"masked", word}}}}},
                      {"notes", {word}},
                      {"command", "headwater run --model " + word}};
        begin.tokenOffsets = {0};
        begin.sentenceOffsets = {0};
        for (std::uint32_t token = 0; token < made.seqLen; ++token) {
            begin.text += word;
            begin.tokenOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
        }
        begin.sentenceOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
        begin.tokenIds.resize(made.seqLen);
        begin.segments = {{"prompt", 0, made.seqLen}};
        begin.headsPerLayer = {2};
        const std::filesystem::path path = fileOf(names).toStdString();
        auto writer = TraceWriter::create(path, begin, true);
        if (!writer)
            return false;
        std::vector<TraceWriter::FinishedHead> heads(2);
        for (int head = 0; head < 2; ++head) {
            heads[static_cast<std::size_t>(head)].record = makeRecord(made, 0, head);
            heads[static_cast<std::size_t>(head)].statistics.keptMass = {0.964, 0.964, 0.964};
        }
        return writer->writeLayer(0, heads, 0) && writer->seal();
    }

    std::unique_ptr<MainWindow> windowOf(const Names& names, const Scene& scene)
    {
        auto window = std::make_unique<MainWindow>(optionsOf(FAKE_ENGINE));
        // The map asks the engine what exact pairs would cost, and with its first answer the form behind the
        // map needs another size: that comes before the window is laid out, not at a moment of its own.
        window->engine().start();
        if (!QTest::qWaitFor([&] { return !window->engine().hello().version.isEmpty(); },
                             headwater::test::kPatienceMs))
            return nullptr;
        window->show();
        window->resize(1600, 1000);
        scene(*this, *window, names);
        return QTest::currentTestFailed() ? nullptr : std::move(window);
    }

    void openNamed(MainWindow& window, const Names& names)
    {
        QVERIFY(writeNamed(names));
        window.files().open(fileOf(names));
        QTRY_VERIFY(window.subject().trace());
        QTRY_VERIFY(window.isSettled());
    }

    /// As small as it can be, if not as asked: a note that said more while it was being read gives its line
    /// back.
    static void settle(MainWindow& window, const QSize& size)
    {
        for (int round = 0; round < 3; ++round) {
            window.resize(size);
            QTRY_VERIFY(window.isSettled());
            for (int i = 0; i < 5; ++i)
                QCoreApplication::processEvents(); // layouts that follow from layouts
        }
    }

    static void welcome(TestHostileNames&, MainWindow& window, const Names& names)
    {
        QStringList recent;
        for (int i = 0; i < 6; ++i)
            recent.append(QString("/%1/%1/%2%3.hwt").arg(names.word).arg(names.word).arg(i));
        window.files().setRecent(recent);
        QVERIFY(window.findChild<QWidget*>("welcome.recent"));
    }

    static void map(TestHostileNames& test, MainWindow& window, const Names& names)
    {
        test.openNamed(window, names);
        window.findChild<HeadPanel*>()->showFilterBar(true);
        window.subject().setLocked(
            {200U, 199U}); // near enough for one column of text, however long the words
    }

    static void closeUp(TestHostileNames& test, MainWindow& window, const Names& names)
    {
        test.openNamed(window, names);
        const CommandArguments place(
            {{"query", "200"}, {"key", "199"}, {"zoom", "0.02"}}); // tokens on the axes
        QVERIFY(window.commands().run("view.goto", place).has_value());
    }

    static void form(TestHostileNames&, MainWindow& window, const Names& names)
    {
        const QString model = "/no/such/" + names.word + ".gguf"; // which the engine refuses with that name
        window.show();
        const CommandArguments arguments({{"model", model},
                                          {"prompt_file", '/' + names.word + '/' + names.word + ".txt"},
                                          {"output", '/' + names.word + ".hwt"}});
        QVERIFY(window.commands().run("run.new", arguments).has_value());
        auto* const cost = window.findChild<QLabel*>("run_cost");
        QTRY_VERIFY2(cost->text().contains("there is no such file"), qPrintable(cost->text()));
    }

    static void running(TestHostileNames& test, MainWindow& window, const Names& names)
    {
        test.openNamed(window, names);
        RunRequest request;
        request.model = "tokens:" + names.word.toStdString();
        request.prompt = "prompt";
        request.output = "/no/such/" + names.word.toStdString() + ".hwt";
        window.runSession().start(request);
        QTRY_COMPARE(window.runSession().generated(), names.word);
    }

    static void message(TestHostileNames& test, MainWindow& window, const Names& names)
    {
        test.openNamed(window, names);
        window.messageBar()->say(MessageBar::Kind::Error, names.word,
                                 {{"message_act", "Do something", [] {}}});
    }

    static std::map<QString, Scene> scenes()
    {
        return {{"welcome", welcome}, {"map", map},         {"close up", closeUp},
                {"form", form},       {"running", running}, {"message", message}};
    }

    /// A window of one size.
    struct Look {
        QSize size;
        QSize least;
        std::map<QString, QRect> places;
    };

    /// Of every size of kSizes; fewer where the scene cannot be made.
    std::vector<Look> looksOf(const Names& names, const QString& scene)
    {
        std::vector<Look> looks;
        const auto window = windowOf(names, scenes().at(scene));
        for (const QSize& size : kSizes) {
            if (!window)
                break;
            settle(*window, size);
            looks.push_back({window->size(), window->minimumSizeHint(), placesIn(*window)});
        }
        return looks;
    }

    std::map<QString, std::vector<Look>> m_usual; ///< of each scene, with short names

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void controls_standWhereTheyStandForShortNames_data()
    {
        QTest::addColumn<QString>("scene");
        QTest::addColumn<Names>("names");
        for (const auto& [scene, make] : scenes())
            for (const Names& names : hostileNames())
                QTest::addRow("%s, %s", qPrintable(scene), qPrintable(names.id)) << scene << names;
    }

    void controls_standWhereTheyStandForShortNames()
    {
        QFETCH(QString, scene);
        QFETCH(Names, names);
        if (!m_usual.contains(scene))
            m_usual[scene] = looksOf(kShort, scene);
        const std::vector<Look>& usual = m_usual[scene];
        const std::vector<Look> hostile = looksOf(names, scene);
        QCOMPARE(usual.size(), std::size(kSizes));
        QCOMPARE(hostile.size(), usual.size());
        QStringList moved;
        for (std::size_t i = 0; i < usual.size(); ++i) {
            QCOMPARE(hostile[i].least, usual[i].least);
            QCOMPARE(hostile[i].size, usual[i].size);
            QVERIFY(usual[i].places.size() > 10);
            for (const auto& [name, place] : usual[i].places) {
                const auto found = hostile[i].places.find(name);
                QVERIFY2(found != hostile[i].places.end(), qPrintable(name + " is not there"));
                if (found->second != place)
                    moved.append(QString("at %1x%2 %3: %4 for %5")
                                     .arg(kSizes[i].width())
                                     .arg(kSizes[i].height())
                                     .arg(name, textOf(found->second), textOf(place)));
            }
            for (const auto& [name, place] : hostile[i].places)
                QVERIFY2(usual[i].places.contains(name), qPrintable(name + " has come"));
        }
        QVERIFY2(moved.isEmpty(), qPrintable(moved.join("\n")));
    }

    void whatIsCut_isWholeInItsTooltip_data()
    {
        QTest::addColumn<Names>("names");
        for (const Names& names : hostileNames())
            QTest::addRow("%s", qPrintable(names.id)) << names;
    }

    void whatIsCut_isWholeInItsTooltip()
    {
        QFETCH(Names, names);
        const auto window = windowOf(names, map);
        QVERIFY(window);
        settle(*window, {1280, 720});
        const auto toolTipOf = [&window](const char* name) {
            return withoutIsolates(window->findChild<QLabel*>(name)->toolTip());
        };
        QVERIFY(toolTipOf("subject_file").contains(fileOf(names)));
        QVERIFY(toolTipOf("subject").contains(names.word));
        const QString sentence = toolTipOf("lockedRowWords");
        // Prose has one kind of blank.
        const QString word = QString(names.word).replace(QChar(0x00a0), ' ').trimmed();
        QVERIFY2(sentence.contains(word), qPrintable(sentence));
    }

    void recentTraces_areCutWithAnEllipsis_data() { whatIsCut_isWholeInItsTooltip_data(); }

    void recentTraces_areCutWithAnEllipsis()
    {
        QFETCH(Names, names);
        const auto window = windowOf(names, welcome);
        QVERIFY(window);
        settle(*window, {1280, 720});
        const auto* const button = window->findChild<QPushButton*>("welcome.recent");
        QVERIFY(button->toolTip().contains(names.word));
        QVERIFY2(button->fontMetrics().horizontalAdvance(button->text()) < button->width(),
                 qPrintable(button->text()));
    }

    void cardsAndMenus_stayInTheWindow_data() { whatIsCut_isWholeInItsTooltip_data(); }

    void cardsAndMenus_stayInTheWindow()
    {
        QFETCH(Names, names);
        const auto window = windowOf(names, map);
        QVERIFY(window);
        settle(*window, {1280, 720});
        window->commands().action("help.verdict")->trigger();
        const auto* const card = window->findChild<QWidget*>("verdict_card");
        QVERIFY(card->isVisible());
        QVERIFY2(window->rect().contains(card->geometry()), qPrintable(textOf(card->geometry())));
        const auto* const menu = window->findChild<QMenu*>("menu.File/Recent");
        QVERIFY2(menu->sizeHint().width() < 900, qPrintable(QString::number(menu->sizeHint().width())));
        window->messageBar()->say(MessageBar::Kind::Error, names.word.repeated(20), {}, "much");
        QCoreApplication::processEvents();
        QVERIFY(window->rect().contains(
            QRect(window->messageBar()->mapTo(window.get(), QPoint()), window->messageBar()->size())));
        QVERIFY(window->messageBar()->text().contains(names.word.repeated(20)));
    }
};

QTEST_MAIN(TestHostileNames)
#include "tst_hostile_names.moc"
