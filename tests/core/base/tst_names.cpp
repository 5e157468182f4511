// SPDX-License-Identifier: Apache-2.0
// Names are bytes: what goes through JSON, a shell or a URI comes out as it went in.
#include "core/base/file_name.h"
#include "core/base/mapped_file.h"
#include "core/base/shell_quote.h"
#include "core/base/text.h"
#include "core/base/whole_file.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <random>

using namespace headwater;

namespace {

/// Byte strings that a file system or an argument may hold: seeded, and rich in what is special somewhere.
std::vector<std::string> byteStrings(int count)
{
    const std::string special =
        " '\"\\\n\t%#?&*$`!~=:;/-\x01\x1b\x7f\x80\xa4\xc3\xa9\xff\xe2\x86\x92\xc2\x85";
    std::mt19937 random(13);
    std::vector<std::string> all{"",   "'",    "-",   "--",    "=",    "~",      "!",
                                 "\n", "\n\n", "a\n", "file:", "\xff", "\xff\n", "%ff"};
    for (int i = 0; i < count; ++i) {
        std::string bytes;
        const std::size_t length = random() % 24;
        while (bytes.size() < length)
            bytes += random() % 3 == 0 ? static_cast<char>(1 + random() % 255)
                                       : special[random() % special.size()];
        all.push_back(bytes);
    }
    return all;
}

} // namespace

class TstNames : public QObject {
    Q_OBJECT

private slots:
    void paths_comeBackFromTheirText()
    {
        for (const std::string& bytes : byteStrings(2000)) {
            for (const std::string& path :
                 {bytes, "/" + bytes, "//" + bytes, "file:" + bytes, "FILE:/" + bytes}) {
                const std::string text = textOfPath(path);
                QVERIFY(isUtf8(text));
                const auto back = pathOfText(text);
                QVERIFY2(back && back->string() == path, text.c_str());
                if (isUtf8(path) && !path.starts_with("file:") && !path.starts_with("FILE:"))
                    QCOMPARE(text, path);
            }
        }
    }

    void uri_namesAPathOfThisComputer_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("path"); // null: refused
        const auto row = [](const char* text, const char* path) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(path);
        };
        row("file:///a/b.txt", "/a/b.txt");
        row("file://localhost/a/b.txt", "/a/b.txt");
        row("file:/a/b.txt", "/a/b.txt");
        row("FILE:///a", "/a");
        row("file:///a%20b%23%3F%25", "/a b#?%");
        row("file:///%c3%A9%FF", "/\xc3\xa9\xff");
        row("file:///a#b?c", "/a#b?c");
        row("file:b%20c", "b c");
        row("a%20b", "a%20b");
        row("file", "file");
        row("file://server/a", nullptr);
        row("file:///a%2", nullptr);
        row("file:///a%zz", nullptr);
        row("file:///a%00b", nullptr);
        row("file:", nullptr);
        row("file://localhost", nullptr);
    }

    void uri_namesAPathOfThisComputer()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, path);
        const auto found = pathOfText(text.toStdString());
        QCOMPARE(found.has_value(), !path.isNull());
        if (found)
            QCOMPARE(QByteArray::fromStdString(found->string()), path);
        else
            QVERIFY(found.error().code == ErrorCode::InvalidArgument
                    && found.error().context == text.toStdString());
    }

    void argument_thatIsAFilesVeryName_isThatFile()
    {
        QTemporaryDir folder;
        const QString before = QDir::currentPath();
        QVERIFY(QDir::setCurrent(folder.path()));
        QCOMPARE(pathOfArgument("file:a%20b")->string(), std::string("a b"));
        QFile file(QStringLiteral("file:a%20b"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(pathOfArgument("file:a%20b")->string(), std::string("file:a%20b"));
        QVERIFY(QDir::setCurrent(before));
    }

    void words_comeBackFromTheirLine()
    {
        QCOMPARE(shellWords("headwater run  --model 'a b.gguf'\t--x\\ y '' it\\''s'\n"),
                 (std::vector<std::string>{"headwater", "run", "--model", "a b.gguf", "--x y", "", "it's"}));
        QCOMPARE(shellWords(" "), std::vector<std::string>());
        std::vector<std::string> words;
        std::string line;
        for (const std::string& bytes : byteStrings(2000)) {
            const std::string quoted = shellQuoted(bytes);
            if (quoted.find("$(printf") != std::string::npos) // what a shell prints comes as it stands
                continue;
            words.push_back(bytes);
            line += (line.empty() ? "" : " ") + quoted;
        }
        QVERIFY(words.size() > 100);
        QCOMPARE(shellWords(line), words);
    }

    void arguments_comeBackFromAShell_data()
    {
        QTest::addColumn<QString>("shell");
        for (const char* shell : {"sh", "bash"})
            QTest::newRow(shell) << shell;
    }

    void arguments_comeBackFromAShell()
    {
        QFETCH(QString, shell);
        const std::vector<std::string> all = byteStrings(400);
        std::string script = "printf '%s\\001\\n'";
        QByteArray expected;
        for (const std::string& bytes : all) {
            const std::string quoted = shellQuoted(bytes);
            QVERIFY2(isUtf8(quoted), quoted.c_str());
            // Pasted into a terminal it does nothing by itself.
            QVERIFY(std::ranges::none_of(
                quoted, [](unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; }));
            script += ' ' + quoted;
            expected += QByteArray::fromStdString(bytes) + "\001\n";
        }
        QProcess process;
        process.start(shell, {"-s"});
        process.write(script.data(), static_cast<qint64>(script.size()));
        process.write("\n");
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished(60000));
        QCOMPARE(process.readAllStandardOutput(), expected);
    }

    void longestName_isWritten()
    {
        QTemporaryDir folder;
        for (const int length : {250, 251, 255}) {
            const std::string path = folder.path().toStdString() + '/' + std::string(length, 'n');
            const Result<void> written = writeWholeFile(path, "whole");
            QVERIFY2(written, written ? "" : written.error().text().c_str());
            QCOMPARE(*readFile(path, 100), std::string("whole"));
        }
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 3);
        const Result<void> tooLong =
            writeWholeFile(folder.path().toStdString() + '/' + std::string(256, 'n'), "x");
        QVERIFY(!tooLong && tooLong.error().code == ErrorCode::CannotCreate);
    }
};

QTEST_GUILESS_MAIN(TstNames)
#include "tst_names.moc"
