// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/trace/sqlite_database.h"
#include "ui/main/made_windows.h"

#include "support/patience.h"
#include "ui/main/message_bar.h"
#include "ui/map/map_pane.h"
#include "ui/map/map_view.h"

#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QTest>
#include <sqlite3.h>

using namespace headwater;
using namespace headwater::testing;

namespace {

QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool writeBytes(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly | QIODevice::Truncate) && file.write(bytes) == bytes.size();
}

/// What somebody with SQLite at hand does to a trace.
bool edit(const QString& path, const std::string& sql)
{
    auto database = SqliteDatabase::open(sqliteUri(path.toStdString(), "mode=rw"), SQLITE_OPEN_READWRITE);
    return database && database->execute(sql).has_value();
}

/// Little-endian, as GGUF has it.
template <class T> void put(QByteArray& bytes, T value)
{
    for (std::size_t i = 0; i < sizeof(T); ++i)
        bytes.append(static_cast<char>(std::uint64_t{value} >> 8 * i));
}

/// The beginning of a GGUF file that says it holds 10^18 tensors.
QByteArray lyingModel()
{
    QByteArray bytes("GGUF");
    put(bytes, std::uint32_t{3});
    put(bytes, std::uint64_t{1'000'000'000'000'000'000});
    put(bytes, std::uint64_t{1});
    bytes.append(64, '\0');
    return bytes;
}

using Damage = std::function<bool(const QString& path)>;

/// One bit of one byte, `from` the file's end where negative.
Damage flip(qsizetype at)
{
    return [at](const QString& path) {
        QByteArray bytes = bytesOf(path);
        const qsizetype place = at < 0 ? bytes.size() + at : at;
        bytes[place] = static_cast<char>(bytes[place] ^ 4);
        return writeBytes(path, bytes);
    };
}

Damage cutTo(double share)
{
    return [share](const QString& path) {
        const QByteArray bytes = bytesOf(path);
        return writeBytes(path,
                          bytes.left(static_cast<qsizetype>(static_cast<double>(bytes.size()) * share)));
    };
}

Damage sql(const std::string& text)
{
    return [text](const QString& path) { return edit(path, text); };
}

} // namespace

/// Files that are not what they say: each is one message in the window that names the file, the place and
/// what is wrong, and the window goes on with what it had.
class TestMainWindowDamage : public MadeWindows {
    Q_OBJECT

    /// The window of the real `headwater serve`.
    std::unique_ptr<MainWindow> windowWithEngine()
    {
        WindowOptions options;
        options.engineProgram = HEADWATER_PROGRAM;
        options.workspaces = {exploreWorkspace()};
        options.theme = "dark";
        options.restore = false;
        auto window = std::make_unique<MainWindow>(options);
        window->show();
        return window;
    }

    /// It still shows its trace and answers the keyboard.
    static void isAlive(MainWindow& window, const QString& trace)
    {
        QCOMPARE(QString::fromStdString(window.subject().trace()->path().string()), trace);
        MapView* const map = exploreOf(window).map()->view();
        QVERIFY(map->isVisible());
        const double before = exploreOf(window).mapLook().viewport().tokensPerPixel;
        QTest::keyClick(map, Qt::Key_Plus);
        QVERIFY(exploreOf(window).mapLook().viewport().tokensPerPixel < before);
    }

private slots:
    void initTestCase() { QVERIFY(prepare()); }

    void open_damagedTrace_isABarThatNamesIt_data()
    {
        QTest::addColumn<Damage>("damage");
        QTest::addColumn<QStringList>("said");
        const auto row = [](const char* name, Damage damage, const QStringList& said) {
            QTest::newRow(name) << std::move(damage) << said;
        };
        row("cut in half", cutTo(0.5), {"truncated", "bytes, its header (at byte 28) says"});
        row("cut in its header", [](const QString& path) { return writeBytes(path, bytesOf(path).left(60)); },
            {"is no trace: 60 bytes, a header has 100"});
        row("empty", cutTo(0), {"is no trace: 0 bytes, a header has 100"});
        row("its magic flipped", flip(0), {"at byte 0", "expected 'SQLite format 3'"});
        row("its application id flipped", flip(68), {"at byte 68", "expected 48575452"});
        row("its version flipped", flip(61), {"at byte 60", "this program reads 1.x"});
        row("its schema page flipped", flip(100), {"database disk image is malformed"});
        row("a trigger", sql("CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM head; END"),
            {"the trigger 't'", "traces have no"});
        row("a view", sql("CREATE VIEW v AS SELECT * FROM head"), {"the view 'v'"});
        row("a changed meta value", sql("UPDATE meta SET value = 'true' WHERE key = 'propagated'"),
            {"meta key 'propagated'", "its xxh3 is", "the trace says"});
        row("a head that moved", sql("UPDATE head SET head = 7 WHERE layer = 1 AND head = 1"),
            {"layer 1, head 7", "its xxh3 is"});
        row("a shape that lies", sql("UPDATE array SET shape = '[1]' WHERE name = 'token_ids'"),
            {"array 'token_ids'", "its xxh3 is"});
    }

    void open_damagedTrace_isABarThatNamesIt()
    {
        QFETCH(Damage, damage);
        QFETCH(QStringList, said);
        const QString path = m_folder.filePath("damaged.hwt");
        QFile::remove(path);
        QVERIFY(QFile::copy(m_trace, path));
        QVERIFY(damage(path));
        const auto window = openWindow();
        QVERIFY(window);
        QCOMPARE(runScript(*window, {"file.open path='" + path + "'"}), 65);
        QVERIFY(window->messageBar()->isVisible());
        QCOMPARE(window->messageBar()->kind(), MessageBar::Kind::Error);
        const QString text = window->messageBar()->text();
        for (const QString& part : said + QStringList{path})
            QVERIFY2(text.contains(part), qPrintable(text));
        isAlive(*window, m_trace);
    }

    void pick_badModel_isSaidInTheFormAndInABar_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QStringList>("said");
        QTest::newRow("a count that lies")
            << lyingModel()
            << QStringList{"at byte 8: tensor_count: 1000000000000000000, expected at most 65536"};
        QTest::newRow("cut") << lyingModel().left(10) << QStringList{"at byte 8", "tensor_count"};
        QTest::newRow("its magic flipped") << lyingModel().replace(0, 4, "GGUX") << QStringList{"at byte 0"};
        QTest::newRow("of another version")
            << lyingModel().replace(4, 1, "\11") << QStringList{"at byte 4", "9"};
        QTest::newRow("empty") << QByteArray() << QStringList{"at byte 0"};
    }

    void pick_badModel_isSaidInTheFormAndInABar()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QStringList, said);
        const QString path = m_folder.filePath("bad.gguf");
        QVERIFY(writeBytes(path, bytes));
        const auto window = windowWithEngine();
        QCOMPARE(runScript(*window, {"file.open path='" + m_trace + "'", "run.new text='What is it?'"}), 0);
        QCOMPARE(runScript(*window, {"file.open path='" + path + "'"}), 0);
        QCOMPARE(window->findChild<QComboBox*>("run_model")->currentText(), path);
        // The form says it at once and does not offer to run.
        auto* const seen = window->findChild<QLabel*>("run_model_seen");
        QTRY_VERIFY2(seen->text().startsWith("Does not run: "), qPrintable(seen->text()));
        QVERIFY(!window->findChild<QPushButton*>("run_start_button")->isEnabled());
        // Who starts it all the same gets a bar.
        QCOMPARE(runScript(*window, {"run.start", "run.wait"}), 65);
        const QString text = window->messageBar()->text();
        QCOMPARE(window->messageBar()->kind(), MessageBar::Kind::Error);
        for (const QString& part : said + QStringList{path}) {
            QVERIFY2(text.contains(part), qPrintable(text));
            QVERIFY2(seen->text().contains(part), qPrintable(seen->text()));
        }
        QVERIFY(!window->runSession().isRunning());
        QTest::mouseClick(window->findChild<QPushButton*>("run_close"), Qt::LeftButton);
        isAlive(*window, m_trace);
    }
};

QTEST_MAIN(TestMainWindowDamage)
#include "tst_main_window_damage.moc"
