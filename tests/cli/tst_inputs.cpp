// SPDX-License-Identifier: Apache-2.0
// Prompts and models as people have them: pipes, URIs, encodings, and files that are something else.
#include "tests/cli/headwater_run.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QStringEncoder>
#include <QTemporaryDir>
#include <QTest>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace headwater::test;

class TstInputs : public QObject {
    Q_OBJECT

private:
    static constexpr const char* kTinyModel =
        HEADWATER_SOURCE_DIR "/tests/data/reference/tiny-llama-f32.gguf";
    const QString m_text = QStringLiteral("Zwölf Boxkämpfer, 日本語.\n");

    void write(const QString& name, const QByteArray& content) const
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(content), content.size());
    }

    QString path(const QString& name) const { return m_folder.filePath(name); }

    Outcome run(const QStringList& arguments, const QByteArray& input = {}) const
    {
        return runHeadwater(arguments, m_folder.path(), input);
    }

    Outcome bash(const QString& script, const QByteArray& input = {},
                 const std::function<void()>& before = {}) const
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        if (before)
            process.setChildProcessModifier(before);
        process.start("bash", {"-c", script, headwaterProgram()});
        process.write(input);
        process.closeWriteChannel();
        return outcomeOf(process);
    }

    /// The bytes of a prompt, by the tokens of builtin:needle, which are bytes behind a BOS.
    static QByteArray bytesOf(const Outcome& tokenized)
    {
        QByteArray bytes;
        for (const QJsonValue& id : tokenized.json()["ids"].toArray()) {
            if (id.toInt() < 256)
                bytes.append(static_cast<char>(id.toInt()));
        }
        return bytes;
    }

    QTemporaryDir m_folder;

private slots:
    void initTestCase()
    {
        write("p.txt", m_text.toUtf8());
        write("a b#%.txt", m_text.toUtf8());
    }

    void prompt_comesThroughWhateverGivesBytes_data()
    {
        QTest::addColumn<QString>("script");
        const QString tokenize = "\"$0\" tokenize --model builtin:needle --json --prompt ";
        QTest::newRow("process substitution") << tokenize + "<(cat p.txt)";
        QTest::newRow("/dev/stdin, a pipe") << "cat p.txt | " + tokenize + "/dev/stdin";
        QTest::newRow("/dev/stdin, a file") << tokenize + "/dev/stdin < p.txt";
        QTest::newRow("/dev/fd/7") << tokenize + "/dev/fd/7 7< p.txt";
        QTest::newRow("/proc/self/fd/7") << tokenize + "/proc/self/fd/7 7< p.txt";
        QTest::newRow("a FIFO") << "mkfifo f; cat p.txt > f & " + tokenize + "f";
        QTest::newRow("here-string") << tokenize + "- < p.txt";
        QTest::newRow("URI") << tokenize + "\"file://$PWD/p.txt\"";
        QTest::newRow("URI of localhost") << tokenize + "\"file://localhost$PWD/a%20b%23%25.txt\"";
        QTest::newRow("that name itself") << tokenize + "'a b#%.txt'";
    }

    void prompt_comesThroughWhateverGivesBytes()
    {
        QFETCH(QString, script);
        const Outcome outcome = bash(script);
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QCOMPARE(bytesOf(outcome), m_text.toUtf8());
        QCOMPARE(outcome.err, QByteArray());
    }

    void prompt_comesThroughASocket()
    {
        int ends[2];
        QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        const QByteArray text = m_text.toUtf8();
        QCOMPARE(::write(ends[0], text.constData(), static_cast<std::size_t>(text.size())), text.size());
        ::close(ends[0]);
        const Outcome outcome = bash("exec \"$0\" tokenize --model builtin:needle --json --prompt /dev/stdin",
                                     {}, [end = ends[1]] { ::dup2(end, STDIN_FILENO); });
        ::close(ends[1]);
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QCOMPARE(bytesOf(outcome), text);
    }

    void run_ofAPipe_namesItsTrace()
    {
        const Outcome outcome =
            bash("\"$0\" run --model builtin:needle --generate 0 --json --prompt <(cat p.txt)");
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QCOMPARE(outcome.json()["trace"].toString(), QString("prompt.hwt"));
    }

    void ids_comeThroughAPipe()
    {
        const Outcome outcome =
            bash("\"$0\" logits --model builtin:needle --json --top 1 --ids <(echo '[256, 65]')");
        QVERIFY2(outcome.code == 0, outcome.err.constData());
        QCOMPARE(outcome.json()["tokens"].toInt(), 2);
    }

    /// A prompt in another encoding is refused with the option that converts it, which gives the text.
    void encoding_isSaidAndConverted_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("says");
        QTest::addColumn<QString>("option");
        using enum QStringConverter::Encoding;
        const auto encoded = [this](QStringConverter::Encoding encoding, bool withMark) -> QByteArray {
            QStringEncoder encoder(
                encoding, withMark ? QStringConverter::Flag::WriteBom : QStringConverter::Flag::Default);
            return encoder.encode(m_text);
        };
        QTest::newRow("UTF-16LE, mark") << encoded(Utf16LE, true) << QByteArray("UTF-16") << "utf-16le";
        QTest::newRow("UTF-16BE, mark") << encoded(Utf16BE, true) << QByteArray("UTF-16") << "utf-16be";
        QTest::newRow("UTF-16LE") << encoded(Utf16LE, false) << QByteArray("UTF-16") << "utf-16le";
        QTest::newRow("UTF-16BE") << encoded(Utf16BE, false) << QByteArray("UTF-16") << "utf-16be";
        QTest::newRow("UTF-32LE, mark") << encoded(Utf32LE, true) << QByteArray("UTF-32") << "utf-32le";
        QTest::newRow("UTF-32BE") << encoded(Utf32BE, false) << QByteArray("UTF-32") << "utf-32be";
    }

    void encoding_isSaidAndConverted()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, says);
        QFETCH(QString, option);
        write("encoded.txt", bytes);
        const QStringList tokenize{"tokenize", "--model",     "builtin:needle",
                                   "--prompt", "encoded.txt", "--json"};
        const Outcome refused = run(tokenize);
        QCOMPARE(refused.code, 65);
        QVERIFY2(refused.err.contains("encoded.txt") && refused.err.contains(says)
                     && refused.err.contains("--encoding " + option.toUtf8()),
                 refused.err.constData());
        const Outcome converted = run(tokenize + QStringList{"--encoding", option});
        QVERIFY2(converted.code == 0, converted.err.constData());
        QCOMPARE(bytesOf(converted), m_text.toUtf8());
        QCOMPARE(bytesOf(run(tokenize + QStringList{"--encoding", "bytes"})), bytes);
    }

    /// Bytes that can be taken as they are are, and what is odd about them is said: on the standard error,
    /// and in a run's report and trace.
    void oddBytes_areTakenAndSaid_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("byte-order mark")
            << QByteArray("\xEF\xBB\xBFone two") << QByteArray("byte-order mark");
        QTest::newRow("Latin-1") << QByteArray("na\xefve caf\xe9")
                                 << QByteArray("2 of the prompt's bytes are no UTF-8, the first at byte 2");
        QTest::newRow("NUL") << QByteArray("one\0two", 7) << QByteArray("NUL");
        QTest::newRow("LFS pointer") << QByteArray(
            "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
                                     << QByteArray("git lfs pull");
    }

    void oddBytes_areTakenAndSaid()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, says);
        write("odd.txt", bytes);
        const QStringList prompt{"--model", "builtin:needle", "--prompt", "odd.txt", "--json"};
        const Outcome tokenized = run(QStringList{"tokenize"} + prompt);
        QCOMPARE(bytesOf(tokenized), bytes);
        QVERIFY2(tokenized.err.startsWith("note: ") && tokenized.err.contains(says),
                 tokenized.err.constData());
        const Outcome ran = run(QStringList{"run", "--generate", "0", "-o", "odd.hwt"} + prompt);
        QVERIFY2(ran.code == 0, ran.err.constData());
        QVERIFY(ran.json()["notes"].toArray().first().toString().contains(says));
        const QJsonObject meta = run({"info", "odd.hwt", "--json"}).json()["meta"].toObject();
        QVERIFY(meta["notes"].toArray().first().toString().contains(says));
        const Outcome silent = run(QStringList{"tokenize", "--encoding", "bytes"} + prompt);
        QCOMPARE(silent.err, QByteArray());
        QCOMPARE(bytesOf(silent), bytes);
    }

    void mark_isLeftOutByUtf8()
    {
        write("mark.txt", "\xEF\xBB\xBFone");
        const QStringList tokenize{"tokenize", "--model", "builtin:needle", "--prompt", "mark.txt", "--json"};
        QCOMPARE(bytesOf(run(tokenize + QStringList{"--encoding", "utf-8"})), QByteArray("one"));
        write("mark.txt", "\xEF\xBB\xBF");
        QCOMPARE(run(tokenize + QStringList{"--encoding", "utf-8"}).code, 64);
        QCOMPARE(run(tokenize + QStringList{"--encoding", "no-such"}).code, 64);
    }

    void binaryPrompt_isNamed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("PNG") << QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) << QByteArray("PNG image");
        QTest::newRow("PDF") << QByteArray("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n") << QByteArray("PDF document");
        QTest::newRow("zip") << QByteArray("PK\x03\x04\x14\0\x08\xff", 8) << QByteArray("zip archive");
        QTest::newRow("gzip") << QByteArray("\x1f\x8b\x08\0", 4) << QByteArray("gzip");
        QTest::newRow("trace") << QByteArray("SQLite format 3\0\x10", 17) << QByteArray("SQLite");
    }

    void binaryPrompt_isNamed()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, says);
        write("binary", bytes);
        const QStringList tokenize{"tokenize", "--model", "builtin:needle", "--prompt", "binary", "--json"};
        const Outcome refused = run(tokenize);
        QCOMPARE(refused.code, 65);
        QVERIFY2(refused.err.contains("binary: is a") == !refused.err.contains("gzip")
                     && refused.err.contains(says),
                 refused.err.constData());
        QCOMPARE(bytesOf(run(tokenize + QStringList{"--encoding", "bytes"})), bytes);
    }

    void textThatBeginsAsASign_isAText()
    {
        for (const char* text : {"GIF89 is an image format.", "GGUF files hold models.", "<html> is a tag.",
                                 "{\"a\": \"JSON\"}", "PK", "BZh is no word"}) {
            const Outcome outcome = run({"tokenize", "--model", "builtin:needle", "--text", text, "--json"});
            QVERIFY2(outcome.code == 0, outcome.err.constData());
            QCOMPARE(outcome.err, QByteArray());
        }
    }

    void commandOfAConvertedPrompt_repeatsIt()
    {
        QStringEncoder encoder(QStringConverter::Utf16BE);
        write("u16.txt", encoder.encode(m_text));
        const Outcome ran = run({"run", "--model", "builtin:needle", "--prompt", "u16.txt", "--encoding",
                                 "utf-16be", "--generate", "0", "-o", "u16.hwt"});
        QVERIFY2(ran.code == 0, ran.err.constData());
        const QString command =
            run({"info", "u16.hwt", "--json"}).json()["meta"].toObject()["command"].toString();
        QVERIFY(command.contains("--encoding utf-16be"));
    }

    void foreignModel_isNamed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("says");
        QTest::addColumn<QByteArray>("advice");
        const auto row = [](const char* name, const QByteArray& bytes, const char* says, const char* advice) {
            QTest::newRow(name) << bytes << QByteArray(says) << QByteArray(advice);
        };
        row("HTML", "<!DOCTYPE html>\n<html><head><title>Sign in</title>", "an HTML page",
            "download the file itself");
        row("LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 98362432\n",
            "a Git LFS pointer", "git lfs pull");
        row("JSON", "{\"error\":\"Repository not found\"}", "a JSON document", "download the file itself");
        row("XML", "<?xml version=\"1.0\"?>\n<Error/>", "an XML document", "download");
        row("safetensors", QByteArray("\x10\0\0\0\0\0\0\0{\"a\":{}}        ", 24), "a safetensors file",
            "give the folder that it lies in");
        row("pickle", QByteArray("\x80\x02}q\0.", 6), "a Python pickle", "convert_hf_to_gguf.py");
        row("PyTorch", QByteArray("PK\x03\x04\0\0", 6), "a zip archive", "convert_hf_to_gguf.py");
        row("gzip", QByteArray("\x1f\x8b\x08\0", 4), "gzip data", "unpack");
        row("GGML", QByteArray("tjgg\1\0\0\0", 8), "before GGUF", "fetch the model again");
        row("trace", QByteArray("SQLite format 3\0\x10", 17), "SQLite", "give a file");
        row("empty", "", "after 0 bytes", "download it again");
        row("zeros", QByteArray(4096, '\0'), "zero bytes", "download it again");
    }

    void foreignModel_isNamed()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, says);
        QFETCH(QByteArray, advice);
        write("model.gguf", bytes);
        const Outcome outcome = run({"tokenize", "--model", "./model.gguf", "--text", "a", "--json"});
        QCOMPARE(outcome.code, 65);
        QVERIFY2(outcome.err.contains("model.gguf") && outcome.err.contains(says)
                     && outcome.err.contains(advice),
                 outcome.err.constData());
    }

    void truncatedModel_isSaid()
    {
        QFile whole(kTinyModel);
        QVERIFY(whole.open(QIODevice::ReadOnly));
        const QByteArray bytes = whole.readAll();
        for (const qint64 size : {qint64{3}, qint64{20}, bytes.size() / 10, bytes.size() - 1}) {
            write("cut.gguf", bytes.left(size));
            const Outcome outcome = run({"tokenize", "--model", "cut.gguf", "--text", "a"});
            QCOMPARE(outcome.code, 65);
            QVERIFY2(outcome.err.contains("cut.gguf"), outcome.err.constData());
            QVERIFY2(outcome.err.contains("download"), outcome.err.constData());
        }
    }

    void model_opensByItsUri()
    {
        const Outcome outcome =
            run({"tokenize", "--model", "file://" + QString(kTinyModel), "--text", "a", "--json"});
        QVERIFY2(outcome.code == 0, outcome.err.constData());
    }

    /// Every message about a file names the file, and says what to do or what was expected.
    void message_namesTheFile_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("fault");
        const QString bad = "@"; // the faulty file
        const QList<QPair<const char*, QStringList>> verbs{
            {"run --model", {"run", "--model", bad, "--text", "a", "-o", "x.hwt"}},
            {"run --prompt", {"run", "--model", "builtin:needle", "--prompt", bad, "-o", "x.hwt"}},
            {"generate --model", {"generate", "--model", bad, "--text", "a"}},
            {"generate --prompt", {"generate", "--model", "builtin:needle", "--prompt", bad}},
            {"tokenize --model", {"tokenize", "--model", bad, "--text", "a"}},
            {"tokenize --prompt", {"tokenize", "--model", "builtin:needle", "--prompt", bad}},
            {"logits --model", {"logits", "--model", bad, "--text", "a"}},
            {"logits --prompt", {"logits", "--model", "builtin:needle", "--prompt", bad}},
            {"logits --ids", {"logits", "--model", "builtin:needle", "--ids", bad}},
            {"info", {"info", bad}},
            {"verify", {"verify", bad}},
            {"export", {"export", bad, "--layer", "0", "--head", "0", "-o", "x.npz"}},
            {"figure", {"figure", bad, "--layer", "0", "--head", "0", "-o", "x.pdf"}},
            {"figure --from", {"figure", "--from", bad, "-o", "x.pdf"}},
        };
        for (const auto& [name, arguments] : verbs) {
            for (const char* fault : {"missing", "directory", "empty", "wrong kind", "link to nothing"})
                QTest::addRow("%s, %s", name, fault) << arguments << fault;
        }
    }

    void message_namesTheFile()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, fault);
        const QString name = "the " + fault;
        QFile::remove(path(name));
        if (fault == "directory")
            QDir(m_folder.path()).mkdir(name);
        else if (fault == "empty")
            write(name, {});
        else if (fault == "wrong kind")
            write(name, QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
        else if (fault == "link to nothing")
            QVERIFY(::symlink("nowhere", path(name).toLocal8Bit().constData()) == 0);
        arguments.replaceInStrings("@", name);
        const Outcome outcome = run(arguments);
        QVERIFY2(outcome.code > 0, outcome.out.constData());
        const QByteArray said = outcome.err + outcome.out;
        QCOMPARE(said.count('\n'), 1);
        QVERIFY2(said.contains(name.toUtf8()), said.constData());
        const QList<QByteArray> hints{"expected", "check", "give", "choose", "download"};
        QVERIFY2(std::ranges::any_of(hints, [&](const QByteArray& hint) { return said.contains(hint); }),
                 said.constData());
        if (fault == "wrong kind")
            QVERIFY2(said.contains("PNG") || said.contains("bytes"), said.constData());
    }

    /// The same of what is written.
    void message_namesTheOutput_data()
    {
        QTest::addColumn<QStringList>("arguments");
        const QString sample = HEADWATER_SOURCE_DIR "/resources/samples/story.hwt";
        const QString to = "@";
        QTest::newRow("run") << QStringList{"run", "--model", "builtin:needle", "--text",
                                            "abc", "-o",      to + ".hwt"};
        QTest::newRow("export") << QStringList{"export", sample, "--layer", "0",
                                               "--head", "0",    "-o",      to + ".npz"};
        QTest::newRow("figure") << QStringList{"figure", sample, "--layer", "0",
                                               "--head", "0",    "-o",      to + ".svg"};
        QTest::newRow("logits") << QStringList{"logits", "--model", "builtin:needle", "--text",
                                               "a",      "--out",   to + ".npy"};
        QTest::newRow("bench") << QStringList{"bench", "--make-prompt", "500", "-o", to + ".txt"};
    }

    void message_namesTheOutput()
    {
        QFETCH(QStringList, arguments);
        for (const char* place : {"no such folder/x", "p.txt/x"}) {
            QStringList now = arguments;
            now.replaceInStrings("@", place);
            const Outcome outcome = run(now);
            QCOMPARE(outcome.code, 73);
            QVERIFY2(outcome.err.contains(place) && outcome.err.count('\n') == 1, outcome.err.constData());
        }
    }
};

QTEST_GUILESS_MAIN(TstInputs)
#include "tst_inputs.moc"
