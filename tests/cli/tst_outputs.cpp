// SPDX-License-Identifier: Apache-2.0
// What the command line must not write over, what it leaves where writing fails, and what it says then.
#include "tests/cli/headwater_run.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>
#include <filesystem>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

using namespace headwater::test;

class TstOutputs : public QObject {
    Q_OBJECT

private:
    Outcome run(const QStringList& arguments, const std::function<void()>& before = {})
    {
        return runHeadwater(arguments, m_folder.path(), {}, before);
    }

    /// What the child process starts without: the privilege to read what its modes forbid. Nothing for a user
    /// who has none.
    static void dropPrivilege()
    {
        ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
        ::prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH);
    }

    QString file(const QString& name) const { return m_folder.filePath(name); }

    QByteArray contentOf(const QString& name) const
    {
        QFile in(file(name));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }

    QTemporaryDir m_folder;
    QByteArray m_prompt;
    QByteArray m_trace;

private slots:
    void initTestCase()
    {
        QCOMPARE(run({"bench", "--make-prompt", "900", "--seed", "3", "-o", "p.txt"}).code, 0);
        const Outcome made = run({"run", "--model", "builtin:needle", "--prompt", "p.txt", "-o", "vic.hwt"});
        QVERIFY2(made.code == 0, made.err.constData());
        m_prompt = contentOf("p.txt");
        m_trace = contentOf("vic.hwt");
        QVERIFY(!m_trace.isEmpty());
        QVERIFY(QFile::copy(file("vic.hwt"), file("named.pdf")));
        std::filesystem::create_symlink("vic.hwt", file("link.npz").toStdString());
    }

    void input_isNotWrittenOver_data()
    {
        QTest::addColumn<QStringList>("arguments");
        const QStringList head{"export", "vic.hwt", "--layer", "2", "--head", "0"};
        const QStringList logits{"logits", "--model", "builtin:needle", "--prompt", "p.txt", "--out"};
        QTest::newRow("export onto itself") << head + QStringList{"-o", "vic.hwt"};
        QTest::newRow("csv onto itself") << head + QStringList{"--format", "csv", "-o", "./vic.hwt"};
        QTest::newRow("export through a link") << head + QStringList{"-o", "link.npz"};
        QTest::newRow("bench onto a trace") << QStringList{"bench", "--make-prompt", "500", "-o", "vic.hwt"};
        QTest::newRow("logits onto a trace") << logits + QStringList{"vic.hwt"};
        QTest::newRow("logits onto the prompt") << logits + QStringList{"./p.txt"};
        QTest::newRow("figure onto a trace")
            << QStringList{"figure", "vic.hwt", "--layer", "2", "--head", "0", "-o", "named.pdf"};
    }

    void input_isNotWrittenOver()
    {
        QFETCH(QStringList, arguments);
        const Outcome outcome = run(arguments);
        QVERIFY2(outcome.code == 73, (QByteArray::number(outcome.code) + " " + outcome.err).constData());
        QVERIFY(outcome.err.contains("choose another name"));
        QCOMPARE(contentOf("vic.hwt"), m_trace);
        QCOMPARE(contentOf("named.pdf"), m_trace);
        QCOMPARE(contentOf("p.txt"), m_prompt);
    }

    void fullDisk_leavesWhatWasThere_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("output");
        const QStringList head{"export", "vic.hwt", "--layer", "2", "--head", "2"};
        QTest::newRow("npz") << head + QStringList{"-o", "o.npz"} << "o.npz";
        QTest::newRow("csv") << head + QStringList{"-o", "o.csv"} << "o.csv";
        QTest::newRow("prompt") << QStringList{"bench", "--make-prompt", "9000", "-o", "o.txt"} << "o.txt";
        QTest::newRow("logits") << QStringList{"logits", "--model", "builtin:needle", "--prompt", "p.txt",
                                               "--rows", "last:9",  "--out",          "o.npy"}
                                << "o.npy";
    }

    void fullDisk_leavesWhatWasThere()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, output);
        const auto limit = [] {
            const rlimit bytes{2048, 2048};
            ::setrlimit(RLIMIT_FSIZE, &bytes);
        };
        const QStringList before = QDir(m_folder.path()).entryList(QDir::Files);
        Outcome outcome = run(arguments, limit);
        QVERIFY2(outcome.code == 74, (QByteArray::number(outcome.code) + " " + outcome.err).constData());
        QVERIFY2(outcome.err.contains(output.toUtf8()) && outcome.err.contains("File too large"),
                 outcome.err.constData());
        QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files), before);
        // An older file stays as it was; with room it is replaced, and nothing is left beside it.
        QFile old(file(output));
        QVERIFY(old.open(QIODevice::WriteOnly) && old.write("old") == 3);
        old.close();
        QVERIFY(old.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
        QCOMPARE(run(arguments, limit).code, 74);
        QCOMPARE(contentOf(output), QByteArray("old"));
        outcome = run(arguments);
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QVERIFY(contentOf(output).size() > 2048);
        QCOMPARE(QFile::permissions(file(output)) & (QFile::ReadGroup | QFile::ReadOther),
                 QFile::Permissions());
        QVERIFY(!QFile::exists(file(output + ".part")));
        QVERIFY(QFile::remove(file(output)));
    }

    /// A figure and its description stand together or not at all, whatever the length of their names.
    void figure_withoutItsDescription_isNone_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("isThere");
        const auto ofLength = [](int bytes) { return QString(bytes - 4, 'x') + ".svg"; };
        QTest::newRow("a folder in its place") << "taken.svg" << false;
        QTest::newRow("a description of 256 bytes") << ofLength(251) << false;
        for (const int bytes : {245, 246, 249, 250})
            QTest::addRow("a description of %d bytes", bytes + 5) << ofLength(bytes) << true;
    }

    void figure_withoutItsDescription_isNone()
    {
        QFETCH(QString, name);
        QFETCH(bool, isThere);
        QDir(m_folder.path()).mkpath("taken.svg.json");
        const QStringList before = QDir(m_folder.path()).entryList(QDir::Files);
        const Outcome outcome = run({"figure", "vic.hwt", "--layer", "2", "--head", "0", "-o", name});
        QVERIFY2(outcome.code == (isThere ? 0 : 73), outcome.err.constData());
        QStringList after = QDir(m_folder.path()).entryList(QDir::Files);
        if (isThere) {
            QCOMPARE(after.size(), before.size() + 2);
            QVERIFY(contentOf(name).contains("</svg>") && contentOf(name + ".json").contains("vic.hwt"));
            QVERIFY(QFile::remove(file(name)) && QFile::remove(file(name + ".json")));
            after = QDir(m_folder.path()).entryList(QDir::Files);
        }
        QCOMPARE(after, before);
    }

    void export_goesByTheEnding()
    {
        const QStringList head{"export", "vic.hwt", "--layer", "2", "--head", "0", "-o"};
        QCOMPARE(run(head + QStringList{"q.csv"}).code, 0);
        QVERIFY(contentOf("q.csv").startsWith("layer,head,query_begin,"));
        QCOMPARE(run(head + QStringList{"q.npz", "--json"}).json()["format"].toString(), QString("npz"));
        QVERIFY(contentOf("q.npz").startsWith("PK"));
        QCOMPARE(run(head + QStringList{"q.table", "--format", "csv"}).code, 0);
        QCOMPARE(run(head + QStringList{"c.npz", "--format", "csv"}).code, 64);
        QCOMPARE(run(head + QStringList{"c.table"}).code, 64);
        QVERIFY(!QFile::exists(file("c.npz")) && !QFile::exists(file("c.table")));
        // A pipe is written as it comes.
        const Outcome piped = run(head + QStringList{"/dev/stdout", "--format", "csv"});
        QVERIFY2(piped.code == 0, piped.err.constData());
        QVERIFY(piped.out.startsWith("layer,head,query_begin,"));
        QCOMPARE(piped.out, contentOf("q.csv")); // and nothing else
    }

    void export_takesHeadsAndParts_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QStringList>("files"); // of L2-H0 and so on; or one name for all heads
        QTest::addColumn<QByteArray>("says");
        const auto of = [](const QString& layer, const QString& head, const QString& output) {
            return QStringList{"--layer", layer, "--head", head, "-o", output, "--format", "npz"};
        };
        QTest::newRow("all heads in one file")
            << of("all", "all", "m.npz") << 0 << QStringList{"m.npz"} << QByteArray();
        QTest::newRow("a file a head")
            << of("2", "0-2", "new/folder/") << 0
            << QStringList{"new/folder/L2-H0.npz", "new/folder/L2-H1.npz", "new/folder/L2-H2.npz"}
            << QByteArray();
        QTest::newRow("lists, each once")
            << of("2,0-1,2", "0", "m.npz") << 0 << QStringList{"m.npz"} << QByteArray();
        QTest::newRow("a part") << of("2", "0", "m.npz") + QStringList{"--query", "100:300", "--key", ":64"}
                                << 0 << QStringList{"m.npz"} << QByteArray();
        QTest::newRow("no such layer")
            << of("2,9", "all", "m.npz") << 66 << QStringList{} << QByteArray("layer 9");
        QTest::newRow("no such head")
            << of("2", "0,77", "m.npz") << 66 << QStringList{} << QByteArray("layer 2, head 77");
        QTest::newRow("no such head anywhere")
            << of("all", "77", "m.npz") << 66 << QStringList{} << QByteArray("head 77");
        for (const char* wrong : {"", "x", "1-", "-1", "3-1", "1,,2", "0-70000", "1.0", "All"})
            QTest::addRow("--layer '%s'", wrong)
                << of(wrong, "0", "m.npz") << 64 << QStringList{} << QByteArray("all");
        QTest::newRow("a range beyond the text") << of("2", "0", "m.npz") + QStringList{"--query", "5:999999"}
                                                 << 64 << QStringList{} << QByteArray("5:999999");
        QTest::newRow("an empty range") << of("2", "0", "m.npz") + QStringList{"--key", "7:7"} << 64
                                        << QStringList{} << QByteArray("7:7");
    }

    void export_takesHeadsAndParts()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QStringList, files);
        QFETCH(QByteArray, says);
        const Outcome outcome = run(QStringList{"export", "vic.hwt", "--json"} + arguments);
        QVERIFY2(outcome.code == code, (QByteArray::number(outcome.code) + " " + outcome.err).constData());
        if (code != 0) {
            QVERIFY2(outcome.err.contains(says), outcome.err.constData());
            QVERIFY(!QFile::exists(file("m.npz")));
            return;
        }
        QSet<QString> said;
        for (const QJsonValue& head : outcome.json()["heads"].toArray())
            said.insert(head["file"].toString());
        QCOMPARE(said, QSet<QString>(files.begin(), files.end()));
        for (const QString& name : files)
            QVERIFY2(contentOf(name).startsWith("PK") && QFile::remove(file(name)), qPrintable(name));
        QCOMPARE(outcome.json()["left_out"].toInt(-1), 0);
    }

    void message_saysWhatIsWrong_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const QStringList model{"run", "--model", "builtin:needle", "--text", "a"};
        QTest::newRow("no folder") << model + QStringList{"-o", "none/x/y.hwt"} << 73 << "no such folder";
        QTest::newRow("a file as folder") << model + QStringList{"-o", "p.txt/y.hwt"} << 73 << "p.txt";
        QTest::newRow("misspelt model")
            << QStringList{"run", "--model", "smollm-135m", "--text", "a"} << 66 << "smollm2-135m";
        QTest::newRow("export into a folder, as what")
            << QStringList{"export", "vic.hwt", "--layer", "2", "--head", "0", "-o", "new/"} << 64
            << "new/: is a folder";
        QTest::newRow("no verb") << QStringList{} << 64 << "expected a verb: run, ";
        QTest::newRow("misspelt verb") << QStringList{"rnu", "--model", "x"} << 64 << "'rnu' is no verb";
        QTest::newRow("misspelt option")
            << model + QStringList{"--keep-key", "100"} << 64 << "unexpected: --keep-key 100;";
        QTest::newRow("bare prompt") << QStringList{"run", "--model", "builtin:needle", "p.txt"} << 64
                                     << "p.txt (a prompt's file is given by --prompt)";
        const QStringList logits{"logits", "--model", "builtin:needle", "--text", "abc"};
        QTest::newRow("more rows than tokens")
            << logits + QStringList{"--rows", "last:9"} << 64 << "N from 1 to 4";
        QTest::newRow("no tokens a row") << logits + QStringList{"--top", "0"} << 64 << "--top";
    }

    void message_saysWhatIsWrong()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, says);
        const Outcome outcome = run(arguments);
        QVERIFY2(outcome.code == code, (QByteArray::number(outcome.code) + " " + outcome.err).constData());
        QVERIFY2(outcome.err.contains(says.toUtf8()), outcome.err.constData());
        QVERIFY2(outcome.err.startsWith("error: ") && outcome.err.count('\n') == 1, outcome.err.constData());
    }

    void unreadableFile_saysWhy_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("name");
        const QStringList run{"run", "-o", "u.hwt", "--model"};
        QTest::newRow("prompt") << run + QStringList{"builtin:needle", "--prompt", "secret.txt"}
                                << "secret.txt";
        QTest::newRow("prompt of generate")
            << QStringList{"generate", "--model", "builtin:needle", "--prompt", "secret.txt"} << "secret.txt";
        QTest::newRow("ids") << QStringList{"logits", "--model", "builtin:needle", "--ids", "secret.txt"}
                             << "secret.txt";
        QTest::newRow("model") << run + QStringList{"secret.gguf", "--text", "a"} << "secret.gguf";
        QTest::newRow("model of tokenize")
            << QStringList{"tokenize", "--model", "secret.gguf", "--text", "a"} << "secret.gguf";
        for (const char* verb : {"info", "verify"})
            QTest::addRow("trace of %s", verb) << QStringList{verb, "secret.hwt"} << "secret.hwt";
        QTest::newRow("trace of export")
            << QStringList{"export", "secret.hwt", "--layer", "2", "--head", "0", "-o", "u.npz"}
            << "secret.hwt";
    }

    void unreadableFile_saysWhy()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, name);
        QFile::remove(file(name));
        const QString gguf = QStringLiteral(HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf");
        QVERIFY(QFile::copy(name.endsWith("gguf")      ? gguf
                                : name.endsWith("txt") ? file("p.txt")
                                                       : file("vic.hwt"),
                            file(name)));
        QVERIFY(QFile::setPermissions(file(name), {}));
        // Root reads everything: the program runs without that privilege.
        const Outcome outcome = run(arguments, dropPrivilege);
        QVERIFY2(outcome.code == 66, (QByteArray::number(outcome.code) + " " + outcome.err).constData());
        QVERIFY2(outcome.err.startsWith("error: " + name.toUtf8() + ": ")
                     && outcome.err.contains("Permission denied") && outcome.err.count('\n') == 1,
                 outcome.err.constData());
        QVERIFY(!QFile::exists(file("u.hwt")) && !QFile::exists(file("u.npz")));
        // Nothing else was in its way.
        QVERIFY(QFile::setPermissions(file(name), QFile::ReadOwner));
        if (!arguments.contains("--ids")) {
            const Outcome readable = run(arguments, dropPrivilege);
            QVERIFY2(readable.code == 0, readable.err.constData());
        }
        QFile::remove(file("u.hwt"));
        QFile::remove(file("u.npz"));
    }

    void verify_ofNoTrace_saysJustThat()
    {
        const Outcome outcome = run({"verify", "p.txt"});
        QCOMPARE(outcome.code, 1);
        QVERIFY2(outcome.out.startsWith("p.txt: is no trace") && outcome.out.count('\n') == 1,
                 outcome.out.constData());
    }

    void readerThatLeaves_getsNoSentence()
    {
        QProcess shell;
        shell.setWorkingDirectory(m_folder.path());
        shell.start(
            "bash",
            {"-c",
             "\"$0\" tokenize --model builtin:needle --prompt p.txt --json | true; exit ${PIPESTATUS[0]}",
             headwaterProgram()});
        QVERIFY(shell.waitForFinished(-1));
        QCOMPARE(shell.readAllStandardError(), QByteArray());
        QVERIFY(shell.exitCode() == 74
                || shell.exitCode() == 0); // 0: all of it went into the pipe before its reader left
    }
};

QTEST_GUILESS_MAIN(TstOutputs)
#include "tst_outputs.moc"
