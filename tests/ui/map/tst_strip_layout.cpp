// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/strip_layout.h"

#include <QTest>
#include <cmath>
#include <random>

using namespace headwater;

class TestStripLayout : public QObject {
    Q_OBJECT
private slots:
    void layOutStrip_anyScale_textsNeverOverlap_data();
    void layOutStrip_anyScale_textsNeverOverlap();
    void layOutStrip_zoomingIn_ticksThenSentencesThenWords();
    void layOutStrip_fromAfar_bracketsSentencesTogether();
    void layOutStrip_lockedToken_keepsItsNumber();
    void niceStep_anyLeast_isOneTwoOrFive();
    void sentenceTokens_offsets_becomeFirstTokens();
};

namespace {

std::uint32_t below(std::mt19937& random, std::uint32_t end)
{
    return static_cast<std::uint32_t>(random() % end);
}

StripRequest makeRequest(std::uint32_t seqLen, const std::vector<std::uint32_t>& sentences, bool keyAxis)
{
    StripRequest request;
    request.seqLen = seqLen;
    request.keyAxis = keyAxis;
    request.sentences = sentences;
    request.wordOf = [](std::uint32_t token) { return QStringLiteral("word%1").arg(token); };
    request.sentenceOf = [](std::uint32_t token, std::uint32_t end) {
        return QStringLiteral("a sentence from %1 to %2").arg(token).arg(end);
    };
    request.widthOf = [](const QString& text) { return 6.5 * static_cast<double>(text.size()); };
    return request;
}

std::vector<std::uint32_t> makeSentences(std::uint32_t seqLen, std::mt19937& random)
{
    std::vector<std::uint32_t> sentences{0};
    while (sentences.back() + 40 < seqLen)
        sentences.push_back(sentences.back() + 1 + below(random, 30));
    return sentences;
}

} // namespace

void TestStripLayout::layOutStrip_anyScale_textsNeverOverlap_data()
{
    QTest::addColumn<bool>("keyAxis");
    QTest::newRow("key axis") << true;
    QTest::newRow("query axis") << false;
}

void TestStripLayout::layOutStrip_anyScale_textsNeverOverlap()
{
    QFETCH(bool, keyAxis);
    std::mt19937 random(9);
    for (int round = 0; round < 400; ++round) {
        const std::uint32_t seqLen = 1 + below(random, 200000);
        const std::vector<std::uint32_t> sentences = makeSentences(seqLen, random);
        StripRequest request = makeRequest(seqLen, sentences, keyAxis);
        request.length = 200 + below(random, 1500);
        request.tokensPerPixel = std::exp2(static_cast<double>(random() % 1600) / 100 - 6);
        request.origin = static_cast<double>(random() % seqLen) - request.length * request.tokensPerPixel / 3;
        if (random() % 2)
            request.locked = below(random, seqLen);
        const StripLayout layout = layOutStrip(request);
        // Sentences stand in a row (a column) of their own beside the numbers.
        for (const bool sentenceRow : {true, false}) {
            std::vector<std::pair<double, double>> rooms;
            for (const StripItem& item : layout.items) {
                const bool ofRow = item.kind == StripItem::Kind::Sentence;
                if (item.textTo > item.textFrom && ofRow == sentenceRow)
                    rooms.emplace_back(item.textFrom, item.textTo);
            }
            std::sort(rooms.begin(), rooms.end());
            for (std::size_t i = 1; i < rooms.size(); ++i)
                QVERIFY2(rooms[i - 1].second <= rooms[i].first + 1e-6,
                         qPrintable(QStringLiteral("round %1: %2 > %3")
                                        .arg(round)
                                        .arg(rooms[i - 1].second)
                                        .arg(rooms[i].first)));
        }
    }
}

void TestStripLayout::layOutStrip_zoomingIn_ticksThenSentencesThenWords()
{
    std::mt19937 random(2);
    const std::vector<std::uint32_t> sentences = makeSentences(8000, random);
    for (const bool keyAxis : {true, false}) {
        StripRequest request = makeRequest(8000, sentences, keyAxis);
        request.length = 900;
        request.origin = 0;
        int detail = 0;
        for (double scale = 9; scale > 0.03; scale /= 1.1) {
            request.tokensPerPixel = scale;
            const int now = static_cast<int>(layOutStrip(request).detail);
            QVERIFY(now >= detail);
            detail = now;
        }
        QCOMPARE(detail, static_cast<int>(StripDetail::Words));
        request.tokensPerPixel = 8000.0 / 900;
        QCOMPARE(layOutStrip(request).detail, StripDetail::Ticks);
        request.tokensPerPixel = 0.2;
        QCOMPARE(layOutStrip(request).detail, StripDetail::Sentences);
    }
}

void TestStripLayout::layOutStrip_fromAfar_bracketsSentencesTogether()
{
    std::mt19937 random(6);
    const std::vector<std::uint32_t> sentences = makeSentences(1000000, random);
    for (const bool keyAxis : {true, false}) {
        StripRequest request = makeRequest(1000000, sentences, keyAxis);
        request.length = 900;
        request.tokensPerPixel = 1000000.0 / 900;
        const StripLayout layout = layOutStrip(request);
        QCOMPARE(layout.detail, StripDetail::Ticks);
        double end = 0;
        std::size_t brackets = 0;
        for (const StripItem& item : layout.items) {
            if (item.kind != StripItem::Kind::Bracket)
                continue;
            // Whole sentences, side by side, over the whole axis.
            ++brackets;
            QVERIFY(std::abs(item.from - end) < 1e-6);
            QVERIFY(std::binary_search(sentences.begin(), sentences.end(), item.token));
            QVERIFY(item.to - item.from >= 8 || std::abs(item.to - 900) < 1e-6);
            end = item.to;
        }
        QVERIFY(std::abs(end - 900) < 1e-6);
        QVERIFY(brackets > 80 && brackets <= 113);
    }
}

void TestStripLayout::layOutStrip_lockedToken_keepsItsNumber()
{
    StripRequest request = makeRequest(8000, {}, false);
    request.length = 600;
    request.tokensPerPixel = 8000.0 / 600;
    request.locked = 7941;
    const StripLayout layout = layOutStrip(request);
    const auto locked = std::find_if(layout.items.begin(), layout.items.end(), [](const StripItem& item) {
        return item.kind == StripItem::Kind::Locked;
    });
    QVERIFY(locked != layout.items.end());
    QCOMPARE(locked->token, 7941U);
    QVERIFY(locked->textTo > locked->textFrom);
}

void TestStripLayout::niceStep_anyLeast_isOneTwoOrFive()
{
    QCOMPARE(niceStep(0.3), 1U);
    QCOMPARE(niceStep(1.1), 2U);
    QCOMPARE(niceStep(2.5), 5U);
    QCOMPARE(niceStep(51), 100U);
    QCOMPARE(niceStep(180000), 200000U);
}

void TestStripLayout::sentenceTokens_offsets_becomeFirstTokens()
{
    // "Hi you. Me too" as Hi| you|.| Me| too
    const std::vector<std::uint32_t> tokens{0, 2, 6, 7, 10, 14};
    const std::vector<std::uint32_t> sentences{0, 7, 14};
    QCOMPARE(sentenceTokens(sentences, tokens), (std::vector<std::uint32_t>{0, 3}));
    // A sentence that begins inside a token begins with that token; an empty first token (BOS) belongs to the
    // first.
    const std::vector<std::uint32_t> withBos{0, 0, 5, 9};
    const std::vector<std::uint32_t> inside{0, 7, 9};
    QCOMPARE(sentenceTokens(inside, withBos), (std::vector<std::uint32_t>{0, 2}));
    QVERIFY(sentenceTokens({}, tokens).empty());
}

QTEST_APPLESS_MAIN(TestStripLayout)
#include "tst_strip_layout.moc"
