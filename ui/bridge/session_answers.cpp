// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/session_answers.h"

#include "core/record/quantity.h"
#include "core/trace/trace_reader.h"
#include "ui/bridge/json_access.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace headwater {
namespace {

/// The numbers of an attachment, one array after the other.
class Numbers {
public:
    Numbers(std::string_view bytes, const char* method)
        : m_left(bytes)
        , m_method(method)
    {
    }

    /// Whether they are so many, of four bytes each.
    Result<void> expect(std::size_t count) const
    {
        if (m_left.size() == count * 4)
            return {};
        return Error{ErrorCode::BadFormat,
                     "the engine sent " + std::to_string(m_left.size()) + " bytes, expected "
                         + std::to_string(count * 4),
                     m_method};
    }

    template <class Number> std::vector<Number> take(std::size_t count)
    {
        static_assert(sizeof(Number) == 4);
        std::vector<Number> numbers(count);
        const std::string_view bytes = m_left.substr(0, count * 4);
        std::memcpy(numbers.data(), bytes.data(), bytes.size());
        m_left.remove_prefix(bytes.size());
        return numbers;
    }

private:
    std::string_view m_left;
    const char* m_method;
};

/// The pairs that were asked for, before `more` other numbers.
Result<std::shared_ptr<const ExactWindow>> pairsOf(const FramedMessage& answer, ExactWindow asked,
                                                   const char* method, std::size_t more)
{
    const std::size_t pairs =
        std::size_t{asked.rows.end - asked.rows.begin} * (asked.keys.end - asked.keys.begin);
    Numbers numbers(answer.attachment, method);
    HEADWATER_TRY(numbers.expect(pairs + more));
    asked.p = numbers.take<float>(pairs);
    asked.isModel = jsonText(answer.body, "quantity") == QLatin1String(wholeRowQuantity(false));
    asked.isExact = jsonBool(answer.body, "exact", false);
    return std::shared_ptr<const ExactWindow>(std::make_shared<ExactWindow>(std::move(asked)));
}

} // namespace

Result<std::shared_ptr<const ExactWindow>> windowOf(const FramedMessage& answer, ExactWindow asked)
{
    // The log-sum-exps of the rows come last.
    const std::size_t rows = asked.rows.end - asked.rows.begin;
    return pairsOf(answer, std::move(asked), "session.window", rows);
}

Result<std::shared_ptr<const ExactWindow>> columnOf(const FramedMessage& answer, ExactWindow asked)
{
    constexpr double kMost = 5e-4; // beyond it three figures would not be true
    const double error = jsonNumber(answer.body, "relative_error", 1);
    if (!(error <= kMost))
        return Error{ErrorCode::Unsupported,
                     "over the row sums that the trace holds a column would be off by up to "
                         + std::to_string(100 * error) + " % of itself",
                     "session.column"};
    asked.relativeError = static_cast<float>(error);
    return pairsOf(answer, std::move(asked), "session.column", 0);
}

Result<ExactRow> rowOf(const FramedMessage& answer, const Trace& trace, std::uint32_t row,
                       std::uint32_t listed, std::optional<std::uint32_t> key)
{
    ExactRow given;
    given.row = row;
    given.listed = listed;
    given.firstHead = {0};
    for (int layer = 0; layer < trace.numLayers(); ++layer)
        given.firstHead.push_back(given.firstHead.back() + static_cast<std::uint32_t>(trace.numHeads(layer)));
    const std::size_t heads = given.firstHead.back();
    const std::size_t entries = heads * listed;
    Numbers numbers(answer.attachment, "session.row");
    HEADWATER_TRY(numbers.expect(heads + 2 * entries + heads));
    given.lse = numbers.take<float>(heads);
    given.keys = numbers.take<std::uint32_t>(entries);
    given.probability = numbers.take<float>(entries);
    if (key)
        given.given[*key] = numbers.take<float>(heads);
    given.isExact = jsonBool(answer.body, "exact", false);
    if (std::ranges::any_of(given.keys,
                            [row](std::uint32_t one) { return one != ExactRow::kNoKey && one > row; }))
        return Error{ErrorCode::BadFormat, "the engine named a key beyond row " + std::to_string(row),
                     "session.row"};
    return given;
}

Result<PredictedRows> predictionsOf(const FramedMessage& answer, std::uint32_t first, std::uint32_t count)
{
    PredictedRows predicted;
    predicted.first = first;
    predicted.by = jsonText(answer.body, "quantity") == QLatin1String(wholeRowQuantity(false))
        ? PredictedBy::Model
        : PredictedBy::SparseForward;
    Numbers numbers(answer.attachment, "session.predictions");
    HEADWATER_TRY(numbers.expect(count + 2 * kLikeliest * std::size_t{count}));
    const auto following = numbers.take<float>(count);
    const auto ids = numbers.take<std::int32_t>(count * kLikeliest);
    const auto logprobs = numbers.take<float>(count * kLikeliest);
    const nlohmann::json& words = jsonMember(answer.body, "words");
    for (std::size_t row = 0; row < count; ++row) {
        RowPrediction& prediction = predicted.rows.emplace_back();
        prediction.following = following[row];
        for (std::size_t rank = 0; rank < kLikeliest; ++rank) {
            const std::size_t at = row * kLikeliest + rank;
            prediction.likeliest[rank] = {ids[at], logprobs[at]};
            const std::string id = std::to_string(ids[at]);
            if (ids[at] >= 0 && words.is_object() && words.contains(id))
                predicted.words[ids[at]] = jsonText(words, id.c_str()).toStdString();
        }
    }
    return predicted;
}

} // namespace headwater
