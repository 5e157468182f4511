// SPDX-License-Identifier: Apache-2.0
#include "core/model/fetch/zip_member.h"

#include "support/fuzz_corpus.h"
#include "tests/core/model/zip_builder.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using zip::Zip;

namespace {

struct ZipRow {
    const char* name;
    std::string bytes;
    ErrorCode code;
};

std::vector<ZipRow> badZips()
{
    const auto with = [](auto change) {
        Zip zip;
        change(zip);
        return zip.bytes();
    };
    std::string damaged = Zip{}.bytes();
    damaged[50] = static_cast<char>(damaged[50] ^ 0x55);
    std::string cut = Zip{}.bytes();
    cut.resize(cut.size() - 1);
    return {
        {"empty", "", ErrorCode::BadFormat},
        {"no archive", std::string(100, 'x'), ErrorCode::BadFormat},
        {"cut", cut, ErrorCode::BadFormat},
        {"damaged stream", damaged, ErrorCode::BadFormat},
        {"another member", with([](Zip& z) { z.name = "pkg/other.bin"; }), ErrorCode::BadFormat},
        {"another length", with([](Zip& z) { z.content += "!"; }), ErrorCode::BadFormat},
        {"unpacks to more than it says", with([](Zip& z) {
             z.declaredBytes = 46;
             z.content = std::string(1 << 20, 'x');
         }),
         ErrorCode::BadFormat},
        {"unpacks to less than it says", with([](Zip& z) {
             z.declaredBytes = 46;
             z.content = "short";
         }),
         ErrorCode::BadFormat},
        {"packed beyond the file", with([](Zip& z) { z.declaredPacked = 1 << 30; }), ErrorCode::BadFormat},
        {"stored with two lengths", with([](Zip& z) {
             z.method = 0;
             z.declaredPacked = 10;
         }),
         ErrorCode::BadFormat},
        {"header offset beyond the file", with([](Zip& z) { z.headerOffset = 0xFFFFFFFF; }),
         ErrorCode::BadFormat},
        {"header offset inside", with([](Zip& z) { z.headerOffset = 3; }), ErrorCode::BadFormat},
        {"unknown method", with([](Zip& z) { z.method = 93; }), ErrorCode::Unsupported},
        {"encrypted", with([](Zip& z) { z.flags = 1; }), ErrorCode::Unsupported},
    };
}

} // namespace

class TestZipMember : public QObject {
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_archive = m_folder->filePath("made.zip").toStdString();
        m_out = m_folder->filePath("out").toStdString();
    }

    void zipMembers_storedAndDeflated_areWritten()
    {
        for (const std::uint16_t method : {std::uint16_t{0}, std::uint16_t{8}}) {
            Zip zip;
            zip.method = method;
            zip.comment = "PK\5\6 in the comment";
            test::keepForFuzzing("zip_member", zip.bytes());
            gguf::write(m_archive, zip.bytes());
            const std::string out = m_out + std::to_string(method);
            const auto done = appendZipMember(m_archive, zip.name, zip.content.size(), out);
            QVERIFY2(done.has_value(), done ? "" : done.error().text().c_str());
            QCOMPARE(contentOf(out), zip.content);
        }
    }

    void membersOfSeveralArchives_areJoined()
    {
        for (const char* content : {"one ", "two ", "three"}) {
            Zip zip;
            zip.content = content;
            gguf::write(m_archive, zip.bytes());
            QVERIFY(appendZipMember(m_archive, zip.name, zip.content.size(), m_out).has_value());
        }
        QCOMPARE(contentOf(m_out), std::string("one two three"));
    }

    void badZip_isRefused_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::addColumn<int>("code");
        for (const ZipRow& row : badZips())
            QTest::newRow(row.name) << row.bytes << static_cast<int>(row.code);
    }

    void badZip_isRefused()
    {
        QFETCH(const std::string, bytes);
        QFETCH(const int, code);
        test::keepForFuzzing("zip_member", bytes);
        gguf::write(m_archive, bytes);
        const auto done = appendZipMember(m_archive, Zip{}.name, Zip{}.content.size(), m_out);
        QVERIFY(!done.has_value());
        QCOMPARE(static_cast<int>(done.error().code), code);
    }

private:
    static std::string contentOf(const std::string& path)
    {
        QFile file(QString::fromStdString(path));
        return file.open(QFile::ReadOnly) ? file.readAll().toStdString() : std::string();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_archive;
    std::string m_out;
};

QTEST_APPLESS_MAIN(TestZipMember)
#include "tst_zip_member.moc"
