// SPDX-License-Identifier: Apache-2.0
// The command line as a user meets it: exit codes, JSON, files; on the built-in model, so that nothing is downloaded.
#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <sys/stat.h>

class TstCli : public QObject {
    Q_OBJECT

private:
    struct Outcome {
        int code = -1;
        QByteArray out;
        QByteArray err;
        QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
    };

    Outcome run(const QStringList& arguments, const QByteArray& input = {})
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start(QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater"), arguments);
        process.write(input);
        process.closeWriteChannel();
        if (!process.waitForFinished(120000))
            return {};
        return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
    }

    QString file(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
    qint64 m_answerToken = 0;
    QString m_answer;

private slots:
    void initTestCase()
    {
        const Outcome made = run({"bench", "--make-prompt", "3000", "--decoys", "8", "--seed", "5", "-o", "p.txt", "--json"});
        QCOMPARE(made.code, 0);
        m_answerToken = made.json()["answer_token"].toInteger();
        m_answer = made.json()["answer"].toString();
        QCOMPARE(made.json()["tokens"].toInt(), 3000);
        QVERIFY(!m_answer.isEmpty());
    }

    void run_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("quantity");
        QTest::newRow("exact") << QStringList {"--select", "exact"} << "p_model";
        QTest::newRow("exact propagated") << QStringList {"--select", "exact", "--propagated"} << "p_stream";
        QTest::newRow("tree") << QStringList {"--select", "tree"} << "p_masked";
        QTest::newRow("tree observed") << QStringList {"--select", "tree", "--observed"} << "p_model";
    }

    void run()
    {
        QFETCH(QStringList, options);
        QFETCH(QString, quantity);
        const Outcome outcome = run(QStringList {"run", "--model", "builtin:needle", "--prompt", "p.txt", "-o", "p.hwt", "--check",
                                                 "--expect", m_answer, "--json"}
                                    + options);
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QVERIFY(outcome.err.isEmpty()); // no progress bar where there is no terminal
        const QJsonObject json = outcome.json();
        QCOMPARE(json["generated"].toObject()["text"].toString(), m_answer);
        QCOMPARE(json["generated"].toObject()["traced_agreement"].toDouble(), 1.0);
        QCOMPARE(json["quantity"].toString(), quantity);
        QCOMPARE(json["prompt_tokens"].toInt(), 3000);
        QCOMPARE(json["tokens"].toInt(), 3000 + m_answer.size());
        QVERIFY(json["check"].toObject()["kept"].toBool());
        QVERIFY(json["check"].toObject()["dense_gives_expected"].toBool());
        const QJsonObject mass = json["kept_mass"].toObject();
        QVERIFY(mass["lo"].toDouble() <= mass["mean"].toDouble() && mass["mean"].toDouble() <= mass["hi"].toDouble());
        QVERIFY(json["kept_pairs"].toInteger() <= json["usable_pairs"].toInteger());
        // The answer was read by the retrieval head at its place.
        const QJsonObject read = json["answer_reads"][0].toObject();
        QVERIFY(read["copies"].toBool());
        QCOMPARE(read["layer"].toInt(), 2);
        QVERIFY(read["key"].toInteger() >= m_answerToken && read["key"].toInteger() < m_answerToken + m_answer.size());

        QCOMPARE(run({"verify", "p.hwt"}).code, 0);
        const QJsonObject info = run({"info", "p.hwt", "--json"}).json();
        QCOMPARE(info["tokens"].toInt(), json["tokens"].toInt());
        QCOMPARE(info["heads"].toArray().size(), 15);
        QVERIFY(info["sealed"].toBool());
        QVERIFY(info["meta"].toObject()["command"].toString().startsWith("headwater run --model builtin:needle --prompt p.txt"));
    }

    void verify_flippedByte_isCodeOne()
    {
        QVERIFY(QFile::copy(file("p.hwt"), file("bad.hwt")));
        QFile bad(file("bad.hwt"));
        QVERIFY(bad.open(QIODevice::ReadWrite));
        const QByteArray content = bad.readAll();
        const qsizetype at = content.indexOf("\x28\xb5\x2f\xfd"); // the first zstd frame
        QVERIFY(at > 0);
        bad.seek(at + 12);
        bad.putChar(static_cast<char>(content[at + 12] ^ 0x10));
        bad.close();
        const Outcome outcome = run({"verify", "bad.hwt", "--json"});
        QCOMPARE(outcome.code, 1);
        QVERIFY(!outcome.json()["ok"].toBool());
        QVERIFY(!outcome.json()["damage"].toArray().isEmpty());
    }

    void export_and_figure()
    {
        QCOMPARE(run({"export", "p.hwt", "--layer", "2", "--head", "0", "--format", "npz", "-o", "h.npz"}).code, 0);
        QCOMPARE(run({"export", "p.hwt", "--layer", "2", "--head", "0", "--format", "csv", "-o", "h.csv"}).code, 0);
        QVERIFY(QFile::exists(file("h.npz")) && QFile::exists(file("h.csv")));
        for (const QString name : {"f.pdf", "f.svg", "f.png"}) {
            const Outcome outcome = run({"figure", "p.hwt", "--layer", "2", "--head", "0", "--width", "7.7cm", "-o", name});
            QVERIFY2(outcome.code == 0, outcome.err.constData());
            QVERIFY(QFile::exists(file(name)));
        }
        QCOMPARE(run({"export", "p.hwt", "--layer", "9", "--head", "0", "-o", "h.npz"}).code, 66);
    }

    void tokenize_bytesRebuildThePrompt()
    {
        const QByteArray text = "na\xc3\xafve \xff\x80 @a=b\n"; // invalid bytes too
        const Outcome outcome = run({"tokenize", "--model", "builtin:needle", "--prompt", "-", "--json"}, text);
        QCOMPARE(outcome.code, 0);
        const QJsonArray bytes = outcome.json()["bytes"].toArray();
        qsizetype next = 0;
        for (const QJsonValue& range : bytes) {
            QCOMPARE(range[0].toInteger(), next);
            next = range[1].toInteger();
        }
        QCOMPARE(next, text.size());
    }

    void logits_sumToOne()
    {
        const Outcome outcome
            = run({"logits", "--model", "builtin:needle", "--prompt", "p.txt", "--rows", "last:2", "--top", "258", "--json"});
        QCOMPARE(outcome.code, 0);
        const QJsonArray rows = outcome.json()["rows"].toArray();
        QCOMPARE(rows.size(), 2);
        double sum = 0;
        for (const QJsonValue& token : rows[1]["top"].toArray())
            sum += std::exp(token["logprob"].toDouble());
        QVERIFY(std::abs(sum - 1) < 1e-9);
        QCOMPARE(rows[1]["top"][0]["text"].toString(), m_answer.left(1));
    }

    void generate_saysTheAnswer()
    {
        const Outcome outcome = run({"generate", "--model", "builtin:needle", "--prompt", "p.txt"});
        QCOMPARE(outcome.code, 0);
        QCOMPARE(QString::fromUtf8(outcome.out).trimmed(), m_answer);
    }

    void exitCodes_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const QStringList model {"run", "--model", "builtin:needle"};
        QTest::newRow("no verb") << QStringList {} << 64 << "";
        QTest::newRow("unknown option") << QStringList {"run", "--nonsense"} << 64 << "";
        QTest::newRow("bad selection") << model + QStringList {"--text", "a", "--select", "best"} << 64 << "";
        QTest::newRow("block no power of two") << model + QStringList {"--text", "a", "--block-q", "12"} << 64 << "--block-q";
        QTest::newRow("missing prompt") << model + QStringList {"--prompt", "none.txt"} << 66 << "none.txt";
        QTest::newRow("directory") << model + QStringList {"--prompt", "."} << 66 << "directory";
        QTest::newRow("fifo") << model + QStringList {"--prompt", "fifo"} << 66 << "fifo";
        QTest::newRow("empty prompt") << model + QStringList {"--prompt", "empty.txt"} << 64 << "empty";
        QTest::newRow("cannot create") << model + QStringList {"--text", "abc", "-o", "no/such/folder/o.hwt"} << 73 << "o.hwt";
        QTest::newRow("unknown model") << QStringList {"run", "--model", "none.gguf", "--text", "a"} << 66 << "none.gguf";
        QTest::newRow("not a model") << QStringList {"run", "--model", "p.txt", "--text", "a"} << 65 << "p.txt";
        QTest::newRow("not a trace") << QStringList {"info", "p.txt"} << 65 << "p.txt";
        QTest::newRow("missing trace") << QStringList {"info", "none.hwt"} << 66 << "none.hwt";
        QTest::newRow("bad rows") << QStringList {"logits", "--model", "builtin:needle", "--text", "a", "--rows", "7"} << 64 << "--rows";
        QTest::newRow("bad width") << QStringList {"figure", "p.hwt", "--layer", "2", "--head", "0", "--width", "7", "-o", "x.pdf"} << 64 << "";
        QTest::newRow("bad extension") << QStringList {"figure", "p.hwt", "--layer", "2", "--head", "0", "-o", "x.bmp"} << 64 << "";
        QTest::newRow("unknown fetch") << QStringList {"fetch", "nothing"} << 66 << "nothing";
    }

    void exitCodes()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, says);
        ::mkfifo(QFile::encodeName(file("fifo")).constData(), 0600);
        QFile(file("empty.txt")).open(QIODevice::WriteOnly);
        const Outcome outcome = run(arguments);
        QVERIFY2(outcome.code == code, (QByteArray::number(outcome.code) + " " + outcome.err).constData());
        QVERIFY2(outcome.err.contains(says.toUtf8()), outcome.err.constData());
        if (code != 64 || !says.isEmpty())
            QVERIFY(outcome.err.count("error:") <= 1);
    }

    void help_namesEveryVerb()
    {
        const Outcome help = run({"--help"});
        QCOMPARE(help.code, 0);
        for (const char* verb : {"run", "generate", "tokenize", "logits", "info", "verify", "export", "figure", "fetch", "models",
                                 "bench", "serve", "gui"})
            QVERIFY2(help.out.contains(verb), verb);
    }

    void headwater_linksNoQt()
    {
        QProcess ldd;
        ldd.start("ldd", {QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater")});
        QVERIFY(ldd.waitForFinished());
        const QByteArray libraries = ldd.readAllStandardOutput();
        QVERIFY(libraries.contains("libc.so"));
        QVERIFY2(!libraries.contains("libQt"), libraries.constData());
    }
};

QTEST_GUILESS_MAIN(TstCli)
#include "tst_cli.moc"
