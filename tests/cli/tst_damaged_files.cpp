// SPDX-License-Identifier: Apache-2.0
// Cut and flipped traces and models on the command line: exit code 65, one line that names the file and the
// byte or the key, and the same as JSON.
#include "tests/cli/headwater_run.h"

#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater::test;

class TstDamagedFiles : public QObject {
    Q_OBJECT

private:
    Outcome run(const QStringList& arguments) { return runHeadwater(arguments, m_folder.path()); }

    QString file(const QString& name) const { return m_folder.filePath(name); }

    static QByteArray contentOf(const QString& path)
    {
        QFile in(path);
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }

    void write(const QString& name, const QByteArray& content)
    {
        QFile out(file(name));
        QVERIFY(out.open(QIODevice::WriteOnly));
        QCOMPARE(out.write(content), content.size());
    }

    static QByteArray flipped(QByteArray content, qsizetype at, int bits)
    {
        content[at] = static_cast<char>(content[at] ^ bits);
        return content;
    }

    /// Runs `arguments` as they are and with --json.
    void refuses(const QStringList& arguments, const QString& name, const QString& says)
    {
        const Outcome outcome = run(arguments);
        QVERIFY2(outcome.code == 65, (QByteArray::number(outcome.code) + " " + outcome.err).constData());
        QVERIFY2(outcome.out.isEmpty(), outcome.out.constData());
        QVERIFY2(outcome.err.startsWith("error: " + name.toUtf8() + ": ") && outcome.err.count('\n') == 1,
                 outcome.err.constData());
        QVERIFY2(QRegularExpression(says).match(outcome.err).hasMatch(), outcome.err.constData());
        const Outcome json = run(arguments + QStringList{"--json"});
        QCOMPARE(json.code, 65);
        const QJsonObject error = json.json()["error"].toObject();
        QCOMPARE(error["exit_code"].toInt(), 65);
        const QString code = error["code"].toString(); // a damaged version is one that is not known
        QVERIFY2(code == "bad_format" || code == "unsupported", json.out.constData());
        QVERIFY2(error["context"].toString().startsWith(name), json.out.constData());
    }

    QTemporaryDir m_folder;
    QByteArray m_trace;

private slots:
    void initTestCase()
    {
        QCOMPARE(run({"bench", "--make-prompt", "3000", "-o", "p.txt"}).code, 0);
        QCOMPARE(run({"run", "--model", "builtin:needle", "--prompt", "p.txt", "-o", "whole.hwt"}).code, 0);
        m_trace = contentOf(file("whole.hwt"));
        QVERIFY(m_trace.size() > 50'000);
    }

    void trace_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("says");
        const qsizetype size = m_trace.size();
        QTest::newRow("cut in its header") << m_trace.left(60) << "is truncated|is no trace|bytes";
        QTest::newRow("cut in the middle")
            << m_trace.left(size / 2 / 512 * 512)
            << QString("truncated.*%1 bytes.*at byte 28.*%2").arg(size / 2 / 512 * 512).arg(size);
        QTest::newRow("its last byte cut off")
            << m_trace.left(size - 1)
            << QString("truncated.*%1 bytes.*at byte 28.*%2").arg(size - 1).arg(size);
        QTest::newRow("magic") << flipped(m_trace, 0, 0x10) << "at byte 0: magic";
        QTest::newRow("file format") << flipped(m_trace, 18, 0x10) << "at byte 18: ";
        QTest::newRow("trace format") << flipped(m_trace, 60, 0x10) << "at byte 60: trace format";
        QTest::newRow("a meta value") << flipped(m_trace, m_trace.indexOf("headwater run --model"), 0x20)
                                      << "meta key 'command': damaged";
        // The first compressed blob is the tokens'.
        QTest::newRow("the tokens") << flipped(m_trace, m_trace.indexOf("\x28\xb5\x2f\xfd") + 12, 0x10)
                                    << "array '[a-z_]+': damaged: its xxh3";
    }

    void trace()
    {
        QFETCH(QByteArray, content);
        QFETCH(QString, says);
        write("bad.hwt", content);
        refuses({"info", "bad.hwt"}, "bad.hwt", says);
        refuses({"export", "bad.hwt", "--layer", "2", "--head", "0", "-o", "x.npz"}, "bad.hwt", says);
        refuses({"figure", "bad.hwt", "--layer", "2", "--head", "0", "-o", "x.svg"}, "bad.hwt", says);
        QVERIFY(!QFile::exists(file("x.npz")) && !QFile::exists(file("x.svg")));
    }

    /// A damaged chunk: its head is refused by layer, head and field, the others are read.
    void traceOfOneDamagedHead()
    {
        const QRegularExpression chunk(
            "layer (\\d+), head (\\d+), chunk at row \\d+, field (?!column_mass)[a-z_]+");
        int tried = 0;
        // Every 13th blob, until five of them were chunks.
        qsizetype at = 0;
        for (int blob = 0; tried < 5; ++blob) {
            at = m_trace.indexOf("\x28\xb5\x2f\xfd", at + 1);
            QVERIFY2(at > 0, "the trace has too few chunks");
            if (blob % 13 != 12)
                continue;
            write("bad.hwt", flipped(m_trace, at + 12, 0x10));
            const Outcome verified = run({"verify", "bad.hwt", "--json"});
            QCOMPARE(verified.code, 1);
            const QString where = verified.json()["damage"][0]["where"].toString();
            const QRegularExpressionMatch match = chunk.match(where);
            if (!match.hasMatch())
                continue;
            ++tried;
            refuses({"export", "bad.hwt", "--layer", match.captured(1), "--head", match.captured(2), "-o",
                     "x.npz"},
                    "bad.hwt", QRegularExpression::escape(match.captured()) + ": damaged: its xxh3");
            const QString other = match.captured(1) == "0" ? "2" : "0";
            const Outcome whole = run({"export", "bad.hwt", "--layer", other, "--head", "0", "-o", "y.npz"});
            QVERIFY2(whole.code == 0, whole.err.constData());
        }
    }

    void model_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QString>("says");
        const QByteArray whole =
            contentOf(QStringLiteral(HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf"));
        QVERIFY(whole.size() > 100'000);
        const qsizetype count = whole.indexOf("llama.block_count");
        const qsizetype width = whole.indexOf("llama.embedding_length");
        QVERIFY(count > 0 && width > 0);
        QTest::newRow("cut in its header") << whole.left(50) << "at byte 8: tensor_count: ";
        QTest::newRow("cut in a key")
            << whole.left(count + 5) << QString("at byte \\d+: .*(key|end of file|remain)");
        QTest::newRow("cut in a tensor")
            << whole.left(whole.size() - 100) << "at byte \\d+: blk\\.\\d\\.[a-z_]+\\.weight: end of file";
        QTest::newRow("magic") << flipped(whole, 0, 1) << "at byte 0: magic: \"FGUF\", expected \"GGUF\"";
        QTest::newRow("version") << flipped(whole, 4, 0x40) << "at byte 4: version: ";
        QTest::newRow("type of a value")
            << flipped(whole, count + 17, 0x40)
            << QString("at byte %1: llama.block_count: value type").arg(count + 17);
        QTest::newRow("name of a key") << flipped(whole, width + 8, 1) << "llama.embedding_length: missing";
        QTest::newRow("value of a key") << flipped(whole, width + 22 + 4 + 2, 0x7f)
                                        << "at byte \\d+: llama.embedding_length: \\d+, expected";
    }

    void model()
    {
        QFETCH(QByteArray, content);
        QFETCH(QString, says);
        write("bad.gguf", content);
        const QStringList rest{"--model", "bad.gguf", "--text", "abc"};
        refuses(QStringList{"run", "-o", "x.hwt"} + rest, "bad.gguf", says);
        refuses(QStringList{"generate"} + rest, "bad.gguf", says);
        refuses(QStringList{"tokenize"} + rest, "bad.gguf", says);
        QVERIFY(!QFile::exists(file("x.hwt")));
    }
};

QTEST_GUILESS_MAIN(TstDamagedFiles)
#include "tst_damaged_files.moc"
