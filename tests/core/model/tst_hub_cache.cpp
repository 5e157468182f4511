// SPDX-License-Identifier: Apache-2.0
// Models of the Hub's cache: where it is, what a name means in it, and what half a download says.
#include "core/model/folder/hub_cache.h"

#include "core/model/folder/folder_model.h"
#include "core/model/folder/model_folder.h"
#include "core/model/model_path.h"
#include "folder_builder.h"
#include "gguf_builder.h"
#include "hub_cache_builder.h"

#include <QTemporaryDir>
#include <QTest>

using namespace headwater;
namespace fs = std::filesystem;

namespace {

constexpr const char* kOld = "aaaaaaa111111111111111111111111111111111";
constexpr const char* kNew = "bbbbbbb222222222222222222222222222222222";

void addFolder(const hub::Repository& repository, const std::string& commit, folder::Folder model)
{
    repository.add(commit, "config.json", model.config.dump());
    for (const auto& [name, bytes] : model.files)
        repository.add(commit, name, bytes);
}

bool says(const Error& error, const char* words)
{
    return error.text().find(words) != std::string::npos;
}

} // namespace

class TestHubCache : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;

    fs::path path(const char* below = "") const { return fs::path(m_folder->path().toStdString()) / below; }
    hub::Repository repository(const std::string& name) const
    {
        return {path("home/hub") / ("models--" + name)};
    }

private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"})
            qunsetenv(name);
        qputenv("HOME", m_folder->path().toLocal8Bit());
        qputenv("HF_HOME", (m_folder->path() + "/home").toLocal8Bit());
    }

    /// The first that is named wins, in the order of huggingface_hub.
    void cache_isWhereTheEnvironmentSays()
    {
        qunsetenv("HF_HOME");
        QCOMPARE(hubCacheDirectory(), path(".cache/huggingface/hub"));
        qputenv("XDG_CACHE_HOME", "/x");
        QCOMPARE(hubCacheDirectory(), fs::path("/x/huggingface/hub"));
        qputenv("HF_HOME", "~/hf");
        QCOMPARE(hubCacheDirectory(), path("hf/hub"));
        qputenv("HUGGINGFACE_HUB_CACHE", "/old");
        QCOMPARE(hubCacheDirectory(), fs::path("/old"));
        qputenv("HF_HUB_CACHE", "/new");
        QCOMPARE(hubCacheDirectory(), fs::path("/new"));
        qputenv("HF_HUB_CACHE", ""); // as if it were not set
        QCOMPARE(hubCacheDirectory(), fs::path("/old"));
    }

    void names_areWhatTheHubAllows_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("isName");
        for (const char* name : {"gpt2", "org/name", "Qwen/Qwen3-0.6B", "a_b/c.d", "org/name@main",
                                 "org/n@abcdef0", "org/name/sub/file.gguf", "org/name@main/file.gguf"})
            QTest::newRow(name) << QByteArray(name) << true;
        for (const char* name : {"", "/abs/path", "./org/name", "../name", "org//name", "org/", "a--b/c",
                                 "org/na me", "org/name/../../etc", "org/name@", "-x/y"})
            QTest::newRow(name) << QByteArray(name) << false;
    }
    void names_areWhatTheHubAllows()
    {
        QFETCH(const QByteArray, name);
        QFETCH(const bool, isName);
        QCOMPARE(isHubName(name.toStdString()), isName);
    }

    void revision_namesASnapshot()
    {
        const hub::Repository both = repository("org--both");
        both.add(kOld, "config.json", "{}");
        both.add(kNew, "config.json", "{}");
        both.setRef("main", kNew);
        both.setRef("v1", kOld);
        for (const auto& [name, commit] : {std::pair{"org/both", kNew},
                                           {"org/both@main", kNew},
                                           {"org/both@v1", kOld},
                                           {"org/both@aaaaaaa", kOld},
                                           {"org/both@bbbbbbb222222222222222222222222222222222", kNew}}) {
            const auto found = findInHubCache(name);
            QVERIFY2(found, name);
            QCOMPARE(*found, both.snapshot(commit));
            QCOMPARE(hubModelOf(*found), std::optional<std::string>("org/both"));
        }
        const auto wrong = findInHubCache("org/both@ccccccc");
        QVERIFY(!wrong && says(wrong.error(), "has no ccccccc"));
        QVERIFY(says(wrong.error(), "org/both@aaaaaaa") && says(wrong.error(), "org/both@bbbbbbb"));
        const std::vector<HubSnapshot> all = hubSnapshots(path("home/hub"));
        QCOMPARE(all.size(), std::size_t{2});
        QCOMPARE(all[0].name(), std::string("org/both"));
        QCOMPARE(all[1].name(), std::string("org/both@") + kOld);
    }

    void withoutMain_aRevisionMustBeSaid()
    {
        repository("org--pinned").add(kOld, "config.json", "{}");
        const auto found = findInHubCache("org/pinned");
        QVERIFY(!found && found.error().code == ErrorCode::NotFound);
        QVERIFY(says(found.error(), "has no main") && says(found.error(), "org/pinned@aaaaaaa"));
        QVERIFY(findInHubCache("org/pinned@aaaaaaa"));
    }

    void missing_saysWhereItWasSought()
    {
        for (const char* name : {"org/name", "models/typo.gguf"}) {
            const auto found = findModelPath(name);
            QVERIFY(!found && found.error().code == ErrorCode::NotFound);
            QVERIFY2(says(found.error(), path("home/hub").c_str()), found.error().text().c_str());
            QVERIFY(says(found.error(), "hf download") && says(found.error(), "no such file"));
        }
        const auto unknown = findModelPath("smolm2-135m");
        QVERIFY(!unknown && says(unknown.error(), "smollm2-135m") && says(unknown.error(), "org/name"));
    }

    /// A snapshot's folder is called by its commit; the model is not.
    void snapshot_loadsUnderItsName()
    {
        const hub::Repository small = repository("org--small-llama");
        folder::Folder model = folder::smallLlama();
        model.writeShards(2);
        addFolder(small, kNew, model);
        small.setRef("main", kNew);
        const auto tokens = [](const fs::path&) -> Result<TokenizerData> { return TokenizerData{}; };
        const auto found = findModelPath("org/small-llama");
        QVERIFY2(found, found ? "" : found.error().text().c_str());
        QVERIFY(found->isFolder);
        const fs::path repositoryFolder = small.folder;
        for (const fs::path& given : {found->path, small.snapshot(kNew),
                                      fs::path(small.snapshot(kNew).string() + '/'), repositoryFolder}) {
            const auto resolved = modelPathOf(given);
            QVERIFY2(resolved, given.c_str());
            const auto loaded = loadModelFolder(resolved->path, tokens);
            QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
            QCOMPARE((*loaded)->config.name, std::string("org/small-llama"));
        }
        // The same folder elsewhere has its own name.
        fs::copy(small.snapshot(kNew), path("elsewhere"));
        QCOMPARE((*loadModelFolder(path("elsewhere"), tokens))->config.name, std::string("elsewhere"));
    }

    void aPathOfThatName_winsAndIsSaid()
    {
        const hub::Repository small = repository("org--small");
        folder::Folder model = folder::smallLlama();
        model.writeWhole();
        addFolder(small, kNew, model);
        small.setRef("main", kNew);
        const fs::path before = fs::current_path();
        model.write(QString::fromStdString(path("org/small").string()));
        fs::current_path(path());
        const auto found = findModelPath("org/small");
        const auto alone = findModelPath("./org/small");
        fs::current_path(before);
        QVERIFY(found && alone);
        QCOMPARE(found->path, fs::path("org/small"));
        QCOMPARE(found->warnings.size(), std::size_t{1});
        QVERIFY(found->warnings[0].find(small.snapshot(kNew).string()) != std::string::npos);
        QVERIFY(alone->warnings.empty());
    }

    void ggufRepository_namesItsFiles()
    {
        const hub::Repository quants = repository("org--quants-GGUF");
        const std::string bytes = gguf::smallLlama().bytes();
        quants.add(kNew, "small-Q4_K_M.gguf", bytes);
        quants.setRef("main", kNew);
        const auto one = findModelPath("org/quants-GGUF");
        QVERIFY2(one, one ? "" : one.error().text().c_str());
        QVERIFY(!one->isFolder);
        QCOMPARE(one->path, quants.snapshot(kNew) / "small-Q4_K_M.gguf");

        quants.add(kNew, "Q8_0/small-Q8_0-00001-of-00002.gguf", bytes);
        quants.add(kNew, "Q8_0/small-Q8_0-00002-of-00002.gguf", bytes);
        quants.add(kNew, "mmproj-F16.gguf", bytes);
        const auto several = findModelPath("org/quants-GGUF");
        QVERIFY(!several);
        QVERIFY2(says(several.error(), "2 GGUF models") && says(several.error(), "small-Q4_K_M.gguf")
                     && says(several.error(), "Q8_0/small-Q8_0-00001-of-00002.gguf")
                     && !says(several.error(), "00002-of-00002") && !says(several.error(), "mmproj"),
                 several.error().text().c_str());
        const auto named = findModelPath("org/quants-GGUF/Q8_0/small-Q8_0-00001-of-00002.gguf");
        QVERIFY2(named, named ? "" : named.error().text().c_str());
        QVERIFY(!findModelPath("org/quants-GGUF/none.gguf"));
    }

    void halfADownload_saysSo()
    {
        folder::Folder model = folder::smallLlama();
        model.writeShards(2);
        const hub::Repository dangling = repository("org--dangling");
        const hub::Repository missing = repository("org--missing");
        const hub::Repository begun = repository("org--begun");
        for (const hub::Repository& half : {dangling, missing, begun}) {
            half.setRef("main", kNew);
            half.beginDownload();
            half.add(kNew, "config.json", model.config.dump());
            if (half.folder == begun.folder)
                continue;
            half.add(kNew, "model.safetensors.index.json", model.files.at("model.safetensors.index.json"));
            half.add(kNew, folder::Folder::nameOf(0), model.files.at(folder::Folder::nameOf(0)));
        }
        dangling.link(kNew, folder::Folder::nameOf(1));
        for (const auto& [name, words] : {std::pair{"org/dangling", "is a link to ../../blobs/bbbb"},
                                          {"org/missing", "is missing, expected the file that"},
                                          {"org/begun", "holds no weights"}}) {
            const auto found = findModelPath(name);
            QVERIFY2(found, name);
            const auto opened = openModelFolder(found->path);
            QVERIFY(!opened && opened.error().code == ErrorCode::NotFound);
            const std::string advice = std::string("not finished; go on with: hf download ") + name;
            QVERIFY2(says(opened.error(), words) && says(opened.error(), advice.c_str()),
                     opened.error().text().c_str());
        }
        const hub::Repository file = repository("org--file");
        file.setRef("main", kNew);
        file.link(kNew, "small.gguf");
        const auto gguf = findModelPath("org/file");
        QVERIFY(!gguf && says(gguf.error(), "is a link to") && says(gguf.error(), "hf download org/file"));
        fs::remove_all(dangling.folder / "blobs" / "0123abcd.incomplete");
        const auto again = openModelFolder(dangling.snapshot(kNew));
        QVERIFY(!again && says(again.error(), "get it with: hf download org/dangling"));
    }
};

QTEST_APPLESS_MAIN(TestHubCache)
#include "tst_hub_cache.moc"
