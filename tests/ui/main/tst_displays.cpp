// SPDX-License-Identifier: GPL-3.0-or-later
// What needs no display never depends on one, whatever the environment says of displays; a window that gets
// none says so in one sentence. And the names of files that the program is given are bytes.
#include <QDir>
#include <QFile>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cstddef>
#include <filesystem>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

class TestDisplays : public QObject {
    Q_OBJECT

    struct Ended {
        int code = -1; ///< -1: not by itself
        QByteArray out;
        QByteArray err;
    };

    using Variables = QMap<QString, QString>;

    Ended run(const Variables& displays, const QStringList& arguments,
              const QString& program = EXPLORER_PROGRAM)
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "XDG_RUNTIME_DIR",
                                 "XAUTHORITY", "XDG_SESSION_TYPE", "QT_QPA_PLATFORMTHEME"})
            environment.remove(name);
        for (auto at = displays.begin(); at != displays.end(); ++at)
            environment.insert(at.key(), at.value());
        for (const char* name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"})
            environment.insert(name, m_folder.filePath(name));
        process.setProcessEnvironment(environment);
        process.setWorkingDirectory(m_folder.path());
        process.start(program, arguments);
        const bool ended = process.waitForFinished(300'000) && process.exitStatus() == QProcess::NormalExit;
        return {ended ? process.exitCode() : -1, process.readAllStandardOutput(),
                process.readAllStandardError()};
    }

    /// Every kind of display that is none, and one that is seen by nobody.
    static void addDisplays(bool withOffscreen = true)
    {
        QTest::addColumn<Variables>("displays");
        const auto row = [](const char* name, const Variables& displays) { QTest::newRow(name) << displays; };
        row("none", {});
        row("a dead X server", {{"DISPLAY", ":97"}});
        row("a dead X server behind TCP", {{"DISPLAY", "127.0.0.1:97"}});
        row("no name of a display", {{"DISPLAY", "rubbish"}});
        row("a dead Wayland", {{"WAYLAND_DISPLAY", "wayland-97"}, {"XDG_SESSION_TYPE", "wayland"}});
        row("both dead", {{"WAYLAND_DISPLAY", "wayland-97"}, {"DISPLAY", ":97"}});
        row("no such platform", {{"QT_QPA_PLATFORM", "rubbish"}});
        row("no such platform, a dead server", {{"QT_QPA_PLATFORM", "rubbish"}, {"DISPLAY", ":97"}});
        row("xcb, no display", {{"QT_QPA_PLATFORM", "xcb"}});
        if (withOffscreen)
            row("a theme that wants a display",
                {{"DISPLAY", ":97"}, {"QT_QPA_PLATFORMTHEME", "gtk3"}, {"QT_QPA_PLATFORM", "offscreen"}});
    }

    QTemporaryDir m_folder;

private slots:
    /// Qt removes no name that is no UTF-8.
    void cleanupTestCase() { std::filesystem::remove_all(m_folder.path().toStdString()); }

    void scripts_needNone_data() { addDisplays(); }

    void scripts_needNone()
    {
        QFETCH(Variables, displays);
        for (const char* option : {"--help", "--version", "--list-commands"}) {
            const Ended ended = run(displays, {option});
            QVERIFY2(ended.code == 0 && !ended.out.isEmpty() && ended.err.isEmpty(), ended.err.constData());
        }
        QFile::remove(m_folder.filePath("w.png"));
        const Ended drawn =
            run(displays, {SAMPLE_TRACE, "--size", "1400x900", "--screenshot", "w.png", "--exit"});
        QVERIFY2(drawn.code == 0, drawn.err.constData());
        QCOMPARE(QImage(m_folder.filePath("w.png")).size(), QSize(1400, 900));
        // Where a display was named that is none, it is said; where none was, there is nothing to say.
        const bool isNamed = !displays.isEmpty() && displays.value("QT_QPA_PLATFORM") != "offscreen";
        QCOMPARE(drawn.err.count('\n'), isNamed ? 1 : 0);
        QVERIFY2(!isNamed || drawn.err.contains("drawing off screen"), drawn.err.constData());
        const Ended gui = run(displays, {"gui", "--help"}, HEADWATER_PROGRAM);
        QVERIFY2(gui.code == 0 && gui.err.isEmpty(), gui.err.constData());
    }

    void window_withoutOne_isOneSentence_data() { addDisplays(false); }

    void window_withoutOne_isOneSentence()
    {
        QFETCH(Variables, displays);
        const Ended ended = run(displays, {SAMPLE_TRACE});
        QVERIFY2(ended.code == 69, ended.err.constData());
        QVERIFY2(ended.err.startsWith("headwater-explorer: ") && ended.err.count('\n') == 1,
                 ended.err.constData());
        for (auto at = displays.begin(); at != displays.end(); ++at)
            QVERIFY2(!at.key().endsWith("DISPLAY") || ended.err.contains(at.value().toUtf8()),
                     ended.err.constData());
        QVERIFY2(ended.err.contains("--screenshot"), ended.err.constData());
    }

    void script_doesNotWaitForOneThatIsSilent()
    {
        // It connects, and never says a word: the abstract socket that an X server of this number would have.
        const int number = 1000 + static_cast<int>(QCoreApplication::applicationPid() % 30000);
        const std::string name = "/tmp/.X11-unix/X" + std::to_string(number);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(address.sun_path + 1, sizeof address.sun_path - 2);
        const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
        QVERIFY(::bind(server, reinterpret_cast<const sockaddr*>(&address), length) == 0);
        QVERIFY(::listen(server, 8) == 0);
        const Ended ended = run({{"DISPLAY", ":" + QString::number(number)}},
                                {SAMPLE_TRACE, "--size", "1400x900", "--screenshot", "s.png", "--exit"});
        ::close(server);
        QVERIFY2(ended.code == 0, ended.err.constData());
        QVERIFY2(ended.err.contains("does not answer"), ended.err.constData());
        QVERIFY(QFile::exists(m_folder.filePath("s.png")));
    }

    void file_opensByAnyName_data()
    {
        QTest::addColumn<QString>("name"); // as bash's $'…' has it
        QTest::newRow("blanks and quotes") << "a  b \\'c\\' \"d\"";
        QTest::newRow("line feed") << "two\\nlines\\n";
        QTest::newRow("a dash in front") << "--exit";
        QTest::newRow("a dash in front, of Qt") << "-platform";
        QTest::newRow("percent") << "100%20%25";
        QTest::newRow("query and fragment") << "a?mode=rw#b";
        QTest::newRow("as a URI") << "file:x%20y";
        QTest::newRow("no UTF-8") << "caf\\xe9 \\xff";
        QTest::newRow("long") << QString(251, 'n');
    }

    void file_opensByAnyName()
    {
        QFETCH(QString, name);
        const QString quoted = "$'" + name + ".hwt'";
        const QString script =
            QStringLiteral("cp -- %1 %2; %3 --size 1400x900 --screenshot $'./%4.png' --exit -- %2 && "
                           "test -s $'./%4.png' && rm -- %2 && ! %3 --exit -- %2")
                .arg(SAMPLE_TRACE, quoted, EXPLORER_PROGRAM, name);
        const Ended ended = run({}, {"-c", script}, "bash");
        QVERIFY2(ended.code == 0, ended.err.constData());
        QCOMPARE(ended.err.count('\n'), 1); // the one that is no longer there
        QVERIFY2(ended.err.contains(".hwt: "), ended.err.constData());
    }

    void file_opensByItsUri()
    {
        const Ended ended =
            run({}, {"file://localhost" + QString(SAMPLE_TRACE).replace("-", "%2D"), "--exit"});
        QVERIFY2(ended.code == 0, ended.err.constData());
        const Ended other = run({}, {"file://server/a.hwt", "--exit"});
        QVERIFY2(other.code == 66 && other.err.contains("file://server/a.hwt"), other.err.constData());
    }
};

QTEST_GUILESS_MAIN(TestDisplays)
#include "tst_displays.moc"
