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
    void magic_decides_notTheName_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("kind");
        QTest::newRow("trace") << QByteArray("SQLite format 3\0 and more", 25)
                               << static_cast<int>(FileKind::Trace);
        QTest::newRow("model") << QByteArray("GGUF\3\0\0\0", 8) << static_cast<int>(FileKind::Model);
        QTest::newRow("text") << QByteArray("SQLite format 4 is a dream") << static_cast<int>(FileKind::Text);
        QTest::newRow("short") << QByteArray("GG") << static_cast<int>(FileKind::Text);
        QTest::newRow("empty") << QByteArray() << static_cast<int>(FileKind::Text);
    }

    void magic_decides_notTheName()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, kind);
        const auto guess = classifyFile(write("file.hwt", bytes));
        QVERIFY(guess.has_value());
        QCOMPARE(static_cast<int>(guess->kind), kind);
        QCOMPARE(guess->bytes, static_cast<std::uint64_t>(bytes.size()));
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
