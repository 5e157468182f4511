// SPDX-License-Identifier: Apache-2.0
#include "core/model/model_loader.h"
#include "core/tokenizer/tokenizer.h"

#include <QTest>

using namespace headwater;

class TestBytesTokenizer : public QObject {
    Q_OBJECT
private slots:
    void everyByte_isItsOwnToken()
    {
        TokenizerData data;
        data.kind = Bytes{};
        data.addBos = true;
        const auto tokenizer = makeTokenizer(data);
        QVERIFY(tokenizer.has_value());
        std::string text;
        for (int byte = 0; byte < 256; ++byte)
            text += static_cast<char>(byte);
        const auto out = (*tokenizer)->encode(text);
        QCOMPARE(out->ids.size(), std::size_t{257});
        QCOMPARE(out->offsets.size(), std::size_t{258});
        QCOMPARE(out->ids[0], 256);
        QCOMPARE(out->offsets[1], 0u); // BOS has no bytes
        for (std::size_t byte = 0; byte < 256; ++byte) {
            QCOMPARE(out->ids[byte + 1], static_cast<std::int32_t>(byte));
            QCOMPARE(out->offsets[byte + 1], static_cast<std::uint32_t>(byte));
            QCOMPARE((*tokenizer)->decode(static_cast<std::int32_t>(byte), false),
                     std::string(1, text[byte]));
        }
        QCOMPARE(out->offsets.back(), 256u);
    }

    void controlTokens_endAndDecode()
    {
        TokenizerData data;
        data.kind = Bytes{};
        data.addEos = true;
        const auto tokenizer = makeTokenizer(data);
        QCOMPARE((*tokenizer)->vocabSize(), 258);
        QVERIFY((*tokenizer)->endsGeneration(257));
        QVERIFY(!(*tokenizer)->endsGeneration(256));
        QCOMPARE((*tokenizer)->decode(256, false), std::string());
        QCOMPARE((*tokenizer)->decode(256, true), std::string("<bos>"));
        QCOMPARE((*tokenizer)->decode(258, true), std::string());
        const auto out = (*tokenizer)->encode("ab");
        QCOMPARE(out->ids, (std::vector<std::int32_t>{'a', 'b', 257}));
        QCOMPARE(out->offsets, (std::vector<std::uint32_t>{0, 1, 2, 2}));
    }

    void fourMiTokens_areTheLimit()
    {
        TokenizerData data;
        data.kind = Bytes{};
        data.addBos = true;
        const auto tokenizer = makeTokenizer(data);
        QVERIFY((*tokenizer)->encode(std::string((4 << 20) - 1, 'x')).has_value());
        QCOMPARE((*tokenizer)->encode(std::string(4 << 20, 'x')).error().code, ErrorCode::InvalidArgument);
    }

    void builtinNeedle_usesIt()
    {
        const auto model = loadModel("builtin:needle");
        QVERIFY(model.has_value());
        const auto tokenizer = makeTokenizer((*model)->tokenizer);
        QVERIFY(tokenizer.has_value());
        QCOMPARE((*tokenizer)->vocabSize(), (*model)->config.vocabSize);
        QCOMPARE((*model)->tokenizer.bos, 256);
        QCOMPARE((*model)->tokenizer.eos, 257);
    }
};

QTEST_APPLESS_MAIN(TestBytesTokenizer)
#include "tst_bytes_tokenizer.moc"
