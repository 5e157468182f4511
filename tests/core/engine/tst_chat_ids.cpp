// SPDX-License-Identifier: Apache-2.0
#include "core/engine/loaded_model.h"
#include "core/model/folder/hf_tokenizer.h"
#include "tests/core/tokenizer/chat_reference.h"
#include "tests/core/tokenizer/reference_lines.h"

#include <QTest>
#include <algorithm>

using namespace headwater;
using namespace headwater::test;

namespace {

/// A vocabulary of the family's settings with a chat template, and no weights.
LoadedModel modelOf(const std::string& family, const nlohmann::json& entry)
{
    auto data = readTokenizerJson(unpacked("family-" + family + ".json.bin.zst"), family);
    if (!data)
        qFatal("%s", data.error().text().c_str());
    const auto eos = std::ranges::find(data->tokens, entry["eos"].get<std::string>());
    if (eos != data->tokens.end())
        data->eos = static_cast<std::int32_t>(eos - data->tokens.begin());
    data->chatTemplate = templateOf(entry);
    auto tokenizer = makeTokenizer(*data);
    if (!tokenizer)
        qFatal("%s", tokenizer.error().text().c_str());
    const auto model = std::make_shared<Model>();
    model->tokenizer = std::move(*data);
    return {family, model, std::move(*tokenizer)};
}

} // namespace

/// Conversations have the ids of transformers' apply_chat_template (python/reference/make_chat_ids.py), where
/// control tokens that somebody spells take effect; where they are text, the format's own still do.
class TestChatIds : public QObject {
    Q_OBJECT
private slots:
    void conversations_haveTransformersIds_data()
    {
        QTest::addColumn<int>("at");
        const nlohmann::json references = readChats("chat-ids.json");
        QVERIFY(references.size() == 13);
        for (int at = 0; at < static_cast<int>(references.size()); ++at)
            QTest::newRow(references[static_cast<std::size_t>(at)]["name"].get<std::string>().c_str()) << at;
    }

    void conversations_haveTransformersIds()
    {
        QFETCH(const int, at);
        const nlohmann::json reference = readChats("chat-ids.json")[static_cast<std::size_t>(at)];
        const nlohmann::json chats = readChats("chats.json");
        const auto entry =
            std::ranges::find(chats, reference["name"], [](const auto& one) { return one["name"]; });
        QVERIFY(entry != chats.end());
        const LoadedModel loaded = modelOf(reference["family"], *entry);
        QCOMPARE(reference["ids"].size(), (*entry)["chats"].size());
        QVERIFY(reference["ids"].size() >= 13);
        int plainer = 0;
        for (std::size_t i = 0; i < reference["ids"].size(); ++i) {
            const nlohmann::json& chat = (*entry)["chats"][i];
            const Conversation conversation = conversationIn(chat);
            const auto encoded = encodePrompt(loaded, conversation, TextTokens::Control);
            QVERIFY2(encoded, encoded ? "" : encoded.error().text().c_str());
            QVERIFY2(encoded->tokens.ids == reference["ids"][i].get<std::vector<std::int32_t>>(),
                     chat.dump().c_str());
            QCOMPARE(encoded->text, chat["text"].get<std::string>());
            // As plain text no control token begins or ends within what was said.
            const auto plain = encodePrompt(loaded, conversation, TextTokens::Plain);
            QVERIFY(plain);
            QCOMPARE(plain->text, encoded->text);
            plainer += plain->tokens.ids != encoded->tokens.ids ? 1 : 0;
        }
        QVERIFY(reference["family"] == "gemma" || plainer > 0); // whose vocabulary here has no such token
    }
};

QTEST_APPLESS_MAIN(TestChatIds)
#include "tst_chat_ids.moc"
