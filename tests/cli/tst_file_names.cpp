// SPDX-License-Identifier: Apache-2.0
// File names are bytes: whatever the system allows opens everywhere, and comes out of JSON, descriptions and
// commands as it went in. Scripts are bash's, since QProcess knows UTF-8 alone.
#include "core/base/file_name.h"
#include "tests/cli/headwater_run.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>

using namespace headwater::test;

class TstFileNames : public QObject {
    Q_OBJECT

private:
    static constexpr const char* kSample = HEADWATER_SOURCE_DIR "/resources/samples/story.hwt";

    /// Bytes as bash takes them, whatever they are.
    static QString quoted(const QByteArray& bytes)
    {
        QString text = "$'";
        for (const char byte : bytes)
            text += QString("\\x%1").arg(static_cast<uchar>(byte), 2, 16, QLatin1Char('0'));
        return text + "'";
    }

    Outcome bash(const QString& script)
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start("bash", {"-c", "H=" + headwaterProgram() + "; " + script});
        return outcomeOf(process);
    }

    /// The path that a JSON member names, as another program would find it.
    static QByteArray pathOf(const QJsonValue& text)
    {
        const auto path = headwater::pathOfText(text.toString().toStdString());
        return path ? QByteArray::fromStdString(path->string()) : QByteArray();
    }

    /// As it is written for what is to be made: a name that reads as a URI is one, unless a file has it.
    static QByteArray placed(const QByteArray& name)
    {
        return name.toLower().startsWith("file:") ? "./" + name : name;
    }

    bool exists(const QByteArray& name) const
    {
        return std::filesystem::exists(std::filesystem::path(m_folder.path().toStdString())
                                       / name.toStdString());
    }

    static void addNames(int longest)
    {
        QTest::addColumn<QByteArray>("name"); // without an ending
        const auto row = [](const char* what, const QByteArray& name) { QTest::newRow(what) << name; };
        row("blanks and quotes", "a  b 'c' \"d\" `e` $f");
        row("line feed", "two\nlines\n");
        row("a dash in front", "-o");
        row("percent", "100%20%25%");
        row("query and fragment", "a?mode=rw#b&c=d");
        row("as a URI", "file:x%20y");
        row("as a URI, in capitals", "FILE:x");
        row("backslashes", "a\\x41\\n\\");
        row("no UTF-8", "caf\xe9 \xff\xfe");
        row("no UTF-8, as a URI", "file:\xff");
        row("control characters", "a\x01\x1b[31m\x7f");
        row("of another script", "日本語 שלום");
        row("dots", "..a...");
        row("colon and equals", "=a:b=c,d");
        row("stars", "*?[a]{b,c}~");
        row("long", QByteArray(longest, 'n'));
    }

    QTemporaryDir m_folder;
    bool m_hasNumpy = false;

private slots:
    void initTestCase() { m_hasNumpy = bash("python3 -c 'import numpy'").code == 0; }

    /// Qt removes no name that is no UTF-8.
    void cleanupTestCase() { std::filesystem::remove_all(m_folder.path().toStdString()); }

    void trace_opensByAnyName_data() { addNames(251); }

    void trace_opensByAnyName()
    {
        QFETCH(QByteArray, name);
        const QByteArray trace = name + ".hwt";
        const QString t = quoted(trace);
        // A name that begins with a dash stands behind --.
        QVERIFY(bash("cp -- " + QString(kSample) + " " + t).code == 0);
        const Outcome info = bash("\"$H\" info --json -- " + t);
        QVERIFY2(info.code == 0, info.err.constData());
        QCOMPARE(pathOf(info.json()["file"]), trace);
        const Outcome verified = bash("\"$H\" verify -- " + t);
        QVERIFY2(verified.code == 0, verified.err.constData());
        // By its URI, whatever it is.
        const QString uri = "file://" + m_folder.path() + "/" + trace.toPercentEncoding();
        const Outcome byUri = bash("\"$H\" info --json '" + uri + "'");
        QVERIFY2(byUri.code == 0, byUri.err.constData());
        // What is missing is named whole.
        const Outcome missing = bash("\"$H\" info --json -- " + quoted("no " + name));
        QCOMPARE(missing.code, 66);
        QCOMPARE(pathOf(missing.json()["error"].toObject()["context"]), "no " + name);
    }

    void outputs_takeAnyName_data() { addNames(240); }

    void outputs_takeAnyName()
    {
        QFETCH(QByteArray, name);
        const QByteArray trace = name + ".hwt";
        name = placed(name);
        const QByteArray figure = name + ".svg";
        const QString at = " --layer 3 --head 5 --json -o ";
        const Outcome drawn = bash("cp -- " + QString(kSample) + " " + quoted(trace) + "; \"$H\" figure" + at
                                   + quoted(figure) + " -- " + quoted(trace));
        QVERIFY2(drawn.code == 0, drawn.err.constData());
        QVERIFY(exists(figure));
        QCOMPARE(pathOf(drawn.json()["figure"]), figure);
        QCOMPARE(pathOf(drawn.json()["description"]), figure + ".json");
        // The description names its trace, and is enough to draw the same again.
        const Outcome again = bash("\"$H\" figure --from " + quoted(figure + ".json")
                                   + " -o again.svg && cmp again.svg " + quoted("./" + figure));
        QVERIFY2(again.code == 0, again.err.constData() + again.out);
        const Outcome npz = bash("\"$H\" export" + at + quoted(name + ".npz") + " -- " + quoted(trace));
        QVERIFY2(npz.code == 0 && exists(name + ".npz"), npz.err.constData());
        QCOMPARE(pathOf(npz.json()["file"]), name + ".npz");
        const Outcome prompt = bash("\"$H\" bench --make-prompt 300 --json -o " + quoted(name + ".txt"));
        QVERIFY2(prompt.code == 0 && exists(name + ".txt"), prompt.err.constData());
        QCOMPARE(pathOf(prompt.json()["prompt"]), name + ".txt");
        // Printed for a program, it is the name itself.
        const Outcome printed =
            bash("\"$H\" export --layer 3 --head 5 -o " + quoted(name + ".csv") + " -- " + quoted(trace));
        QCOMPARE(printed.out, name + ".csv\n");
    }

    void title_ofAnyBytes_isDrawnAgain()
    {
        const Outcome drawn = bash("\"$H\" figure " + QString(kSample)
                                   + " --layer 3 --head 5 --title $'caf\\xe9 \\xff' -o t.svg && "
                                     "\"$H\" figure --from t.svg.json -o u.svg && cmp t.svg u.svg");
        QVERIFY2(drawn.code == 0, drawn.err.constData() + drawn.out);
    }

    void run_repeatsFromItsCommand_data() { addNames(240); }

    void run_repeatsFromItsCommand()
    {
        QFETCH(QByteArray, name);
        name = placed(name);
        const QString prompt = quoted(name + ".txt");
        const QString trace = quoted(name + ".hwt");
        const Outcome first = bash("printf 'one two three' > " + quoted("./" + name + ".txt")
                                   + "; \"$H\" run --model builtin:needle --generate 0 --json --prompt "
                                   + prompt + " -o " + trace);
        QVERIFY2(first.code == 0 && exists(name + ".hwt"), first.err.constData());
        QCOMPARE(pathOf(first.json()["trace"]), name + ".hwt");
        const auto command = [&] {
            return bash("\"$H\" info --json -- " + trace).json()["meta"].toObject()["command"].toString();
        };
        const QString line = command();
        QVERIFY(line.startsWith("headwater run "));
        // JSON kept it, so a shell takes it.
        const Outcome second = bash("rm -- " + trace + "; \"$H\" " + line.mid(QString("headwater ").size()));
        QVERIFY2(second.code == 0 && exists(name + ".hwt"), second.err.constData());
        QCOMPARE(command(), line);
        // So does the line that `info` prints.
        const QByteArray printed = bash("\"$H\" info -- " + trace).out;
        QVERIFY2(printed.contains("\ncommand:     " + line.toUtf8() + "\n\n"), printed.constData());
    }

    void pythonReader_opensAnyName_data() { addNames(251); }

    void pythonReader_opensAnyName()
    {
        QFETCH(QByteArray, name);
        const QString t = quoted(name + ".hwt");
        if (!m_hasNumpy)
            QSKIP("python3-numpy is not installed");
        const QString script = "import sys, os, headwater\n"
                               "for path in (sys.argv[1], os.fsencode(sys.argv[1])):\n"
                               "    with headwater.open_trace(path) as trace: print(len(trace.heads))\n";
        const Outcome outcome =
            bash("cp -- " + QString(kSample) + " " + t
                 + "; PYTHONPATH=" HEADWATER_SOURCE_DIR "/python python3 -c '" + script + "' " + t);
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QCOMPARE(outcome.out.count('\n'), 2);
    }

    void nameThatATraceCannotHave_isSaid()
    {
        // SQLite keeps the log of a trace that is being written under its name and an ending.
        const Outcome outcome = bash("\"$H\" run --model builtin:needle --text abc --generate 0 -o "
                                     + quoted(QByteArray(251, 'n') + ".hwt"));
        QCOMPARE(outcome.code, 73);
        QVERIFY2(outcome.err.contains("255 bytes") && outcome.err.contains("247"), outcome.err.constData());
    }

    void pathThatIsTooLongForSQLite_isSaid()
    {
        const QString folder = QString("d").repeated(200);
        const QString deep = folder + "/" + folder + "/" + folder;
        const Outcome outcome = bash("mkdir -p " + deep + " && cp " + kSample + " " + deep
                                     + "/t.hwt && \"$H\" info " + deep + "/t.hwt");
        QVERIFY(outcome.code > 0);
        QVERIFY2(outcome.err.contains("bytes, SQLite opens at most") && outcome.err.contains("move it"),
                 outcome.err.constData());
        const Outcome written =
            bash("\"$H\" run --model builtin:needle --text abc --generate 0 -o " + deep + "/n.hwt");
        QCOMPARE(written.code, 73);
        QVERIFY2(written.err.contains("move it"), written.err.constData());
    }
};

QTEST_GUILESS_MAIN(TstFileNames)
#include "tst_file_names.moc"
