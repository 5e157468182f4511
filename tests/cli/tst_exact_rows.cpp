// SPDX-License-Identifier: Apache-2.0
// `row --exact` and `row --model`: whole rows of a warm session, against what the trace recorded and against
// themselves in every form; and what is refused.
#include "cli/needle_folder.h"
#include "support/sanitized.h"

#include <QDir>
#include <QtTest>
#include <cmath>
#include <sys/resource.h>

using namespace headwater::test;

class TestExactRows : public NeedleFolder {
    Q_OBJECT

    static constexpr const char* kTiny = HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf";

    /// Of all heads, or the one.
    QStringList rowOf(const QString& token, const QString& layer = "all", const QString& head = "all") const
    {
        return {"row", "p.hwt", "--token", token, "--layer", layer, "--head", head, "--json"};
    }
    QString errorOf(const Outcome& outcome) const { return outcome.json()["error"]["message"].toString(); }
    /// The first key that a row of the i-th head may read.
    int firstKeyOf(int head, int row) const
    {
        const QJsonObject info = m_info["heads"][head].toObject();
        return info["kind"].toString() == "sliding" ? std::max(0, row + 1 - info["window"].toInt()) : 0;
    }

private slots:
    void initTestCase()
    {
        QVERIFY(record());
        QFile::remove(m_folder.filePath("m.gguf"));
        QVERIFY(QFile::copy(QString::fromLatin1(kTiny), m_folder.filePath("m.gguf")));
        const Outcome tiny = run({"run", "--model", "m.gguf", "--text", "Rows of a small model.",
                                  "--generate", "0", "-o", "tiny.hwt"});
        QVERIFY2(tiny.code == 0, tiny.err.constData());
    }

    /// What the trace recorded token by token is the heaviest part of the whole row.
    void recordedRows_areTheHeaviestKeysOfWholeOnes()
    {
        const QJsonArray recorded = list(rowOf("last:4"));
        const QJsonArray whole = list(rowOf("last:4") + QStringList{"--exact", "--top", "3000"});
        QCOMPARE(recorded.size(), 4 * numHeads());
        QCOMPARE(whole.size(), recorded.size());
        int compared = 0;
        for (int i = 0; i < whole.size(); ++i) {
            const QJsonObject was = recorded[i].toObject();
            const QJsonObject is = whole[i].toObject();
            for (const char* const key : {"token", "layer", "head", "quantity"})
                QCOMPARE(is[key], was[key]);
            QVERIFY(was["exact"].toBool() && is["exact"].toBool() && is["blocks"].isNull());
            if (!was["lse"].isNull())
                QVERIFY(std::abs(is["lse"].toDouble() - was["lse"].toDouble()) < 1e-4);
            QMap<int, double> p;
            for (int k = 0; k < is["keys"].toArray().size(); ++k)
                p[is["keys"][k].toInt()] = is["p"][k].toDouble();
            for (int k = 0; k < was["keys"].toArray().size(); ++k, ++compared) {
                const int key = was["keys"][k].toInt();
                QVERIFY(p.contains(key) && std::abs(p[key] - was["p"][k].toDouble()) < 1e-5);
            }
        }
        QVERIFY(compared > 4 * numHeads());
    }

    /// Rows that the trace has only blocks of: whole, by both spellings and in every form the same numbers.
    void wholeRows_agreeInEveryForm()
    {
        const QList<int> asked{0, 700, tokens() - 1};
        const QString named = QStringLiteral("0,700,%1").arg(tokens() - 1);
        const QJsonArray listed =
            list(rowOf(named) + QStringList{"--model", "builtin:needle", "-o", "r.npy"});
        QCOMPARE(listed.size(), 3 * numHeads());
        const auto count = static_cast<std::size_t>(tokens());
        const std::vector<float> values = numbersOf("r.npy", count * static_cast<std::size_t>(listed.size()));
        QVERIFY(!values.empty());
        for (int i = 0; i < listed.size(); ++i) {
            const QJsonObject row = listed[i].toObject();
            const int token = asked[i / numHeads()];
            QCOMPARE(row["token"].toInt(), token); // by token, then by head
            const float* const p = values.data() + static_cast<std::size_t>(i) * count;
            const int firstKey = firstKeyOf(i % numHeads(), token);
            double sum = 0;
            for (int key = 0; key < tokens(); ++key) {
                QVERIFY(!std::isnan(p[key]) && ((key >= firstKey && key <= token) || p[key] == 0));
                sum += static_cast<double>(p[key]);
            }
            QVERIFY(std::abs(sum - 1) < 1e-5);
            const QJsonArray keys = row["keys"].toArray();
            QCOMPARE(row["held"].toInt(), token + 1 - firstKey);
            QCOMPARE(keys.size(), std::min(32, row["held"].toInt()));
            double listedSum = 0;
            float largest = 0; // of those that are not listed
            for (int k = 0; k < keys.size(); ++k) {
                QCOMPARE(static_cast<float>(row["p"][k].toDouble()), p[keys[k].toInt()]);
                QVERIFY(k == 0 || row["p"][k].toDouble() <= row["p"][k - 1].toDouble());
                listedSum += row["p"][k].toDouble();
            }
            for (int key = 0; key <= token; ++key) {
                if (!keys.contains(QJsonValue(key)))
                    largest = std::max(largest, p[key]);
            }
            QCOMPARE(static_cast<float>(row["bound"].toDouble()), largest);
            QVERIFY(std::abs(row["rest"].toDouble() - (sum - listedSum)) < 1e-6);
        }
        // One head of them, found by the trace's header and asked alone.
        const QJsonObject one = run(rowOf("700", "1", "1") + QStringList{"--exact"}).json();
        for (const QJsonValue& row : listed) {
            if (row["token"] == one["token"] && row["layer"] == one["layer"] && row["head"] == one["head"])
                QCOMPARE(one, row.toObject());
        }
        const QJsonObject all = run(rowOf("700", "1", "1") + QStringList{"--exact", "-o", "r.npz"}).json();
        QCOMPARE(all["keys"].toArray().size(), all["held"].toInt()); // an archive holds all of them
        QVERIFY(QFile(m_folder.filePath("r.npz")).size() > 8 * all["held"].toInt());
    }

    void text_saysWhatTheNumbersAre()
    {
        const Outcome text =
            run({"row", "p.hwt", "--exact", "--token", "700", "--layer", "0", "--head", "0"});
        QVERIFY2(text.code == 0, text.err.constData());
        // So short a prompt is observed.
        QVERIFY2(text.out.contains("of layer 0, head 0: p_model, exact\n"), text.out.constData());
        QCOMPARE(text.out.count("\n  "), 33); // 32 keys, and what is said of the others
    }

    void wrongModel_isRefused()
    {
        const Outcome other = run(rowOf("700") + QStringList{"--model", kTiny, "-o", "no.npy"});
        QCOMPARE(other.code, 64);
        QVERIFY2(errorOf(other).contains("header"), other.out.constData());
        QVERIFY(!QFile::exists(m_folder.filePath("no.npy")));
        QVERIFY(!QFile::exists(m_folder.filePath("no.npy.part")));
    }

    void vanishedModel_isMissed()
    {
        const QStringList ask{"row", "tiny.hwt", "--token", "last:1", "--layer",
                              "0",   "--head",   "0",       "--json"};
        const Outcome found = run(ask + QStringList{"--exact"});
        QVERIFY2(found.code == 0, found.err.constData());
        QVERIFY(QFile::rename(m_folder.filePath("m.gguf"), m_folder.filePath("moved.gguf")));
        QCOMPARE(run(ask + QStringList{"--model", "m.gguf"}).code, 66);
        const Outcome missed = run(ask + QStringList{"--exact"});
        QCOMPARE(missed.code, 66);
        QVERIFY2(errorOf(missed).contains("name the model"), missed.out.constData());
        const Outcome named = run(ask + QStringList{"--model", "moved.gguf"});
        QCOMPARE(named.code, 0);
        QCOMPARE(named.json(), found.json());
    }

    void tooLittleMemory_isRefused()
    {
        if (isSanitized())
            QSKIP("a sanitizer maps more than the limit allows");
        const auto limited = [] {
            const rlimit bytes{100 << 20, 100 << 20}; // less than the estimate takes for the program
            ::setrlimit(RLIMIT_DATA, &bytes);
        };
        const QStringList ask = rowOf("700", "1", "1") + QStringList{"--exact", "--threads", "1"};
        const Outcome refused = run(ask, limited);
        QCOMPARE(refused.code, 71);
        QVERIFY2(errorOf(refused).contains("needs"), refused.out.constData());
        // Another model is not told by its memory.
        QCOMPARE(run(rowOf("700") + QStringList{"--model", kTiny, "--threads", "1"}, limited).code, 64);
        const Outcome forced = run(ask + QStringList{"--force"}, limited);
        QVERIFY2(forced.code == 0, forced.err.constData());
        // Memory was short, so keys were rounded: said, and no exact row.
        QVERIFY(!forced.json()["exact"].toBool() && !forced.json()["keys"].isNull());
        QVERIFY(forced.json()["bound"].isNull());
        QVERIFY(forced.err.contains("note: keys are rounded"));
    }

    /// Whatever the program is at: its first line, the model, the output, the forward.
    void interruptedAnywhere_leavesNothing()
    {
        const QStringList ask = rowOf("700") + QStringList{"--exact", "-o", "early.npy", "--threads", "1"};
        QElapsedTimer whole;
        whole.start();
        QCOMPARE(run(ask).code, 0);
        const qint64 lasted = whole.elapsed();
        QVERIFY(QFile::remove(m_folder.filePath("early.npy")));
        constexpr int kMoments = 24;
        int interrupted = 0;
        for (int moment = 1; moment <= kMoments; ++moment) {
            QProcess process;
            process.setWorkingDirectory(m_folder.path());
            process.start(headwaterProgram(), ask);
            QVERIFY(process.waitForStarted());
            QThread::msleep(static_cast<unsigned long>(lasted * moment / kMoments));
            send(process, SIGINT);
            process.waitForFinished();
            const bool isWhole = process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
            interrupted += isWhole ? 0 : 1;
            QCOMPARE(QDir(m_folder.path()).entryList({"early.npy*"}),
                     isWhole ? QStringList("early.npy") : QStringList());
            QFile::remove(m_folder.filePath("early.npy"));
        }
        QVERIFY(interrupted > 0);
    }

    void interrupted_leavesNothing()
    {
        QCOMPARE(run({"bench", "--make-prompt", "40000", "-o", "long.txt"}).code, 0);
        const Outcome made =
            run({"run", "--model", "builtin:needle", "--prompt", "long.txt", "-o", "long.hwt"});
        QVERIFY2(made.code == 0, made.err.constData());
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.start(headwaterProgram(),
                      {"row", "long.hwt", "--exact", "--token", "last:4000", "--layer", "all", "--head",
                       "all", "--top", "1", "-o", "long.npy", "--json"});
        // Its file is there as soon as it has begun.
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(m_folder.filePath("long.npy.part")), 60000);
        send(process, SIGINT);
        const Outcome outcome = outcomeOf(process);
        QVERIFY2(outcome.code == 130, outcome.err.constData());
        QCOMPARE(outcome.json()["error"]["code"].toString(), QString("cancelled"));
        QCOMPARE(QDir(m_folder.path()).entryList({"long.npy*"}), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestExactRows)
#include "tst_exact_rows.moc"
