// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/session_place.h"
#include "app/headwater/session_rows.h"
#include "app/headwater/verb.h"
#include "core/base/known_number.h"
#include "core/base/percent.h"
#include "core/base/token_range.h"
#include "core/base/whole_file.h"
#include "core/reading/place_reads.h"
#include "core/trace/trace_place.h"

#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct PlaceArguments {
    std::string trace;
    std::optional<std::uint32_t> row;
    std::optional<std::uint32_t> key;
    std::vector<std::uint32_t> pair;
    std::string rows;
    std::string keys;
    std::uint64_t top = 0;
    std::string output;
    SessionArguments session;
    bool json = false;
    bool csv = false;
};

Result<Place> placeNamed(const PlaceArguments& arguments, std::uint32_t seqLen)
{
    // A token beyond the largest number has no token after it: as a range it is empty, and refused as one.
    const auto single = [](std::uint32_t token) {
        return TokenRange{token, token == 0xFFFFFFFFU ? token : token + 1};
    };
    Place place;
    if (!arguments.pair.empty())
        return Place{single(arguments.pair[0]), single(arguments.pair[1])};
    if (arguments.row)
        place.rows = single(*arguments.row);
    if (arguments.key)
        place.keys = single(*arguments.key);
    if (!arguments.rows.empty()) {
        HEADWATER_TRY_ASSIGN(place.rows, parseTokenRange(arguments.rows, seqLen));
    }
    if (!arguments.keys.empty()) {
        HEADWATER_TRY_ASSIGN(place.keys, parseTokenRange(arguments.keys, seqLen));
    }
    return place;
}

const char* meaningOf(const Place& place)
{
    if (!place.keys)
        return "the largest probability that the row gives to a key that is no marked sink";
    if (place.rows && place.rows->end - place.rows->begin == 1)
        return "what the row gives to the keys together";
    return "the mean, over the rows that may read one of the keys, of what they give to them together";
}

std::string sealOf(const Trace& trace)
{
    const std::optional<std::uint64_t> hash = trace.sealHash();
    return hash ? fmt::format("{:016x}", *hash) : std::string();
}

std::string rangeText(const std::optional<TokenRange>& tokens)
{
    return tokens ? fmt::format("{}:{}", tokens->begin, tokens->end) : "all";
}

const char* placeStateOf(const HeadPlace& read)
{
    return read.mass ? nameOf(read.mass->state) : "not_stored";
}

bool hasNumbers(const HeadPlace& read)
{
    return read.mass && read.mass->state != KnownMass::State::None;
}

nlohmann::json headPlaceJson(const HeadPlace& read)
{
    const bool isNumber = hasNumbers(read);
    return {{"layer", read.head.layer},
            {"head", read.head.head},
            {"state", placeStateOf(read)},
            {"lower", isNumber ? knownNumber(read.mass->lower) : nlohmann::json()},
            {"upper", isNumber ? knownNumber(read.mass->upper) : nlohmann::json()},
            {"quantity", read.mass ? nlohmann::json(read.quantity) : nlohmann::json()},
            {"key", read.key ? nlohmann::json(*read.key) : nlohmann::json()}};
}

nlohmann::json rangeJson(const std::optional<TokenRange>& tokens)
{
    return tokens ? nlohmann::json({tokens->begin, tokens->end}) : nlohmann::json();
}

nlohmann::json placeJson(const Trace& trace, const PlaceReads& reads, const std::vector<std::size_t>& order)
{
    nlohmann::json heads = nlohmann::json::array();
    for (const std::size_t i : order)
        heads.push_back(headPlaceJson(reads.heads[i]));
    nlohmann::json damaged = nlohmann::json::array();
    for (const HeadId head : reads.damagedHeads)
        damaged.push_back({head.layer, head.head});
    const std::string seal = sealOf(trace);
    return {{"seal", seal.empty() ? nlohmann::json() : nlohmann::json(seal)},
            {"rows", rangeJson(reads.place.rows)},
            {"keys", rangeJson(reads.place.keys)},
            {"meaning", meaningOf(reads.place)},
            {"without_edges", reads.unknownHeads},
            {"damaged", std::move(damaged)},
            {"heads", std::move(heads)}};
}

std::string placeCsv(const Trace& trace, const PlaceReads& reads, const std::vector<std::size_t>& order)
{
    const std::string seal = sealOf(trace);
    std::string text =
        fmt::format("# seal {}; rows {}, keys {}: {}\n", seal.empty() ? "none" : seal,
                    rangeText(reads.place.rows), rangeText(reads.place.keys), meaningOf(reads.place));
    text += "# lower and upper hold the number; state says what of it is not known; empty: there is no "
            "number or no bound\n";
    text += "layer,head,state,lower,upper,quantity,key\n";
    const auto number = [](bool isThere, double value) {
        return isThere && !std::isnan(value) ? fmt::format("{:.9g}", value) : std::string();
    };
    for (const std::size_t i : order) {
        const HeadPlace& read = reads.heads[i];
        const bool isNumber = hasNumbers(read);
        text += fmt::format("{},{},{},{},{},{},{}\n", read.head.layer, read.head.head, placeStateOf(read),
                            number(isNumber, isNumber ? read.mass->lower : 0),
                            number(isNumber, isNumber ? read.mass->upper : 0), read.mass ? read.quantity : "",
                            read.key ? std::to_string(*read.key) : "");
    }
    return text;
}

std::string numbersText(const HeadPlace& read)
{
    if (!read.mass)
        return "not stored";
    const KnownMass& mass = *read.mass;
    if (mass.state == KnownMass::State::None)
        return "cannot read it";
    if (mass.isExact())
        return fmt::format("{:.4g}", mass.upper);
    const std::string most = boundText(mass.upper);
    return mass.lower > 0 ? fmt::format("{:.4g} to {} ({})", mass.lower, most, nameOf(mass.state))
                          : fmt::format("at most {} ({})", most, nameOf(mass.state));
}

void printPlace(const PlaceReads& reads, const std::vector<std::size_t>& order)
{
    std::printf("rows %s, keys %s: %s\n", rangeText(reads.place.rows).c_str(),
                rangeText(reads.place.keys).c_str(), meaningOf(reads.place));
    for (const std::size_t i : order) {
        const HeadPlace& read = reads.heads[i];
        std::printf("layer %3d, head %3d: %s", read.head.layer, read.head.head, numbersText(read).c_str());
        if (read.key)
            std::printf("  key %u", *read.key);
        std::printf("\n");
    }
}

Result<void> writePlace(const std::string& output, const std::string& csv, const nlohmann::json& json)
{
    const bool isCsv = output.ends_with(".csv");
    if (!isCsv && !output.ends_with(".json"))
        return Error{ErrorCode::InvalidArgument, "expected a name that ends with .csv or .json", output};
    HEADWATER_TRY(refuseTracePlace(output));
    return writeWholeFile(output, isCsv ? csv : json.dump(1) + "\n");
}

Result<int> showPlace(const PlaceArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    HEADWATER_TRY_ASSIGN(const Place place, placeNamed(arguments, trace->seqLen()));
    HEADWATER_TRY(checkPlace(place, trace->seqLen()));
    TraceReading reading = readingOf(trace);
    if (arguments.session.isAsked()) {
        const ProgressSink progress = terminalProgress();
        HEADWATER_TRY_ASSIGN(const LoadedModel loaded, loadForSession(arguments.session, *trace, context));
        HEADWATER_TRY_ASSIGN(const VerbSession session,
                             openSessionFor(arguments.session, loaded, trace, progress, context));
        HEADWATER_TRY(takeExactPlace(*session.warm, place, reading, progress, context.stop));
        endTerminalProgress();
    }
    HEADWATER_TRY_ASSIGN(const PlaceReads reads, readPlace(reading, place, nullptr, context.stop));
    if (reads.failure && reads.damagedHeads.size() == reads.heads.size())
        return *reads.failure;
    if (reads.failure)
        std::fprintf(stderr, "note: %zu heads cannot be read: %s\n", reads.damagedHeads.size(),
                     reads.failure->text().c_str());
    std::vector<std::size_t> order = reads.heaviestFirst();
    if (arguments.top > 0 && arguments.top < order.size())
        order.resize(arguments.top);
    const nlohmann::json json = placeJson(*trace, reads, order);
    const std::string csv = placeCsv(*trace, reads, order);
    if (!arguments.output.empty()) {
        const DirectOutput direct(arguments.output, context);
        HEADWATER_TRY(writePlace(arguments.output, csv, json));
    }
    if (arguments.json)
        printJson(json);
    else if (arguments.csv)
        std::fputs(csv.c_str(), stdout);
    else if (!arguments.output.empty())
        printName(arguments.output);
    else
        printPlace(reads, order);
    return 0;
}

} // namespace

void addPlaceVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<PlaceArguments>();
    CLI::App* const verb =
        app.add_subcommand("place", "what all heads read at one place: a row, a key, a pair, or spans");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->transform(fileName())->required();
    CLI::Option* const row =
        verb->add_option("--row", arguments->row, "a row; alone: its largest key that is no marked sink");
    CLI::Option* const key =
        verb->add_option("--key", arguments->key, "a key; alone: of all rows that may read it");
    CLI::Option* const pair = verb->add_option("--pair", arguments->pair, "a row and a key")->expected(2);
    CLI::Option* const rows = verb->add_option("--rows", arguments->rows, "the rows A:B");
    CLI::Option* const keys = verb->add_option("--keys", arguments->keys, "the keys C:D");
    row->excludes(pair)->excludes(rows);
    key->excludes(pair)->excludes(keys);
    pair->excludes(rows)->excludes(keys);
    verb->add_option("--top", arguments->top, "so many heads alone [all]")->check(CLI::PositiveNumber);
    verb->add_option("-o,--output", arguments->output, "write them to F.csv or F.json")
        ->transform(fileName());
    arguments->session.addTo(*verb);
    CLI::Option* const json = verb->add_flag("--json", arguments->json, "print JSON");
    verb->add_flag("--csv", arguments->csv, "print CSV")->excludes(json);
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return showPlace(*arguments, context); };
    });
}

} // namespace headwater
