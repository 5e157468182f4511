// SPDX-License-Identifier: Apache-2.0
#include "core/trace/prediction_store.h"

#include "core/base/bounded_json.h"
#include "core/trace/array_store.h"
#include "core/trace/bad_format.h"
#include "core/trace/first_state.h"
#include "core/trace/head_row.h"
#include "core/trace/trace_format.h"

#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <initializer_list>

namespace headwater {
namespace {

constexpr const char* kLogprob = "logprob";
constexpr const char* kNextIds = "next_ids";
constexpr const char* kNextLogprob = "next_logprob";
constexpr const char* kTracedIds = "traced_next_ids";
constexpr const char* kTracedLogprob = "traced_next_logprob";
constexpr const char* kWordIds = "next_word_ids";
constexpr const char* kWordBytes = "next_word_bytes";
constexpr const char* kWords = "next_words";
/// A reader without the model's size takes any id that a tokenizer can have.
constexpr std::uint32_t kLargestVocabulary = 1u << 24;

using Shape = std::initializer_list<std::uint64_t>;

bool isLogprob(float value)
{
    return value <= 0 && std::isfinite(value);
}

Error wrong(const char* array, std::size_t index, std::string what)
{
    return inContext(badFormat(std::move(what)), fmt::format("array '{}', row {}", array, index));
}

Result<void> checkLikely(const LikelyToken& token, std::uint32_t vocab, const char* ids, const char* logprobs,
                         std::size_t row)
{
    if (token.id < 0 || static_cast<std::uint32_t>(token.id) >= vocab)
        return wrong(ids, row, fmt::format("token id {} is outside the vocabulary of {}", token.id, vocab));
    if (!isLogprob(token.logprob))
        return wrong(logprobs, row, fmt::format("{}, expected a number of at most 0", token.logprob));
    return {};
}

/// One row's likeliest tokens, and what it gives to the token `next` that follows (-1: none).
Result<void> checkRow(const RowPrediction& prediction, std::int32_t next, std::uint32_t vocab,
                      std::size_t row)
{
    const std::size_t count = std::min<std::size_t>(kLikeliest, vocab);
    bool isAmong = false;
    for (std::size_t rank = 0; rank < kLikeliest; ++rank) {
        const LikelyToken& token = prediction.likeliest[rank];
        if (rank >= count) {
            if (token.id != -1 || !std::isnan(token.logprob))
                return wrong(kNextIds, row, fmt::format("{} tokens of a vocabulary of {}", rank + 1, vocab));
            continue;
        }
        HEADWATER_TRY(checkLikely(token, vocab, kNextIds, kNextLogprob, row));
        if (rank > 0) {
            const LikelyToken& before = prediction.likeliest[rank - 1];
            if (before.logprob < token.logprob || before.id == token.id)
                return wrong(kNextLogprob, row,
                             fmt::format("rank {} does not come after the one before", rank));
        }
        if (token.id == next) {
            isAmong = true;
            if (token.logprob != prediction.following)
                return wrong(kNextLogprob, row,
                             fmt::format("{} of token {}, which array '{}' gives {}", token.logprob, next,
                                         kLogprob, prediction.following));
        }
    }
    if (next < 0)
        return {};
    if (!isLogprob(prediction.following))
        return wrong(kLogprob, row + 1,
                     fmt::format("{}, expected a number of at most 0", prediction.following));
    if (!isAmong && prediction.following > prediction.likeliest[count - 1].logprob)
        return wrong(kLogprob, row + 1, "is likelier than the row's likeliest tokens");
    return {};
}

Result<void> checkWords(const Predictions& predictions)
{
    if (predictions.wordBytes.size() != predictions.wordIds.size() + 1
        || !std::is_sorted(predictions.wordBytes.begin(), predictions.wordBytes.end())
        || predictions.wordBytes.back() > predictions.words.size())
        return inContext(badFormat("its offsets fall or leave the words"),
                         fmt::format("array '{}'", kWordBytes));
    for (std::size_t word = 1; word < predictions.wordIds.size(); ++word)
        if (predictions.wordIds[word - 1] >= predictions.wordIds[word])
            return wrong(kWordIds, word, "ids do not ascend");
    return {};
}

nlohmann::json metaOf(const Predictions& predictions)
{
    nlohmann::json meta = {{"prompt", storedNameOf(predictions.prompt)},
                           {"prompt_tokens", predictions.promptTokens}};
    if (predictions.rows.size() > predictions.promptTokens)
        meta["generated"] = storedNameOf(PredictedBy::Decoding);
    return meta;
}

template <class T>
Result<void> readShaped(const SqliteDatabase& database, FieldCoder& coder, const char* name,
                        const char* dtype, const std::vector<std::uint64_t>& shape, std::vector<T>& values)
{
    Result<NamedArray> array = readArray(database, coder, name);
    if (!array) // that the trace has the others, but not this one, is damage
        return array.error().code == ErrorCode::NotFound
            ? inContext(badFormat("is missing"), fmt::format("array '{}'", name))
            : array.error();
    const bool isOpen = shape.empty(); // one axis of any length
    if (array->dtype != dtype || (isOpen ? array->shape.size() != 1 : array->shape != shape))
        return inContext(badFormat(fmt::format("is {} of shape {}, expected {} of shape {}", array->dtype,
                                               nlohmann::json(array->shape).dump(), dtype,
                                               isOpen ? "[any]" : nlohmann::json(shape).dump())),
                         fmt::format("array '{}'", name));
    values.resize(array->data.size() / sizeof(T));
    if (!values.empty())
        std::memcpy(values.data(), array->data.data(), values.size() * sizeof(T));
    return {};
}

/// A meta key's value; NotFound where there is none.
Result<nlohmann::json> readMetaKey(const SqliteDatabase& database, const char* key)
{
    HEADWATER_TRY_ASSIGN(SqliteStatement row, database.prepare("SELECT * FROM meta WHERE key=?"));
    const std::array<SqlValue, 1> values = {SqlValue(std::string_view(key))};
    HEADWATER_TRY(row.bind(values));
    HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
    if (!hasRow)
        return Error{ErrorCode::NotFound, "the trace holds none", key};
    HEADWATER_TRY(checkRowHash(tableOf(TraceTableId::Meta), row));
    return parseBoundedJson(row.text(1), {}, kMaxMetaBytes);
}

/// Of what the predictions are, by the meta key.
Result<void> readOfWhat(const nlohmann::json& meta, std::size_t tokens, Predictions& predictions)
{
    const auto bad = [](const char* what) {
        return inContext(badFormat(what), fmt::format("meta key '{}'", kMetaPredictions));
    };
    if (!meta.is_object() || !meta.contains("prompt") || !meta.contains("prompt_tokens")
        || !meta["prompt_tokens"].is_number_unsigned())
        return bad("is not {prompt, prompt_tokens}");
    if (meta["prompt"] == storedNameOf(PredictedBy::Model))
        predictions.prompt = PredictedBy::Model;
    else if (meta["prompt"] == storedNameOf(PredictedBy::SparseForward))
        predictions.prompt = PredictedBy::SparseForward;
    else
        return bad("says of the prompt neither model nor sparse_forward");
    const auto promptTokens = meta["prompt_tokens"].get<std::uint64_t>();
    if (promptTokens == 0 || promptTokens > tokens)
        return bad("has more prompt tokens than the trace has tokens, or none");
    predictions.promptTokens = static_cast<std::uint32_t>(promptTokens);
    return {};
}

/// How many tokens the model can give; kLargestVocabulary where the trace does not say. Errors: BadFormat of
/// a vocabulary without tokens, which could have given none.
Result<std::uint32_t> vocabularyOf(const SqliteDatabase& database)
{
    const Result<nlohmann::json> model = readMetaKey(database, "model");
    if (!model || !model->is_object() || !model->contains("vocab_size")
        || !(*model)["vocab_size"].is_number_unsigned())
        return kLargestVocabulary;
    const auto size = (*model)["vocab_size"].get<std::uint64_t>();
    if (size == 0)
        return inContext(badFormat("vocab_size is 0, expected the tokens that its predictions are of"),
                         "meta key 'model'");
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(size, kLargestVocabulary));
}

/// What is wrong with predictions of a sequence of these ids, if anything.
Result<void> checkPredictions(const Predictions& predictions, std::span<const std::int32_t> ids,
                              std::uint32_t vocab)
{
    const std::size_t tokens = ids.size();
    if (predictions.rows.size() != tokens || predictions.promptTokens == 0
        || predictions.promptTokens > tokens
        || predictions.traced.size() != tokens - predictions.promptTokens)
        return badFormat(fmt::format(
            "predictions of {} rows, {} of them the prompt's, and {} traced ones, of "
            "{} tokens",
            predictions.rows.size(), predictions.promptTokens, predictions.traced.size(), tokens));
    for (std::size_t row = 0; row < tokens; ++row)
        HEADWATER_TRY(checkRow(predictions.rows[row], row + 1 < tokens ? ids[row + 1] : -1, vocab, row));
    for (std::size_t i = 0; i < predictions.traced.size(); ++i)
        HEADWATER_TRY(checkLikely(predictions.traced[i], vocab, kTracedIds, kTracedLogprob, i));
    return checkWords(predictions);
}

} // namespace

const char* storedNameOf(PredictedBy by)
{
    switch (by) {
    case PredictedBy::Model:
        return "model";
    case PredictedBy::SparseForward:
        return "sparse_forward";
    case PredictedBy::Decoding:
        break;
    }
    return "decoding";
}

Result<void> insertPredictions(const SqliteDatabase& database, FieldCoder& coder,
                               const Predictions& predictions, std::span<const std::int32_t> ids,
                               std::uint64_t& storedBytes)
{
    HEADWATER_TRY_ASSIGN(const std::uint32_t vocab, vocabularyOf(database));
    if (const auto checked = checkPredictions(predictions, ids, vocab); !checked)
        return Error{ErrorCode::InvalidArgument, checked.error().message, checked.error().context};
    HEADWATER_TRY_ASSIGN(RowInserter arrays, RowInserter::prepare(database, TraceTableId::Array));
    const auto insert = [&](const char* name, const char* dtype, const auto& values, Shape shape) {
        return insertArray(arrays, coder, name, dtype, std::span(shape.begin(), shape.size()),
                           std::as_bytes(std::span(values)), storedBytes);
    };
    const std::uint64_t tokens = predictions.rows.size();
    std::vector<float> numbers;
    for (std::uint32_t token = 0; token < tokens; ++token)
        numbers.push_back(predictions.logprobOf(token));
    HEADWATER_TRY(insert(kLogprob, "f32", numbers, {tokens}));
    std::vector<std::int32_t> likely;
    numbers.clear();
    for (const RowPrediction& row : predictions.rows) {
        for (const LikelyToken& token : row.likeliest) {
            likely.push_back(token.id);
            numbers.push_back(token.logprob);
        }
    }
    HEADWATER_TRY(insert(kNextIds, "i32", likely, {tokens, kLikeliest}));
    HEADWATER_TRY(insert(kNextLogprob, "f32", numbers, {tokens, kLikeliest}));
    likely.clear();
    numbers.clear();
    for (const LikelyToken& token : predictions.traced) {
        likely.push_back(token.id);
        numbers.push_back(token.logprob);
    }
    HEADWATER_TRY(insert(kTracedIds, "i32", likely, {likely.size()}));
    HEADWATER_TRY(insert(kTracedLogprob, "f32", numbers, {numbers.size()}));
    HEADWATER_TRY(insert(kWordIds, "i32", predictions.wordIds, {predictions.wordIds.size()}));
    HEADWATER_TRY(insert(kWordBytes, "u32", predictions.wordBytes, {predictions.wordBytes.size()}));
    HEADWATER_TRY(insert(kWords, "u8", predictions.words, {predictions.words.size()}));
    return insertMeta(database, kMetaPredictions, jsonText(metaOf(predictions)));
}

Result<Predictions> readPredictions(const SqliteDatabase& database, FieldCoder& coder,
                                    std::span<const std::int32_t> ids)
{
    Predictions predictions;
    HEADWATER_TRY_ASSIGN(const nlohmann::json meta, readMetaKey(database, kMetaPredictions));
    HEADWATER_TRY(readOfWhat(meta, ids.size(), predictions));
    const std::uint64_t tokens = ids.size();
    const std::uint64_t generated = tokens - predictions.promptTokens;
    std::vector<float> logprob;
    HEADWATER_TRY(readShaped(database, coder, kLogprob, "f32", {tokens}, logprob));
    if (!std::isnan(logprob.front()))
        return wrong(kLogprob, 0, fmt::format("{}, expected NaN: no row comes before", logprob.front()));
    predictions.rows.resize(tokens);
    for (std::size_t row = 0; row + 1 < tokens; ++row)
        predictions.rows[row].following = logprob[row + 1];
    logprob = {};
    std::vector<std::int32_t> nextIds;
    std::vector<float> nextLogprob;
    HEADWATER_TRY(readShaped(database, coder, kNextIds, "i32", {tokens, kLikeliest}, nextIds));
    HEADWATER_TRY(readShaped(database, coder, kNextLogprob, "f32", {tokens, kLikeliest}, nextLogprob));
    for (std::size_t i = 0; i < nextIds.size(); ++i)
        predictions.rows[i / kLikeliest].likeliest[i % kLikeliest] = {nextIds[i], nextLogprob[i]};
    HEADWATER_TRY(readShaped(database, coder, kTracedIds, "i32", {generated}, nextIds));
    HEADWATER_TRY(readShaped(database, coder, kTracedLogprob, "f32", {generated}, nextLogprob));
    for (std::size_t i = 0; i < generated; ++i)
        predictions.traced.push_back({nextIds[i], nextLogprob[i]});
    std::vector<char> words;
    HEADWATER_TRY(readShaped(database, coder, kWordIds, "i32", {}, predictions.wordIds));
    HEADWATER_TRY(readShaped(database, coder, kWordBytes, "u32", {}, predictions.wordBytes));
    HEADWATER_TRY(readShaped(database, coder, kWords, "u8", {}, words));
    predictions.words.assign(words.begin(), words.end());
    HEADWATER_TRY_ASSIGN(const std::uint32_t vocab, vocabularyOf(database));
    HEADWATER_TRY(checkPredictions(predictions, ids, vocab));
    return predictions;
}

} // namespace headwater
