// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/file_kind.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace headwater;

class TestFileKind : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    std::filesystem::path write(const char* name, const QByteArray& bytes)
    {
        QFile file(m_folder.filePath(QLatin1String(name)));
        if (file.open(QIODevice::WriteOnly))
            file.write(bytes);
        return file.fileName().toStdString();
    }

private slots:
    void magic_decides_andTheNameWhereItTellsNothing_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("kind");
        const QByteArray trace("SQLite format 3\0 and more", 25);
        const QByteArray model("GGUF\3\0\0\0", 8);
        const int isTrace = static_cast<int>(FileKind::Trace);
        const int isModel = static_cast<int>(FileKind::Model);
        const int isText = static_cast<int>(FileKind::Text);
        QTest::newRow("trace") << QByteArray("file.txt") << trace << isTrace;
        QTest::newRow("model") << QByteArray("file.hwt") << model << isModel;
        QTest::newRow("trace named as a model") << QByteArray("file.gguf") << trace << isTrace;
        QTest::newRow("text") << QByteArray("file.txt") << QByteArray("SQLite format 4 is a dream") << isText;
        QTest::newRow("short") << QByteArray("file") << QByteArray("GG") << isText;
        QTest::newRow("empty") << QByteArray("file.txt") << QByteArray() << isText;
        QTest::newRow("damaged trace") << QByteArray("file.hwt") << QByteArray("SQLite gormat 3") << isTrace;
        QTest::newRow("cut trace") << QByteArray("file.hwt") << QByteArray("SQLi") << isTrace;
        QTest::newRow("empty trace") << QByteArray("file.hwt") << QByteArray() << isTrace;
        QTest::newRow("weights of a folder")
            << QByteArray("model.safetensors") << QByteArray("\x10\0\0\0\0\0\0\0{\"a\":{}}        ", 24)
            << isModel;
        QTest::newRow("damaged model") << QByteArray("file.gguf") << QByteArray("GGUX\3") << isModel;
    }

    void magic_decides_andTheNameWhereItTellsNothing()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, bytes);
        QFETCH(int, kind);
        const auto guess = classifyFile(write(name.constData(), bytes));
        QVERIFY(guess.has_value());
        QCOMPARE(static_cast<int>(guess->kind), kind);
        QCOMPARE(guess->bytes, static_cast<std::uint64_t>(bytes.size()));
    }

    void whatIsNoneOfTheThree_isNamed()
    {
        const auto png = classifyFile(write("a.txt", QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16)));
        QVERIFY(!png);
        QCOMPARE(png.error().code, ErrorCode::BadFormat);
        QVERIFY(png.error().message.find("a PNG image") != std::string::npos);
        // A text may begin with the letters of a sign, and end within a character of the head.
        for (const char* text : {"GIF89a is a format", "BZh\xc3\xa9"})
            QVERIFY(classifyFile(write("b.txt", text)).has_value());
    }

    void fifo_isRefusedWithoutWaiting()
    {
        const QByteArray path = m_folder.filePath(QStringLiteral("pipe")).toLocal8Bit();
        QCOMPARE(::mkfifo(path.constData(), 0600), 0);
        const auto guess = classifyFile(path.toStdString());
        QVERIFY(!guess);
        QCOMPARE(guess.error().code, ErrorCode::InvalidArgument);
    }

    void missingAndUnreadable_areNotFound()
    {
        QCOMPARE(classifyFile(m_folder.filePath(QStringLiteral("nothing")).toStdString()).error().code,
                 ErrorCode::NotFound);
        if (::geteuid() == 0)
            return; // root reads everything
        const auto path = write("secret", "x");
        std::filesystem::permissions(path, std::filesystem::perms::none);
        QCOMPARE(classifyFile(path).error().code, ErrorCode::NotFound);
    }

    void folder_isAModel()
    {
        const auto guess = classifyFile(m_folder.path().toStdString());
        QVERIFY(guess.has_value());
        QCOMPARE(guess->kind, FileKind::Model);
    }

    void text_isReadByteForByte_withinTheLimit()
    {
        const QByteArray bytes("caf\xe9 \0 end", 10);
        const auto path = write("text", bytes);
        const auto text = readTextFile(path, 10);
        QVERIFY(text.has_value());
        QCOMPARE(QByteArray::fromStdString(*text), bytes);
        QCOMPARE(readTextFile(path, 9).error().code, ErrorCode::InvalidArgument);
        QCOMPARE(readTextFile(write("none", ""), 9).error().code, ErrorCode::InvalidArgument);
    }
};

QTEST_GUILESS_MAIN(TestFileKind)
#include "tst_file_kind.moc"
