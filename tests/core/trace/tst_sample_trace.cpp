// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_reader.h"
#include "core/trace/verify.h"

#include <QRegularExpression>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace headwater;

/// The trace that comes with Headwater (resources/samples/README.md says how it is made).
class SampleTrace : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void isSmallAndWhole();
    void holdsEveryHead();
    void answersWithTheNumber();
    void namesNoMachine();

private:
    std::filesystem::path m_path = HEADWATER_SOURCE_DIR "/resources/samples/story.hwt";
    std::shared_ptr<const Trace> m_trace;
};

void SampleTrace::initTestCase()
{
    const auto opened = Trace::open(m_path);
    QVERIFY2(opened.has_value(), opened ? "" : opened.error().text().c_str());
    m_trace = *opened;
}

void SampleTrace::isSmallAndWhole()
{
    QVERIFY2(std::filesystem::file_size(m_path) <= (4u << 20),
             std::to_string(std::filesystem::file_size(m_path)).c_str());
    const auto report = verifyTrace(m_path);
    QVERIFY2(report.has_value(), report ? "" : report.error().text().c_str());
    QVERIFY2(report->damage.empty(), report->damage.empty() ? "" : report->damage.front().text().c_str());
    QVERIFY(report->sealed);
    QCOMPARE(report->finishedLayers, 30);
    // A sealed trace is read where nothing can be written, and nothing is left beside it.
    for (const char* suffix : {"-wal", "-shm", "-journal"})
        QVERIFY(!std::filesystem::exists(m_path.string() + suffix));
}

void SampleTrace::holdsEveryHead()
{
    QCOMPARE(m_trace->heads().size(), std::size_t{270});
    QVERIFY(m_trace->seqLen() > 400 && m_trace->seqLen() < 500);
    QVERIFY(m_trace->meta()["quantity"] == "p_model");
    QVERIFY(m_trace->meta()["model"]["architecture"] == "llama");
    for (const HeadInfo& info : m_trace->heads()) {
        QCOMPARE(info.keepKeys, 128u);
        QCOMPARE(info.blockQ, 8u);
        QCOMPARE(info.blockK, 8u);
        QCOMPARE(info.normaliser, Normaliser::Exact);
        QVERIFY(m_trace->hasEdges(info.layer, info.head));
        const auto overview = m_trace->loadOverview(info.layer, info.head, m_trace->overviewSides().front());
        QVERIFY(overview.has_value() && !overview->content.empty());
    }
}

void SampleTrace::answersWithTheNumber()
{
    std::ifstream file(HEADWATER_SOURCE_DIR "/resources/samples/story.txt", std::ios::binary);
    const std::string prompt((std::istreambuf_iterator<char>(file)), {});
    const std::string_view text = m_trace->text();
    QVERIFY(!prompt.empty() && text.find(prompt) != std::string_view::npos);
    const std::size_t source = text.find("is 7421");
    QCOMPARE(m_trace->segments().size(), std::size_t{2});
    const Segment& generated = m_trace->segments()[1];
    const std::size_t answer = text.find("7421", m_trace->tokenOffsets()[generated.begin]);
    QVERIFY(source != std::string_view::npos && answer != std::string_view::npos);
    // The rows that predict the four digits are recorded token by token, and some head reads the digit there.
    for (std::size_t digit = 0; digit < 4; ++digit) {
        const auto tokenOf = [&](std::size_t byte) {
            const auto offsets = m_trace->tokenOffsets();
            return static_cast<std::uint32_t>(std::ranges::upper_bound(offsets, byte) - offsets.begin()) - 1;
        };
        const std::uint32_t row = tokenOf(answer + digit) - 1;
        const std::uint32_t key = tokenOf(source + 3 + digit);
        QVERIFY(m_trace->hasTokenRow(row));
        const auto rows = m_trace->loadTokenRows(row);
        QVERIFY2(rows.has_value(), rows ? "" : rows.error().text().c_str());
        QCOMPARE(rows->size(), std::size_t{270});
        const bool isRead = std::ranges::any_of(*rows, [key](const TokenRow& one) {
            return !one.keys.empty() && one.keys.front() == key && one.probability.front() > 0.5F;
        });
        QVERIFY2(isRead, std::to_string(digit).c_str());
    }
}

void SampleTrace::namesNoMachine()
{
    // Nothing that begins like an absolute path, in any text of the meta table.
    static const QRegularExpression path(QStringLiteral("(^|[\\s'\"=:])(/|~/|[A-Z]:\\\\)\\w"));
    const nlohmann::json flat = m_trace->meta().flatten();
    for (const auto& [key, value] : flat.items()) {
        if (value.is_string()) {
            const QString text = QString::fromStdString(value.get<std::string>());
            QVERIFY2(!path.match(text).hasMatch(), qPrintable(QString::fromStdString(key) + ": " + text));
        }
    }
    const std::string command = m_trace->meta()["command"];
    QVERIFY2(
        command.starts_with("headwater run --model smollm2-135m --prompt resources/samples/story.txt"),
        command.c_str());
}

QTEST_APPLESS_MAIN(SampleTrace)
#include "tst_sample_trace.moc"
