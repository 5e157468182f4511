// SPDX-License-Identifier: Apache-2.0
#include "core/trace/run_findings.h"

#include "core/base/bounded_json.h"
#include "core/base/json_member.h"
#include "core/base/known_number.h"

#include <limits>
#include <utility>

namespace headwater {
namespace {

double numberOf(const nlohmann::json& object, const char* key)
{
    return jsonNumber(object, key, std::numeric_limits<double>::quiet_NaN());
}

/// Nothing where one of its numbers is missing: 0 would name another read.
std::optional<AnswerRead> readOf(const nlohmann::json& value)
{
    for (const char* const number : {"row", "layer", "head", "key"}) {
        if (jsonInteger(value, number, -1) != std::int64_t{jsonIndex(value, number)})
            return std::nullopt;
    }
    AnswerRead read;
    read.row = jsonCount(value, "row");
    read.copies = jsonBool(value, "copies", false);
    read.layer = jsonIndex(value, "layer");
    read.head = jsonIndex(value, "head");
    read.key = jsonCount(value, "key");
    read.probability = numberOf(value, "probability");
    read.text = jsonString(value, "text");
    return read;
}

} // namespace

nlohmann::json jsonOfBytes(const std::string& bytes)
{
    return nlohmann::json::parse(jsonText(bytes));
}

nlohmann::json toJson(const AnswerRead& read)
{
    return {{"row", read.row},
            {"copies", read.copies},
            {"layer", read.layer},
            {"head", read.head},
            {"key", read.key},
            {"probability", read.probability},
            {"text", jsonOfBytes(read.text)}};
}

nlohmann::json toJson(const BehaviourCheck& check)
{
    return {{"expected", jsonOfBytes(check.expected)},
            {"dense", jsonOfBytes(check.dense)},
            {"masked", jsonOfBytes(check.masked)},
            {"dense_gives_expected", check.denseGivesExpected},
            {"kept", check.kept},
            {"kl_mean", knownNumber(check.klMean)},
            {"kl_max", knownNumber(check.klMax)},
            {"top1_agreement", knownNumber(check.top1Agreement)},
            {"rows", check.rows}};
}

std::optional<BehaviourCheck> behaviourCheckOf(const nlohmann::json& meta)
{
    const nlohmann::json& from = jsonMember(jsonMember(meta, "report"), "check");
    if (!from.is_object() || from.empty())
        return std::nullopt;
    BehaviourCheck check;
    check.expected = jsonString(from, "expected");
    check.dense = jsonString(from, "dense");
    check.masked = jsonString(from, "masked");
    check.denseGivesExpected = jsonBool(from, "dense_gives_expected", false);
    check.kept = jsonBool(from, "kept", false);
    check.klMean = numberOf(from, "kl_mean");
    check.klMax = numberOf(from, "kl_max");
    check.top1Agreement = numberOf(from, "top1_agreement");
    check.rows = jsonCount(from, "rows");
    return check;
}

std::vector<AnswerRead> answerReadsOf(const nlohmann::json& meta)
{
    std::vector<AnswerRead> reads;
    const nlohmann::json& from = jsonMember(jsonMember(meta, "report"), "answer_reads");
    if (from.is_array()) {
        for (const nlohmann::json& value : from) {
            if (std::optional<AnswerRead> read = readOf(value))
                reads.push_back(std::move(*read));
        }
    }
    return reads;
}

} // namespace headwater
