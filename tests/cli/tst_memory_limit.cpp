// SPDX-License-Identifier: Apache-2.0
// What does not fit into memory is refused before anything is taken, and what is suggested then works: it is
// run under the same limit.
#include "support/sanitized.h"
#include "tests/cli/headwater_run.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <sys/resource.h>

using namespace headwater::test;

class TstMemoryLimit : public QObject {
    Q_OBJECT

private:
    static void limitMemory()
    {
        const rlimit bytes{340 << 20, 340 << 20};
        ::setrlimit(RLIMIT_AS, &bytes);
    }
    static void limitData()
    {
        const rlimit bytes{340 << 20, 340 << 20};
        ::setrlimit(RLIMIT_DATA, &bytes);
    }

    Outcome limited(const QStringList& arguments, void (*limit)() = limitMemory)
    {
        // One thread, so that the stacks and heaps of others do not decide how much is left.
        return runHeadwater(arguments + QStringList{"--model", "builtin:needle", "--threads", "1"},
                            m_folder.path(), {}, limit);
    }

    /// A prompt of that many tokens: the first token is no byte of it.
    void writePrompt(const QString& name, qint64 tokens)
    {
        QFile file(m_folder.filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(m_text.left(tokens - 1)), tokens - 1);
    }

    QTemporaryDir m_folder;
    QByteArray m_text;

private slots:
    void initTestCase()
    {
        if (isSanitized())
            QSKIP("a sanitizer maps more than the limit allows");
        const Outcome made =
            runHeadwater({"bench", "--make-prompt", "400000", "-o", "large.txt"}, m_folder.path());
        QCOMPARE(made.code, 0);
        QFile file(m_folder.filePath("large.txt"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_text = file.readAll();
        QCOMPARE(m_text.size(), 399'999);
    }

    void refused_andTheSuggestionWorks_data()
    {
        QTest::addColumn<QStringList>("verb");
        QTest::addColumn<QString>("says");
        QTest::addColumn<QStringList>("then");
        QTest::newRow("run") << QStringList{"run", "-o", "t.hwt"}
                             << "a prompt of at most (\\d+) tokens with --generate 0"
                             << QStringList{"--generate", "0"};
        QTest::newRow("run under a data limit")
            << QStringList{"run", "-o", "t.hwt"} << "a prompt of at most (\\d+) tokens with --generate 0"
            << QStringList{"--generate", "0"};
        QTest::newRow("run and check")
            << QStringList{"run", "-o", "t.hwt", "--check"}
            << "a prompt of at most (\\d+) tokens with --generate 0" << QStringList{"--generate", "0"};
        QTest::newRow("generate") << QStringList{"generate"} << "a prompt of at most (\\d+) tokens with -n 1"
                                  << QStringList{"-n", "1"};
        QTest::newRow("logits") << QStringList{"logits"} << "a prompt of at most (\\d+) tokens"
                                << QStringList{};
        QTest::newRow("logits of many rows")
            << QStringList{"logits", "--top", "258"} << "a prompt of at most (\\d+) tokens with --rows last:1"
            << QStringList{"--rows", "last:1"};
    }

    void refused_andTheSuggestionWorks()
    {
        QFETCH(QStringList, verb);
        QFETCH(QString, says);
        QFETCH(QStringList, then);
        QStringList large = verb + QStringList{"--prompt", "large.txt", "--json"};
        if (verb.contains("--top"))
            large << "--rows"
                  << "last:90000";
        const bool ofData = QByteArray(QTest::currentDataTag()).contains("data limit");
        const auto limit = ofData ? limitData : limitMemory;
        const Outcome refused = limited(large, limit);
        QVERIFY2(refused.code == 71, refused.err.constData());
        const QRegularExpressionMatch match =
            QRegularExpression("^error: memory estimate: needs [^,]+iB, [^,]+iB free \\(ulimit -"
                               + QString(ofData ? "d" : "v") + " is 340(\\.0)? MiB\\); try " + says + "\n$")
                .match(refused.err);
        QVERIFY2(match.hasMatch(), refused.err.constData());
        QCOMPARE(refused.json()["error"].toObject()["code"].toString(), QString("out_of_memory"));
        QVERIFY(!QFile::exists(m_folder.filePath("t.hwt")));

        const qint64 tokens = match.captured(2).toLongLong();
        QVERIFY2(tokens > 2000, refused.err.constData());
        writePrompt("short.txt", tokens);
        const Outcome worked = limited(verb + QStringList{"--prompt", "short.txt", "--json"} + then, limit);
        QVERIFY2(worked.code == 0, worked.err.constData());
        if (verb.first() != "run")
            return;
        QCOMPARE(worked.json()["prompt_tokens"].toInteger(), tokens);
        const qint64 peak = worked.json()["peak_rss_bytes"].toInteger();
        const qint64 estimated = worked.json()["estimated_bytes"].toInteger();
        QVERIFY2(peak > 0 && peak <= estimated, worked.out.constData());
        QVERIFY(estimated < 340 << 20);
        QVERIFY(QFile::remove(m_folder.filePath("t.hwt")));
    }

    void logits_suggestFewerRows()
    {
        writePrompt("some.txt", 3000);
        const QStringList logits{"logits", "--prompt", "some.txt", "--top", "258", "--json", "--rows"};
        const Outcome refused = limited(logits + QStringList{"last:3000"});
        QVERIFY2(refused.code == 71, refused.err.constData());
        const QRegularExpressionMatch match =
            QRegularExpression("try at most (\\d+) rows \\(--rows (last:\\d+)\\)\n$").match(refused.err);
        QVERIFY2(match.hasMatch(), refused.err.constData());
        const Outcome worked = limited(logits + QStringList{match.captured(2)});
        QVERIFY2(worked.code == 0, worked.err.constData());
    }

    /// Over the protocol `estimate` says what `run` would be told. It takes nothing of what it speaks of: the
    /// stacks of so many threads would not fit.
    void estimate_refusesWhatTheRunWould()
    {
        QByteArray input;
        const std::pair<bool, int> asked[] = {{false, 1}, {true, 1}, {false, 1024}};
        for (const auto& [force, threads] : asked) {
            const QJsonObject params{{"model", "builtin:needle"},
                                     {"prompt_file", m_folder.filePath("large.txt")},
                                     {"threads", threads},
                                     {"force", force}};
            const QByteArray message = QJsonDocument(QJsonObject{{"jsonrpc", "2.0"},
                                                                 {"id", int(force) + threads},
                                                                 {"method", "estimate"},
                                                                 {"params", params}})
                                           .toJson(QJsonDocument::Compact);
            input += "Content-Length: " + QByteArray::number(message.size()) + "\r\n\r\n" + message;
        }
        QProcess engine;
        engine.setChildProcessModifier(limitMemory);
        engine.start(headwaterProgram(), {"serve"});
        engine.write(input);
        QByteArray answers;
        while (answers.count("\"id\"") < 3 && engine.waitForReadyRead(60'000))
            answers += engine.readAllStandardOutput();
        engine.closeWriteChannel();
        QVERIFY(engine.waitForFinished(-1));
        QVERIFY2(answers.count("memory_bytes") == 3, answers.constData());
        QCOMPARE(answers.count("\"refused\":\"needs "), 2);
        const qsizetype forced = answers.indexOf("\"id\":2,");
        QVERIFY(forced > 0);
        QVERIFY(!answers.mid(forced, answers.indexOf("Content-Length", forced) - forced).contains("refused"));
    }

    /// --force goes on, and what comes then is an error of one line all the same.
    void force_goesOn()
    {
        for (const QStringList& verb : {QStringList{"generate"}, QStringList{"logits"}}) {
            const Outcome forced = limited(verb + QStringList{"--prompt", "large.txt", "--force", "--json"});
            QVERIFY2(forced.code == 71, forced.err.constData());
            QVERIFY2(!forced.err.contains("memory estimate"), forced.err.constData());
            QCOMPARE(forced.err.count('\n'), 1);
        }
    }
};

QTEST_GUILESS_MAIN(TstMemoryLimit)
#include "tst_memory_limit.moc"
