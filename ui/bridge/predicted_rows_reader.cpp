// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/predicted_rows_reader.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace headwater {
namespace {

/// Parts begin small and grow until one takes as long as this.
constexpr std::uint32_t kFewestRows = 16;
constexpr std::uint32_t kMostRows = 512;
constexpr qint64 kShortMs = 200;
constexpr qint64 kLongMs = 450;

} // namespace

PredictedRowsReader::PredictedRowsReader(Subject& subject, const TextLook& look, TraceSession& session,
                                         QObject* parent)
    : QObject(parent)
    , m_subject(subject)
    , m_look(look)
    , m_session(session)
    , m_rowsAtOnce(kFewestRows)
{
    connect(&subject, &Subject::lockedChanged, this, &PredictedRowsReader::follow);
    connect(&look, &TextLook::shadeChanged, this, &PredictedRowsReader::follow);
    connect(&look, &TextLook::inViewChanged, this, &PredictedRowsReader::follow);
    connect(&session, &TraceSession::changed, this, [this] {
        if (m_session.state() != TraceSession::State::Open) {
            forget();
            setReading(std::nullopt); // it went with its session
        }
        follow();
    });
}

void PredictedRowsReader::forget()
{
    m_isRefused = false;
    m_unanswered.clear();
    if (std::exchange(m_failure, std::nullopt))
        emit failureChanged();
}

void PredictedRowsReader::tryAgain()
{
    forget();
    follow();
}

std::vector<TokenRange> PredictedRowsReader::wantedRows() const
{
    const std::shared_ptr<const Trace> trace = m_subject.trace();
    std::vector<TokenRange> wanted;
    if (!trace || trace->hasPredictions() || !m_session.isReadable())
        return wanted;
    const std::uint32_t tokens = trace->seqLen();
    if (const auto row = m_subject.locked().query; row && *row < tokens)
        wanted.push_back({*row, *row + 1});
    if (m_look.shade() == TextShade::Loss) {
        for (const TokenRange& words : m_look.inView()) { // a word's loss is its predecessor's
            const TokenRange rows{words.begin - std::min(words.begin, 1u), std::min(words.end, tokens) - 1};
            if (words.end > 0 && rows.begin < rows.end)
                wanted.push_back(rows);
        }
    }
    return wanted;
}

std::optional<TokenRange> PredictedRowsReader::nextPart(const std::vector<TokenRange>& wanted) const
{
    const std::shared_ptr<const Predictions> known = m_subject.predictions();
    const auto isKnown = [this, &known](std::uint32_t row) {
        return (known && isPredicted(*known, row)) || m_unanswered.contains(row);
    };
    for (const TokenRange& rows : wanted) {
        std::uint32_t begin = rows.begin;
        while (begin < rows.end && isKnown(begin))
            ++begin;
        std::uint32_t end = begin;
        while (end < rows.end && end - begin < m_rowsAtOnce && !isKnown(end))
            ++end;
        if (begin < end)
            return TokenRange{begin, end};
    }
    return std::nullopt;
}

void PredictedRowsReader::follow()
{
    const std::vector<TokenRange> wanted = wantedRows();
    if (m_reading) {
        const bool isSeen = std::ranges::any_of(wanted, [this](const TokenRange& rows) {
            return rows.begin < m_reading->end && m_reading->begin < rows.end;
        });
        if (!isSeen && m_request > 0)
            m_session.cancelReading(std::exchange(m_request, 0));
        return;
    }
    if (m_isRefused)
        return;
    if (const std::optional<TokenRange> part = nextPart(wanted))
        read(*part);
}

void PredictedRowsReader::read(TokenRange rows)
{
    setReading(rows);
    m_sinceAsked.start();
    m_request =
        m_session.readPredictions(rows.begin, rows.end - rows.begin, this,
                                  [this](const Result<PredictedRows>& predicted) { take(predicted); });
}

void PredictedRowsReader::take(const Result<PredictedRows>& predicted)
{
    const std::shared_ptr<const Trace> trace = m_subject.trace();
    m_request = 0;
    if (predicted && trace) {
        const bool isWhole = predicted->rows.size() == m_rowsAtOnce;
        if (m_sinceAsked.elapsed() > kLongMs)
            m_rowsAtOnce = std::max(kFewestRows, m_rowsAtOnce / 2);
        else if (isWhole && m_sinceAsked.elapsed() < kShortMs)
            m_rowsAtOnce = std::min(kMostRows, m_rowsAtOnce * 2);
        const std::shared_ptr<const Predictions> known = m_subject.predictions();
        m_subject.setPredictions(std::make_shared<const Predictions>(
            joined(known ? *known : noPredictions(trace->seqLen(), predicted->by), *predicted)));
    } else if (!predicted && predicted.error().code != ErrorCode::Cancelled) {
        m_isRefused = predicted.error().code == ErrorCode::Unsupported;
        m_failure = predicted.error();
        emit failureChanged();
    }
    if (m_reading && (predicted || predicted.error().code != ErrorCode::Cancelled)) {
        const std::shared_ptr<const Predictions> known = m_subject.predictions();
        for (std::uint32_t row = m_reading->begin; row < m_reading->end; ++row) {
            if (!known || !isPredicted(*known, row))
                m_unanswered.insert(row);
        }
    }
    setReading(std::nullopt);
    follow();
}

void PredictedRowsReader::setReading(std::optional<TokenRange> rows)
{
    const bool wasBusy = isBusy();
    m_reading = rows;
    if (wasBusy != isBusy())
        emit busyChanged();
}

} // namespace headwater
