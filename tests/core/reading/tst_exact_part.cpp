// SPDX-License-Identifier: Apache-2.0
// Whatever is read otherwise for what a session has given was announced, and little else.
#include "core/reading/exact_part.h"

#include "core/reading/head_reads.h"
#include "core/reading/profile.h"
#include "core/reading/trace_reading.h"
#include "core/trace/made_trace.h"
#include "support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>
#include <random>

using namespace headwater;

namespace {

constexpr std::uint32_t kTokens = 200;

bool isSame(const Profile& a, const Profile& b)
{
    const auto isBar = [](const Profile::Bar& left, const Profile::Bar& right) {
        return left.tokens == right.tokens && left.value == right.value;
    };
    return a.source == b.source && std::ranges::equal(a.bars, b.bars, isBar);
}

bool isSame(const HeadReads& a, const HeadReads& b)
{
    const auto isRead = [](const HeadRead& left, const HeadRead& right) {
        return left.head == right.head && left.mass == right.mass && left.isHeld == right.isHeld;
    };
    return a.source == b.source && std::ranges::equal(a.heads, b.heads, isRead);
}

} // namespace

class TestExactPart : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::shared_ptr<const Trace> m_trace;
    std::mt19937_64 m_random{3};

    std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(m_random() % end); }
    HeadId anyHead()
    {
        const HeadInfo& info = m_trace->heads()[below(static_cast<std::uint32_t>(m_trace->heads().size()))];
        return {info.layer, info.head};
    }
    TokenRange around(std::uint32_t token)
    {
        return {token - std::min(token, below(kTokens)), std::min(kTokens, token + 1 + below(kTokens))};
    }

    ExactWindow windowAt(HeadId head, TokenRange rows, TokenRange keys)
    {
        ExactWindow window{head.layer, head.head, rows, keys, {}, true};
        for (std::size_t i = 0; i < std::size_t{rows.end - rows.begin} * (keys.end - keys.begin); ++i)
            window.p.push_back(static_cast<float>(1 + below(1000)) / 1001);
        return window;
    }

    ExactRow wholeRow(std::uint32_t row)
    {
        ExactRow given;
        given.row = row;
        given.listed = 1;
        given.firstHead = {0, 2, 5};
        for (std::size_t head = 0; head < m_trace->heads().size(); ++head) {
            given.lse.push_back(1);
            given.keys.push_back(below(row + 1));
            given.probability.push_back(static_cast<float>(1 + below(1000)) / 1001);
        }
        return given;
    }

private slots:
    void initTestCase()
    {
        made::Shape shape;
        shape.tokens = kTokens;
        shape.tailRow = 0;
        const std::filesystem::path path = m_folder.filePath("part.hwt").toStdString();
        VERIFY_RESULT(made::write(path, shape));
        const auto trace = Trace::open(path);
        VERIFY_RESULT(trace);
        m_trace = *trace;
    }

    void whatIsReadOtherwise_wasAnnounced()
    {
        int changed[3] = {};
        int announced[3] = {};
        for (int round = 0; round < 600; ++round) {
            const TraceReading reading = readingOf(m_trace);
            const HeadId head = anyHead();
            const std::uint32_t row = below(kTokens);
            const std::uint32_t key = below(row + 1);
            const TokenPair pair{row, round % 4 == 0 ? std::nullopt : std::optional(key)};
            if (round % 5 == 0) // what has been given before
                reading.exactRows->add(wholeRow(row));
            const Profile rowBefore = readRowProfile(reading, head, row);
            const Profile columnBefore = readColumnProfile(reading, head, key);
            const HeadReads headsBefore = rankHeads(reading, pair, {});
            ExactPart part;
            if (round % 3 == 0) {
                const ExactRow given = wholeRow(round % 2 == 0 ? row : below(kTokens));
                part = partOf(given);
                reading.exactRows->add(given);
            } else {
                const TokenRange all{0, kTokens};
                const ExactWindow given =
                    windowAt(round % 2 == 0 ? head : anyHead(), round % 7 == 0 ? all : around(row),
                             round % 11 == 0 ? all : around(key));
                part = partOf(given);
                reading.exact->add(std::make_shared<const ExactWindow>(given));
            }
            const bool isOther[3] = {!isSame(rowBefore, readRowProfile(reading, head, row)),
                                     !isSame(columnBefore, readColumnProfile(reading, head, key)),
                                     !isSame(headsBefore, rankHeads(reading, pair, {}))};
            const bool isTold[3] = {tellsOfRow(part, *m_trace, head, row),
                                    tellsOfColumn(part, *m_trace, head, key), tellsOfHeads(part, pair)};
            for (int of = 0; of < 3; ++of) {
                QVERIFY2(isTold[of] || !isOther[of], qPrintable(QString("round %1, %2").arg(round).arg(of)));
                changed[of] += isOther[of] ? 1 : 0;
                announced[of] += isTold[of] ? 1 : 0;
            }
        }
        for (int of = 0; of < 3; ++of) {
            QVERIFY2(changed[of] > 20, qPrintable(QString("%1: %2").arg(of).arg(changed[of])));
            QVERIFY2(announced[of] < 480, qPrintable(QString("%1: %2").arg(of).arg(announced[of])));
        }
        // Of a row and of a key whatever tells changes something, but what lies under something better.
        QVERIFY(changed[0] > announced[0] / 2 && changed[1] > announced[1] / 2);
    }

    void nothingAsked_nothingTold()
    {
        const ExactPart all{std::nullopt, {0, kTokens}, {0, kTokens}};
        QVERIFY(!tellsOfRow(all, *m_trace, {0, 0}, std::nullopt));
        QVERIFY(!tellsOfRow(all, *m_trace, {9, 0}, 5)); // no such head
        QVERIFY(!tellsOfColumn(all, *m_trace, {0, 0}, std::nullopt));
        QVERIFY(!tellsOfHeads(all, {std::nullopt, 5}));
        QVERIFY(tellsOfRow(all, *m_trace, {0, 0}, 5) && tellsOfHeads(all, {5, std::nullopt}));
    }
};

QTEST_GUILESS_MAIN(TestExactPart)
#include "tst_exact_part.moc"
