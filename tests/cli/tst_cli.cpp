// SPDX-License-Identifier: Apache-2.0
// The command line as a user meets it: exit codes, JSON, files; on the built-in model, so that nothing is
// downloaded.
#include "tests/cli/headwater_run.h"

#include <QFile>
#include <QJsonArray>
#include <QRectF>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>
#include <algorithm>
#include <cmath>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace headwater::test;

class TstCli : public QObject {
    Q_OBJECT

private:
    Outcome run(const QStringList& arguments, const QByteArray& input = {},
                const std::function<void()>& before = {})
    {
        return runHeadwater(arguments, m_folder.path(), input, before);
    }

    QString file(const QString& name) const { return m_folder.filePath(name); }

    void write(const QString& name, const QByteArray& content)
    {
        QFile out(file(name));
        QVERIFY(out.open(QIODevice::WriteOnly));
        QCOMPARE(out.write(content), content.size());
    }

    QByteArray contentOf(const QString& name) const
    {
        QFile in(file(name));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }

    QTemporaryDir m_folder;
    qint64 m_answerToken = 0;
    QString m_answer;

private slots:
    void initTestCase()
    {
        const Outcome made =
            run({"bench", "--make-prompt", "3000", "--decoys", "8", "--seed", "5", "-o", "p.txt", "--json"});
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
        QTest::newRow("exact") << QStringList{"--select", "exact"} << "p_model";
        QTest::newRow("exact propagated") << QStringList{"--select", "exact", "--propagated"} << "p_stream";
        QTest::newRow("tree") << QStringList{"--select", "tree"} << "p_masked";
        QTest::newRow("tree observed") << QStringList{"--select", "tree", "--observed"} << "p_model";
    }

    void run()
    {
        QFETCH(QStringList, options);
        QFETCH(QString, quantity);
        const Outcome outcome = run(QStringList{"run", "--model", "builtin:needle", "--prompt", "p.txt", "-o",
                                                "p.hwt", "--check", "--expect", m_answer, "--json"}
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
        QVERIFY(mass["lo"].toDouble() <= mass["mean"].toDouble()
                && mass["mean"].toDouble() <= mass["hi"].toDouble());
        QVERIFY(json["kept_pairs"].toInteger() <= json["usable_pairs"].toInteger());
        // Every token of the answer was read by the retrieval head at its place.
        const QJsonArray reads = json["answer_reads"].toArray();
        QCOMPARE(reads.size(), std::min<qsizetype>(5, m_answer.size()));
        for (const QJsonValue& read : reads) {
            QVERIFY(read["copies"].toBool());
            QCOMPARE(read["layer"].toInt(), 2);
            const qint64 step = read["row"].toInteger() - (json["prompt_tokens"].toInteger() - 1);
            QCOMPARE(read["key"].toInteger(), m_answerToken + step);
            QCOMPARE(read["text"].toString(), m_answer.mid(step, 1));
        }

        QCOMPARE(run({"verify", "p.hwt"}).code, 0);
        const QJsonObject info = run({"info", "p.hwt", "--json"}).json();
        QCOMPARE(info["tokens"].toInt(), json["tokens"].toInt());
        QCOMPARE(info["heads"].toArray().size(), 15);
        QVERIFY(info["sealed"].toBool());
        QVERIFY(info["meta"].toObject()["command"].toString().startsWith(
            "headwater run --model builtin:needle --prompt p.txt"));
    }

    /// What the spelling of a control token in a prompt is, by every verb that tokenizes one.
    void textTokens_areWhatWasAsked_data()
    {
        QTest::addColumn<QString>("chat");
        QTest::addColumn<QString>("asked");
        QTest::addColumn<QString>("used");
        QTest::newRow("chat") << "chatml"
                              << ""
                              << "plain";
        QTest::newRow("chat, control") << "chatml"
                                       << "control"
                                       << "control";
        QTest::newRow("raw") << "off"
                             << ""
                             << "control";
        QTest::newRow("raw, plain") << "off"
                                    << "plain"
                                    << "plain";
    }

    void predictions_areKeptWhereAsked()
    {
        const auto ran = [this](const QStringList& more) {
            return run(QStringList{"run", "--model", "builtin:needle", "--text", "a @k=v b @k=", "--generate",
                                   "2", "-o", "predictions.hwt"}
                       + more);
        };
        const auto info = [this] { return run({"info", "predictions.hwt", "--json"}).json(); };
        const Outcome on = ran({"--predictions", "on", "--json"});
        QVERIFY2(on.code == 0, on.err.constData());
        const QJsonObject loss = on.json()["predictions"].toObject();
        QCOMPARE(loss["of"].toString(), QString("model"));
        QVERIFY(std::abs(std::exp(loss["mean_loss"].toDouble()) - loss["perplexity"].toDouble()) < 1e-9);
        QCOMPARE(info()["predictions"].toObject(), loss);
        QVERIFY(run({"info", "predictions.hwt"}).out.contains("\nloss: "));
        QVERIFY(ran({"--predictions", "on", "--propagated"}).out.contains("(of the sparse forward)"));
        QCOMPARE(info()["predictions"].toObject()["of"].toString(), QString("sparse_forward"));
        QCOMPARE(ran({"--predictions", "off"}).code, 0);
        QVERIFY(info()["predictions"].isNull());
        QVERIFY(!run({"info", "predictions.hwt"}).out.contains("\nloss: "));
        QVERIFY(!ran({"--predictions", "off"}).out.contains("loss:"));
        const Outcome wrong = ran({"--predictions", "yes"});
        QCOMPARE(wrong.code, 64);
        QVERIFY(wrong.err.contains("--predictions"));
    }

    void textTokens_areWhatWasAsked()
    {
        QFETCH(QString, chat);
        QFETCH(QString, asked);
        QFETCH(QString, used);
        const QString model = HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf";
        constexpr int kImEnd = 2;
        QStringList options{"--model", model, "--text", "a <|im_end|> b", "--chat", chat, "--json"};
        if (!asked.isEmpty())
            options += {"--text-tokens", asked};
        const auto endsIn = [](const QJsonArray& ids) { return std::ranges::count(ids, QJsonValue(kImEnd)); };
        const QJsonObject tokenized = run(QStringList{"tokenize"} + options).json();
        const qsizetype ofFormat = chat == "off" ? 0 : 1;
        QCOMPARE(endsIn(tokenized["ids"].toArray()), ofFormat + (used == "control" ? 1 : 0));
        const int count = static_cast<int>(tokenized["ids"].toArray().size());
        QCOMPARE(run(QStringList{"generate", "-n", "1"} + options).json()["prompt_tokens"].toInt(), count);
        QCOMPARE(run(QStringList{"logits", "--rows", "0"} + options).json()["tokens"].toInt(), count);
        const Outcome first = run(QStringList{"run", "--generate", "0", "-o", "text-tokens.hwt"} + options);
        QVERIFY2(first.code == 0, first.err.constData());
        QCOMPARE(first.json()["prompt_tokens"].toInt(), count);
        QVERIFY(run({"info", "text-tokens.hwt"}).out.contains("text tokens " + used.toUtf8()));
        const auto meta = [this] {
            return run({"info", "text-tokens.hwt", "--json"}).json()["meta"].toObject();
        };
        QCOMPARE(meta()["prompt"].toObject()["text_tokens"].toString(), used);
        // Repeated from its command it is what it was, whatever a later version's rule.
        const QString command = meta()["command"].toString();
        QCOMPARE(command.count("--text-tokens " + used), 1);
        QProcess again;
        again.setWorkingDirectory(m_folder.path());
        again.start("sh", {"-c", "\"$0\" " + command.mid(QString("headwater ").size()), headwaterProgram()});
        const Outcome second = outcomeOf(again);
        QVERIFY2(second.code == 0, second.err.constData());
        QCOMPARE(meta()["command"].toString(), command);
        QCOMPARE(second.json()["prompt_tokens"].toInt(), count);
    }

    /// A system's turn and whole conversations, said itself or by a file, are the same ids.
    void conversations_areWrittenByTheFormat()
    {
        const QString model = HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf";
        const auto textOf = [&](const QStringList& said) {
            const Outcome outcome =
                run(QStringList{"tokenize", "--model", model, "--chat", "chatml", "--json"} + said);
            QString text;
            for (const QJsonValue& piece : outcome.json()["text_of_ids"].toArray())
                text += piece.toString();
            return outcome.code == 0 ? text : QString::fromUtf8(outcome.err);
        };
        const QString begin = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n";
        const QString expected = begin + "Hi<|im_end|>\n<|im_start|>assistant\n";
        QVERIFY2(textOf({"--system", "Be brief.", "--text", "Hi"}).endsWith(expected),
                 qPrintable(textOf({"--system", "Be brief.", "--text", "Hi"})));
        write("system.txt", "Be brief.");
        QVERIFY(textOf({"--system", "system.txt", "--text", "Hi"}).endsWith(expected));
        const Outcome noted = run({"tokenize", "--model", model, "--chat", "chatml", "--system", "system.txt",
                                   "--text", "Hi", "--json"});
        QVERIFY2(noted.err.contains("the file system.txt holds"), noted.err.constData());
        const QByteArray turns = R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},)"
                                 R"({"role":"assistant","content":"Yes?"},{"role":"user","content":"No."}])";
        write("turns.json", turns);
        const QString spoken = begin
            + "Hi<|im_end|>\n<|im_start|>assistant\nYes?<|im_end|>\n<|im_start|>user\nNo.<|im_end|>\n"
              "<|im_start|>assistant\n";
        QVERIFY(textOf({"--turns", "turns.json"}).endsWith(spoken));
        QVERIFY(textOf({"--turns", QString::fromUtf8(turns)}).endsWith(spoken));

        QVERIFY(textOf({"--turns", "turns.json", "--system", "s"}).contains("--system: stands beside turns"));
        QVERIFY(textOf({"--turns", "turns.json", "--text", "s"}).contains("--turns"));
        QVERIFY(textOf({"--turns", "[{\"role\":\"user\"}]"}).contains("--turns: turn 0"));
        QVERIFY(textOf({"--turns", "[{"}).contains("a JSON list of turns"));
        QVERIFY(textOf({"--turns", "none.json"}).contains("none.json"));
        QVERIFY(textOf({"--text", "Hi", "--thinking", "off"}).contains("no switch"));
    }

    void textTokens_ofNoKnownName_areRefused()
    {
        const Outcome outcome =
            run({"tokenize", "--model", "builtin:needle", "--text", "a", "--text-tokens", "x"});
        QCOMPARE(outcome.code, 64);
        QVERIFY2(outcome.err.contains("plain") && outcome.err.contains("control"), outcome.err.constData());
    }

    void info_saysWhatTheRunFound()
    {
        const QStringList arguments{"run",  "--model", "builtin:needle", "--prompt", "p.txt", "--select",
                                    "tree", "-o",      "i.hwt"};
        const QByteArray said = run(arguments).out;
        const qsizetype answer = said.indexOf("answer:");
        QVERIFY2(answer > 0 && said.contains("\nread at:"), said.constData());
        const QByteArray found = said.mid(answer, said.indexOf("time:") - answer);
        const QByteArray info = run({"info", "i.hwt"}).out;
        const QList<QByteArray> parts = QByteArray(info).replace("\n\n", "\x01").split('\x01');
        QCOMPARE(parts.size(), 3); // what it is, what was found, the heads
        QVERIFY2(parts[0].startsWith("file: ") && parts[0].contains("\ncommand: "), info.constData());
        QCOMPARE(parts[1] + '\n', found);
        QCOMPARE(parts[2].count('\n'), 16);
        QVERIFY2(!info.contains("nan"), info.constData());
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
        QSet<QString> places;
        for (const QJsonValue& damage : outcome.json()["damage"].toArray()) {
            QVERIFY2(!damage["what"].toString().startsWith("damaged"), outcome.out.constData());
            places.insert(damage["where"].toString() + damage["what"].toString());
        }
        QCOMPARE(places.size(), outcome.json()["damage"].toArray().size()); // nothing is said twice
    }

    void export_and_figure()
    {
        QCOMPARE(
            run({"export", "p.hwt", "--layer", "2", "--head", "0", "--format", "npz", "-o", "h.npz"}).code,
            0);
        QCOMPARE(
            run({"export", "p.hwt", "--layer", "2", "--head", "0", "--format", "csv", "-o", "h.csv"}).code,
            0);
        QVERIFY(QFile::exists(file("h.npz")) && QFile::exists(file("h.csv")));
        for (const QString name : {"f.pdf", "f.svg", "f.png"}) {
            const Outcome outcome =
                run({"figure", "p.hwt", "--layer", "2", "--head", "0", "--width", "7.7cm", "-o", name});
            QVERIFY2(outcome.code == 0, outcome.err.constData());
            QVERIFY(QFile::exists(file(name)));
            QVERIFY(QFile::exists(file(name + ".json")));
        }
        QCOMPARE(run({"export", "p.hwt", "--layer", "9", "--head", "0", "-o", "h.npz"}).code, 66);
    }

    void figure_defaultsAreLogarithmicAndReversed()
    {
        const QStringList made{"figure", "p.hwt", "--layer", "2", "--head", "0", "--json", "-o"};
        const QJsonObject options = run(made + QStringList{"plain.svg"}).json()["options"].toObject();
        QCOMPARE(options["logarithmic"], QJsonValue(true));
        QCOMPARE(options["reversed"], QJsonValue(true));
        QCOMPARE(run({"figure", "--from", "plain.svg.json", "-o", "same.svg"}).code, 0);
        QFile first(file("plain.svg"));
        QFile second(file("same.svg"));
        QVERIFY(first.open(QIODevice::ReadOnly) && second.open(QIODevice::ReadOnly));
        QVERIFY(first.readAll() == second.readAll());
        const QJsonObject other =
            run(made + QStringList{"other.svg", "--linear", "--not-reversed"}).json()["options"].toObject();
        QCOMPARE(other["logarithmic"], QJsonValue(false));
        QCOMPARE(other["reversed"], QJsonValue(false));
    }

    void figure_from_reproducesIt_andOptionsChangeIt()
    {
        const QStringList made{"figure",       "p.hwt",
                               "--layer",      "2",
                               "--head",       "0",
                               "--query",      "100:2000",
                               "--key",        "0:1500",
                               "--level",      "5",
                               "--linear",     "--not-reversed",
                               "--mode",       "count",
                               "--colours",    "greys",
                               "--low",        "0.01",
                               "--high",       "0.5",
                               "--width",      "60mm",
                               "--dpi",        "90",
                               "--title",      "A title",
                               "--mask-sinks", "--mask-diagonal",
                               "-o",           "first.png",
                               "--json"};
        const Outcome first = run(made);
        QVERIFY2(first.code == 0, first.err.constData());
        QCOMPARE(first.json()["description"].toString(), QString("first.png.json"));
        const QJsonObject options = first.json()["options"].toObject();
        QCOMPARE(options["logarithmic"].toBool(true), false);
        QCOMPARE(options["reversed"].toBool(true), false);
        QCOMPARE(options["level"].toInt(), 5);
        QCOMPARE(options["mask_sinks"].toBool(false), true);
        QCOMPARE(options["mask_diagonal"].toBool(false), true);
        const Outcome again = run({"figure", "--from", "first.png.json", "-o", "again.png", "--json"});
        QVERIFY2(again.code == 0, again.err.constData());
        QCOMPARE(again.json()["options"].toObject(), options);
        QCOMPARE(contentOf("again.png"), contentOf("first.png"));
        QVERIFY(!contentOf("again.png").isEmpty());
        const Outcome changed =
            run({"figure", "--from", "first.png.json", "--reversed", "--logarithmic", "--level", "6",
                 "--title", "B", "--show-diagonal", "-o", "changed.png", "--json"});
        QVERIFY2(changed.code == 0, changed.err.constData());
        QJsonObject expected = options;
        expected["reversed"] = true;
        expected["logarithmic"] = true;
        expected["level"] = 6;
        expected["title"] = "B";
        expected["mask_diagonal"] = false;
        QCOMPARE(changed.json()["options"].toObject(), expected);
        QVERIFY(contentOf("changed.png") != contentOf("first.png"));
        QVERIFY(QFile::copy(file("p.hwt"), file("moved.hwt"))); // another trace, drawn the same way
        QCOMPARE(run({"figure", "moved.hwt", "--from", "first.png.json", "-o", "moved.png"}).code, 0);
        QCOMPARE(contentOf("moved.png"), contentOf("first.png"));
        QFile description(file("other.json")); // of another run under the trace's name: said, not drawn
        QVERIFY(description.open(QIODevice::WriteOnly));
        description.write(contentOf("first.png.json").replace("\"tokens\": ", "\"tokens\": 9"));
        description.close();
        const Outcome refused = run({"figure", "--from", "other.json", "-o", "other.png"});
        QVERIFY(refused.code != 0);
        QVERIFY2(refused.err.contains("another run"), refused.err.constData());
        QVERIFY(!QFile::exists(file("other.png")));
        QCOMPARE(run({"figure", "p.hwt", "--from", "other.json", "-o", "other.png"}).code, 0);
        QCOMPARE(contentOf("other.png"), contentOf("first.png"));
    }

    void figure_withoutTitleOrCaption_isReproduced()
    {
        const QStringList made{"figure", "p.hwt", "--layer", "2",      "--head",
                               "0",      "--dpi", "100",     "--json", "-o"};
        const auto heightOf = [&](const QString& name) {
            return qFromBigEndian<quint32>(contentOf(name).constData() + 20);
        };
        QCOMPARE(run(made + QStringList{"all.png"}).code, 0);
        const Outcome bare = run(made + QStringList{"bare.png", "--no-title", "--no-caption"});
        QVERIFY2(bare.code == 0, bare.err.constData());
        QCOMPARE(bare.json()["options"]["with_title"], QJsonValue(false));
        QCOMPARE(bare.json()["options"]["with_caption"], QJsonValue(false));
        QVERIFY(heightOf("bare.png") + 30 < heightOf("all.png"));
        QCOMPARE(run({"figure", "--from", "bare.png.json", "-o", "bare2.png"}).code, 0);
        QCOMPARE(contentOf("bare2.png"), contentOf("bare.png"));
        QCOMPARE(
            run({"figure", "--from", "bare.png.json", "--with-title", "--with-caption", "-o", "all2.png"})
                .code,
            0);
        QCOMPARE(contentOf("all2.png"), contentOf("all.png"));
        const Outcome titled =
            run({"figure", "--from", "bare.png.json", "--title", "A", "--json", "-o", "titled.png"});
        QCOMPARE(titled.json()["options"]["with_title"], QJsonValue(true));
        QCOMPARE(titled.json()["options"]["with_caption"], QJsonValue(false));
    }

    void figure_anyWidth_staysOnItsPage_data()
    {
        QTest::addColumn<QString>("width");
        QTest::addColumn<bool>("isRefusable");
        for (const char* width : {"1.2cm", "2cm", "2.2cm", "2.4cm", "2.6cm", "2.8cm", "3cm"})
            QTest::newRow(width) << QString(width) << true;
        for (const char* width : {"3.5cm", "5cm", "7.7cm", "16cm", "30cm"})
            QTest::newRow(width) << QString(width) << false;
    }

    /// What poppler finds in the PDF: every word inside the page, none on another; what was left out is said.
    void figure_anyWidth_staysOnItsPage()
    {
        QFETCH(QString, width);
        QFETCH(bool, isRefusable);
        const QStringList made{"figure", "p.hwt", "--layer", "2", "--head", "0", "--width", width};
        for (const QStringList& more : {QStringList{}, QStringList{"--query", "5:2000", "--key", "0:12"},
                                        QStringList{"--query", "100:104", "--key", "90:104", "--title",
                                                    QString("A title of many words ").repeated(40)}}) {
            const Outcome outcome = run(made + more + QStringList{"--json", "-o", "room.pdf"});
            if (outcome.code != 0) {
                QVERIFY2(isRefusable, outcome.err.constData());
                QCOMPARE(outcome.code, 64);
                QVERIFY2(outcome.err.contains(" mm are the least"), outcome.err.constData());
                continue;
            }
            const QJsonArray dropped = outcome.json()["dropped"].toArray();
            QCOMPARE(outcome.err.contains("note: no room in the figure for: "), !dropped.isEmpty());
            QCOMPARE(QJsonDocument::fromJson(contentOf("room.pdf.json")).object()["dropped"].toArray(),
                     dropped);
            QProcess process;
            process.start("pdftotext", {"-bbox", file("room.pdf"), "-"});
            QVERIFY(process.waitForFinished(-1));
            const QString text = QString::fromUtf8(process.readAllStandardOutput());
            const auto page =
                QRegularExpression("<page width=\"([\\d.]+)\" height=\"([\\d.]+)\"").match(text);
            const QRectF paper(0, 0, page.captured(1).toDouble(), page.captured(2).toDouble());
            std::vector<std::pair<QRectF, QString>> words;
            static const QRegularExpression kWord("<word xMin=\"([-\\d.]+)\" yMin=\"([-\\d.]+)\" "
                                                  "xMax=\"([-\\d.]+)\" yMax=\"([-\\d.]+)\">(.*)<");
            for (auto at = kWord.globalMatch(text); at.hasNext();) {
                const auto word = at.next();
                const auto number = [&](int i) { return word.captured(i).toDouble(); };
                const QRectF box(QPointF(number(1), number(2)), QPointF(number(3), number(4)));
                QVERIFY2(paper.contains(box), qPrintable("outside: " + word.captured(5)));
                words.emplace_back(box, word.captured(5));
            }
            QVERIFY(words.size() >= 6);
            for (std::size_t i = 0; i < words.size(); ++i) {
                for (std::size_t j = i + 1; j < words.size(); ++j) {
                    const QRectF common = words[i].first & words[j].first; // of letters, not of their lines
                    QVERIFY2(common.width() < 1 || common.height() < 2.5,
                             qPrintable("on each other: " + words[i].second + " and " + words[j].second));
                }
            }
        }
    }

    void tokenize_bytesRebuildThePrompt()
    {
        const QByteArray text = "na\xc3\xafve \xff\x80 @a=b\n"; // invalid bytes too
        const Outcome outcome =
            run({"tokenize", "--model", "builtin:needle", "--prompt", "-", "--json"}, text);
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
        const Outcome outcome = run({"logits", "--model", "builtin:needle", "--prompt", "p.txt", "--rows",
                                     "last:2", "--top", "258", "--json"});
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

    /// `run` and `generate` say alike that a model was trained for less.
    void beyondTraining_isSaid()
    {
        const QString model =
            HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf"; // 2 048 tokens
        const QString said = "beyond the trained context of 2048 tokens";
        const auto notes = [&](const QStringList& arguments) {
            const Outcome outcome =
                run(arguments + QStringList{"--model", model, "--text", "ab", "--chat", "off", "--json"});
            return outcome.code == 0 ? QJsonDocument(outcome.json()["notes"].toArray()).toJson()
                                     : outcome.err;
        };
        const QStringList generate{"generate", "--stop", "a", "--stop", "e", "--stop", " "};
        QVERIFY(notes(generate + QStringList{"-n", "2050"}).contains(said.toUtf8()));
        const QByteArray within = notes(generate + QStringList{"-n", "8"});
        QVERIFY2(within.startsWith('[') && !within.contains("trained"), within.constData());
        QVERIFY(notes({"run", "--generate", "2050", "-o", "beyond.hwt"}).contains(said.toUtf8()));
    }

    /// --estimate says what it would take and does nothing else.
    void estimate_takesNothing()
    {
        const QStringList prompt{"--model", "builtin:needle", "--prompt", "p.txt", "--estimate"};
        for (const QStringList& verb : {QStringList{"run", "-o", "estimated.hwt"}, QStringList{"generate"}}) {
            const Outcome lines = run(verb + prompt);
            QVERIFY2(lines.code == 0
                         && lines.out.startsWith("prompt:      3\u2009"
                                                 "000 tokens\nmemory:      "),
                     lines.out.constData());
            QVERIFY(lines.out.contains("\ntime:        "));
            QCOMPARE(lines.out.contains("\ntrace:       "), verb.front() == "run");
            const QJsonObject json = run(verb + prompt + QStringList{"--generate", "3", "--json"}).json();
            QCOMPARE(json["tokens"].toInt(), 3000);
            QCOMPARE(json["generate"].toInt(), 3);
            QVERIFY(json["seconds"].toDouble() > json["generate_seconds"].toDouble());
            QCOMPARE(json.contains("trace_bytes"), verb.front() == "run");
        }
        QVERIFY(!QFileInfo::exists(m_folder.filePath("estimated.hwt")));
    }

    void exitCodes_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const QStringList model{"run", "--model", "builtin:needle"};
        QTest::newRow("no verb") << QStringList{} << 64 << "";
        QTest::newRow("unknown option") << QStringList{"run", "--nonsense"} << 64 << "";
        QTest::newRow("bad selection") << model + QStringList{"--text", "a", "--select", "best"} << 64 << "";
        QTest::newRow("block no power of two")
            << model + QStringList{"--text", "a", "--block-q", "12"} << 64 << "--block-q";
        QTest::newRow("missing prompt") << model + QStringList{"--prompt", "none.txt"} << 66 << "none.txt";
        QTest::newRow("directory") << model + QStringList{"--prompt", "."} << 66 << "directory";
        QTest::newRow("fifo") << model + QStringList{"--prompt", "fifo"} << 66 << "fifo";
        QTest::newRow("empty prompt") << model + QStringList{"--prompt", "empty.txt"} << 64 << "empty";
        QTest::newRow("cannot create")
            << model + QStringList{"--text", "abc", "-o", "no/such/folder/o.hwt"} << 73 << "o.hwt";
        QTest::newRow("unknown model")
            << QStringList{"run", "--model", "none.gguf", "--text", "a"} << 66 << "none.gguf";
        QTest::newRow("not a model") << QStringList{"run", "--model", "p.txt", "--text", "a"} << 65
                                     << "p.txt";
        QTest::newRow("not a trace") << QStringList{"info", "p.txt"} << 65 << "p.txt";
        QTest::newRow("missing trace") << QStringList{"info", "none.hwt"} << 66 << "none.hwt";
        QTest::newRow("a name from right to left")
            << QStringList{"info", "שלום.hwt"} << 66 << "error: \u2068שלום\u2069.hwt: ";
        QTest::newRow("expect without check")
            << model + QStringList{"--text", "a", "--expect", "b"} << 64 << "--expect";
        QTest::newRow("expect nothing")
            << model + QStringList{"--text", "a", "--check", "--expect", ""} << 64 << "--expect";
        QTest::newRow("expect white space")
            << model + QStringList{"--text", "a", "--check", "--expect", " \n"} << 64 << "--expect";
        QTest::newRow("threads of run")
            << model + QStringList{"--text", "a", "--threads", "100000"} << 64 << "--threads";
        QTest::newRow("threads of generate")
            << QStringList{"generate", "--model", "builtin:needle", "--text", "a", "--threads", "1025"} << 64
            << "--threads";
        const QStringList logits{"logits", "--model", "builtin:needle", "--ids"};
        QTest::newRow("id beyond 32 bits")
            << logits + QStringList{"wide.json"} << 65 << "wide.json: index 2: 4294967297";
        QTest::newRow("id beyond 64 bits")
            << logits + QStringList{"wider.json"} << 65 << "wider.json: index 1";
        QTest::newRow("id beyond the vocabulary")
            << logits + QStringList{"large.json"} << 65 << "large.json: index 0: 258";
        QTest::newRow("negative id") << logits + QStringList{"negative.json"} << 65
                                     << "negative.json: index 1: -1";
        QTest::newRow("id that is no number")
            << logits + QStringList{"text.json"} << 65 << "text.json: index 0";
        QTest::newRow("figure of nothing") << QStringList{"figure", "-o", "x.pdf"} << 64 << "--from";
        QTest::newRow("figure without a head")
            << QStringList{"figure", "p.hwt", "--layer", "2", "-o", "x.pdf"} << 64 << "--head";
        QTest::newRow("figure from a trace")
            << QStringList{"figure", "--from", "p.hwt", "-o", "x.pdf"} << 65 << "p.hwt";
        QTest::newRow("figure from nothing")
            << QStringList{"figure", "--from", "none.json", "-o", "x.pdf"} << 66 << "none.json";
        QTest::newRow("bad rows") << QStringList{"logits", "--model", "builtin:needle", "--text", "a",
                                                 "--rows", "7"}
                                  << 64 << "--rows";
        QTest::newRow("bad width") << QStringList{"figure", "p.hwt",   "--layer", "2",  "--head",
                                                  "0",      "--width", "7",       "-o", "x.pdf"}
                                   << 64 << "";
        QTest::newRow("figure too narrow") << QStringList{"figure", "p.hwt",   "--layer", "2",  "--head",
                                                          "0",      "--width", "1.2cm",   "-o", "x.pdf"}
                                           << 64 << "mm are the least";
        QTest::newRow("figure of nothing by nothing")
            << QStringList{"figure", "p.hwt", "--layer", "2", "--head", "0", "--width", "0cm", "-o", "x.pdf"}
            << 64 << "10 mm";
        QTest::newRow("bad extension")
            << QStringList{"figure", "p.hwt", "--layer", "2", "--head", "0", "-o", "x.bmp"} << 64
            << "x.bmp: the name's ending";
        QTest::newRow("figure into a folder")
            << QStringList{"figure", "p.hwt", "--layer", "2", "--head", "0", "-o", "sub/"} << 64 << "sub/: ";
        QTest::newRow("figure from a trace that is gone")
            << QStringList{"figure", "--from", "gone.json", "-o", "x.pdf"} << 66
            << "gone.hwt: no such file: check its name; it is the trace that gone.json names: where it has "
               "moved, give its name too";
        // A variable of a script that was never set.
        QTest::newRow("prompt of no name")
            << QStringList{"tokenize", "--model", "builtin:needle", "--prompt", ""} << 64
            << "--prompt: '': an empty name";
        QTest::newRow("model of no name")
            << QStringList{"run", "--model", "", "--text", "a"} << 64 << "--model: '': an empty name";
        QTest::newRow("an empty value before another option")
            << QStringList{"tokenize", "--text=", "--json", "--model", "builtin:needle"} << 64
            << "--text: the prompt is empty";
        QTest::newRow("an empty value in the end")
            << QStringList{"tokenize", "--model", "builtin:needle", "--text="} << 64
            << "--text: the prompt is empty";
        QTest::newRow("trace of no name") << QStringList{"info", ""} << 64 << "'': an empty name";
        QTest::newRow("description of no name")
            << QStringList{"figure", "--from", "", "-o", "x.pdf"} << 64 << "--from: '': an empty name";
        QTest::newRow("unknown fetch") << QStringList{"fetch", "nothing"} << 66 << "nothing";
    }

    void exitCodes()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, says);
        ::mkfifo(QFile::encodeName(file("fifo")).constData(), 0600);
        write("empty.txt", {});
        write("gone.json",
              R"({"format": "headwater figure 1", "trace": "gone.hwt", "tokens": 9, "options": {}})");
        write("wide.json", "[1, 2, 4294967297]");
        write("wider.json", "[1, 18446744073709551617]");
        write("large.json", "[258]");
        write("negative.json", "[257, -1]");
        write("text.json", "[\"1\"]");
        const Outcome outcome = run(arguments);
        QVERIFY2(outcome.code == code, (QByteArray::number(outcome.code) + " " + outcome.err).constData());
        QVERIFY2(outcome.err.contains(says.toUtf8()), outcome.err.constData());
        QVERIFY2(outcome.err.startsWith("error: ") && outcome.err.count('\n') == 1, outcome.err.constData());
        // The same mistake with --json: one object on standard output, with the same exit code.
        if (!arguments.isEmpty()) {
            const Outcome json = run(arguments + QStringList{"--json"});
            QCOMPARE(json.code, code);
            const QJsonObject error = json.json()["error"].toObject();
            QVERIFY2(error["exit_code"].toInt() == code, json.out.constData());
            QVERIFY(!error["code"].toString().isEmpty() && !error["message"].toString().isEmpty());
            QVERIFY(!json.out.contains("\u2068")); // for programs
        }
    }

    void expect_whiteSpaceAside()
    {
        const Outcome outcome = run({"run", "--model", "builtin:needle", "--prompt", "p.txt", "-o", "e.hwt",
                                     "--check", "--expect", " " + m_answer + "\n", "--json"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        const QJsonObject check = outcome.json()["check"].toObject();
        QVERIFY(check["kept"].toBool());
        QVERIFY(check["dense_gives_expected"].toBool());
    }

    void ids_give_whatTheirTextGives()
    {
        const QStringList rest{"--rows", "last:1", "--top", "3", "--json"};
        const Outcome ids = run({"tokenize", "--model", "builtin:needle", "--prompt", "p.txt", "--json"});
        write("ids.json", QJsonDocument(ids.json()["ids"].toArray()).toJson());
        const Outcome byIds =
            run(QStringList{"logits", "--model", "builtin:needle", "--ids", "ids.json"} + rest);
        QVERIFY2(byIds.code == 0, byIds.err.constData());
        QCOMPARE(byIds.out,
                 run(QStringList{"logits", "--model", "builtin:needle", "--prompt", "p.txt"} + rest).out);
    }

    void outputToAFullDisk_isCode74()
    {
        const auto full = [] {
            const int fd = ::open("/dev/full", O_WRONLY);
            ::dup2(fd, STDOUT_FILENO);
        };
        for (const QStringList& arguments :
             {QStringList{"info", "p.hwt", "--json"}, QStringList{"models"}, QStringList{"--help"}}) {
            const Outcome outcome = run(arguments, {}, full);
            QVERIFY2(outcome.code == 74, qPrintable(arguments.join(' ')));
            QVERIFY2(outcome.err.contains("standard output"), outcome.err.constData());
        }
    }

    void treeLevels_areResolvedInTheTrace()
    {
        // DESIGN: L = max(1, ceil(log32(T/32))); 3 000 tokens are 94 leaves, so 2 levels.
        QCOMPARE(
            run({"run", "--model", "builtin:needle", "--prompt", "p.txt", "-o", "t.hwt", "--select", "tree"})
                .code,
            0);
        QCOMPARE(run({"info", "t.hwt", "--json"}).json()["meta"]["params"]["tree_levels"].toInt(), 2);
    }

    void fullDisk_isCode74_finishedLayersStay()
    {
        // A file size limit is a disk that fills up, without a mount: the write-ahead log stops growing at 1
        // MiB.
        const auto limit = [] {
            const rlimit bytes{1 << 20, 1 << 20};
            ::setrlimit(RLIMIT_FSIZE, &bytes);
        };
        QCOMPARE(run({"bench", "--make-prompt", "40000", "-o", "long.txt"}).code, 0);
        const QStringList arguments{"run",      "--model", "builtin:needle", "--prompt", "long.txt",
                                    "--select", "tree",    "--block-q",      "8",        "--block-k",
                                    "8",        "-o",      "full.hwt"};
        const Outcome outcome = run(arguments, {}, limit);
        QVERIFY2(outcome.code == 74, outcome.err.constData());
        static const QRegularExpression needs(
            "^error: full\\.hwt: cannot write layer \\d.*: it needs [0-9.]+ [KM]iB \\(\\d{5,} bytes\\), ");
        QVERIFY2(needs.match(QString::fromUtf8(outcome.err)).hasMatch(), outcome.err.constData());
        QVERIFY(run({"info", "full.hwt", "--json"}).json()["finished_layers"].toInt() >= 1);
        const Outcome verified = run({"verify", "full.hwt"});
        QVERIFY2(verified.code == 0, verified.err.constData());
        QVERIFY2(verified.out.contains("not sealed"), verified.out.constData());
    }

    void notUtf8_isTakenAsBytes()
    {
        write("bytes.txt", QByteArray("\xff\xfe abc \xc3 x\0y", 12));
        const Outcome outcome = run({"run", "--model", "builtin:needle", "--prompt", "bytes.txt", "--chat",
                                     "off", "-o", "bytes.hwt", "--json"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QCOMPARE(outcome.json()["prompt_tokens"].toInt(), 13); // BOS and each byte
    }

    void help_namesEveryVerb()
    {
        const Outcome help = run({"--help"});
        QCOMPARE(help.code, 0);
        for (const char* verb : {"run", "generate", "tokenize", "logits", "info", "verify", "export",
                                 "figure", "fetch", "models", "bench", "serve", "gui"})
            QVERIFY2(help.out.contains(verb), verb);
    }

    void headwater_linksNoQt()
    {
        QProcess ldd;
        ldd.start("ldd", {QStringLiteral(HEADWATER_BINARY_DIR "/bin/headwater")});
        QVERIFY(ldd.waitForFinished(-1));
        const QByteArray libraries = ldd.readAllStandardOutput();
        QVERIFY(libraries.contains("libc.so"));
        QVERIFY2(!libraries.contains("libQt"), libraries.constData());
    }
};

QTEST_GUILESS_MAIN(TstCli)
#include "tst_cli.moc"
