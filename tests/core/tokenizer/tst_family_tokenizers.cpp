// SPDX-License-Identifier: Apache-2.0
// Ids of 11 000 lines against llama.cpp's own tokenizer (python/reference/make_family_ids.py), for
// vocabularies that are too large, or not ours, to be kept here: HEADWATER_VOCABULARIES names the folder that
// holds the files.
#include "core/base/mapped_file.h"
#include "core/model/gguf/gguf_reader.h"
#include "core/model/gguf/gguf_tokenizer.h"
#include "tests/core/tokenizer/chat_reference.h"
#include "tests/core/tokenizer/reference_lines.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <optional>

using namespace headwater;
using namespace headwater::test;

class TestFamilyTokenizers : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    /// The file, or a sparse copy of `bytes` where it was cut within its tensors.
    QString wholeFile(const QString& name, qint64 bytes)
    {
        const QString path = qEnvironmentVariable("HEADWATER_VOCABULARIES") + '/' + name;
        if (!QFile::exists(path) || QFile(path).size() >= bytes)
            return path;
        const QString padded = m_folder.filePath(name);
        if (QFile::exists(padded))
            return padded;
        if (!QFile::copy(path, padded) || !QFile::resize(padded, bytes))
            qFatal("%s cannot be written", qPrintable(padded));
        return padded;
    }

    /// Of a file in that folder; nothing where it is not there, which is said.
    std::optional<TokenizerData> dataOf(const QString& file, qint64 bytes)
    {
        if (!qEnvironmentVariableIsSet("HEADWATER_VOCABULARIES")) {
            m_lacking = "HEADWATER_VOCABULARIES names no folder (tests/data/reference/README.md)";
            return std::nullopt;
        }
        const QString path = wholeFile(file, bytes);
        if (!QFile::exists(path)) {
            m_lacking = "HEADWATER_VOCABULARIES holds no " + file;
            return std::nullopt;
        }
        const auto mapped = MappedFile::open(path.toStdString());
        if (!mapped)
            qFatal("%s", mapped.error().text().c_str());
        const auto gguf = readGguf(mapped->bytes(), path.toStdString());
        if (!gguf)
            qFatal("%s", gguf.error().text().c_str());
        auto data = readGgufTokenizer(GgufMetadata(*gguf));
        if (!data)
            qFatal("%s", data.error().text().c_str());
        data->addBos = false;
        return std::move(*data);
    }

    QString m_lacking;

    static void files()
    {
        QTest::addColumn<QString>("reference");
        QTest::addColumn<QString>("file");
        QTest::addColumn<qint64>("bytes");
        QTest::newRow("Gemma 3") << "gemma3"
                                 << "gemma-3-270m-q4_k_m.gguf" << qint64{0};
        QTest::newRow("R1-Distill-Qwen") << "r1-qwen"
                                         << "model_part_0000" << qint64{4'683'073'248};
    }

private slots:
    void lines_haveLlamaCppsIds_data() { files(); }

    void lines_haveLlamaCppsIds()
    {
        QFETCH(QString, reference);
        QFETCH(QString, file);
        QFETCH(qint64, bytes);
        const auto data = dataOf(file, bytes);
        if (!data)
            QSKIP(qPrintable(m_lacking));
        const auto tokenizer = makeTokenizer(*data);
        QVERIFY2(tokenizer.has_value(), tokenizer ? "" : tokenizer.error().text().c_str());

        std::vector<std::string> lines = readLines("corpus.bin.zst");
        std::ranges::move(readLines(reference.toStdString() + "-lines.bin.zst"), std::back_inserter(lines));
        const auto ids = readIds(reference.toStdString() + "-ids.bin.zst");
        QCOMPARE(lines.size(), std::size_t{11'000});
        QCOMPARE(ids.size(), lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i)
            QVERIFY2(hasIds(**tokenizer, lines[i], ids[i]), qPrintable(QString("line %1").arg(i)));
        for (const char* const unit : {"a", " ", "\n", "=", "\u00E9"}) {
            std::string text;
            for (int i = 0; i < 1'000'000; ++i)
                text += unit;
            QVERIFY((*tokenizer)->encode(text).has_value());
        }
    }

    /// Conversations by the file's own template, where it has one, have llama.cpp's ids
    /// (python/reference/make_chat_ids.py).
    void conversations_haveLlamaCppsIds_data() { files(); }

    void conversations_haveLlamaCppsIds()
    {
        QFETCH(QString, file);
        QFETCH(qint64, bytes);
        auto data = dataOf(file, bytes);
        if (!data)
            QSKIP(qPrintable(m_lacking));
        const auto named = [](const nlohmann::json& list) {
            const auto found = std::ranges::find(list, nlohmann::json(QTest::currentDataTag()),
                                                 [](const nlohmann::json& one) { return one["name"]; });
            return found == list.end() ? nlohmann::json() : *found;
        };
        const nlohmann::json entry = named(readChats("chats.json"));
        const nlohmann::json ids = named(readChats("chat-file-ids.json"))["ids"];
        const std::string published = templateOf(entry);
        if (data->chatTemplate.empty()) // a base model's
            data->chatTemplate = published;
        QCOMPARE(data->chatTemplate, published);
        Model model;
        model.tokenizer = *data;
        const auto tokenizer = makeTokenizer(*data);
        QVERIFY(tokenizer.has_value());
        QCOMPARE(ids.size(), entry["chats"].size());
        QCOMPARE(ids.size(), std::size_t{22});
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const nlohmann::json& chat = entry["chats"][i];
            const auto prompt = formatPrompt(model, conversationIn(chat));
            QVERIFY(prompt.has_value());
            QVERIFY2((*tokenizer)->encode(prompt->text)->ids == ids[i].get<std::vector<std::int32_t>>(),
                     chat.dump().c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestFamilyTokenizers)
#include "tst_family_tokenizers.moc"
