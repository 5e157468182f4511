// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/head_list.h"
#include "app/headwater/verb.h"
#include "core/base/known_number.h"
#include "core/base/percent.h"
#include "core/base/text.h"
#include "core/base/token_range.h"
#include "core/reading/key_readers.h"

#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

struct ReadersArguments {
    std::string trace;
    std::string keys;
    std::string layers = "all";
    std::string heads = "all";
    std::uint64_t top = 32;
    bool shade = false;
    bool json = false;
};

nlohmann::json massJson(const KnownMass& mass)
{
    return {{"state", nameOf(mass.state)},
            {"lower", knownNumber(mass.lower)},
            {"upper", knownNumber(mass.upper)},
            {"whole_row", mass.ofWholeRow}};
}

nlohmann::json headListJson(std::span<const HeadId> heads)
{
    nlohmann::json list = nlohmann::json::array();
    for (const HeadId head : heads)
        list.push_back({head.layer, head.head});
    return list;
}

nlohmann::json shadeJson(const KeyReaders& all)
{
    nlohmann::json list = nlohmann::json::array();
    for (std::size_t token = all.keys.begin; token < all.shade.size(); ++token) {
        const ReaderShade& shade = all.shade[token];
        nlohmann::json one = massJson(shade.mass);
        one["token"] = token;
        one["layer"] = shade.head ? nlohmann::json(shade.head->layer) : nlohmann::json();
        one["head"] = shade.head ? nlohmann::json(shade.head->head) : nlohmann::json();
        list.push_back(std::move(one));
    }
    return list;
}

nlohmann::json readersJson(const KeyReaders& all, bool shade)
{
    nlohmann::json readers = nlohmann::json::array();
    for (const KeyReader& reader : all.readers) {
        nlohmann::json one = massJson(reader.mass);
        one["layer"] = reader.head.layer;
        one["head"] = reader.head.head;
        one["rows"] = {reader.rows.begin, reader.rows.end};
        readers.push_back(std::move(one));
    }
    return {{"keys", {all.keys.begin, all.keys.end}},
            {"held", all.held},
            {"bound", knownNumber(all.bound)},
            {"without_edges", headListJson(all.unknownHeads)},
            {"damaged", headListJson(all.damagedHeads)},
            {"readers", std::move(readers)},
            {"shade", shade ? shadeJson(all) : nlohmann::json()}};
}

void printReaders(const Trace& trace, const KeyReaders& all)
{
    for (const KeyReader& reader : all.readers) {
        const bool isRow = reader.rows.end - reader.rows.begin == 1;
        const std::string numbers = reader.mass.isExact()
            ? fmt::format("{:.4g}", reader.mass.upper)
            : fmt::format("{:.4g} to {} ({})", reader.mass.lower, boundText(reader.mass.upper),
                          nameOf(reader.mass.state));
        const std::string rows = isRow
            ? fmt::format("row {} \"{}\"", reader.rows.begin, printable(trace.tokenText(reader.rows.begin)))
            : fmt::format("rows {}:{}, the mean", reader.rows.begin, reader.rows.end);
        std::printf("layer %3d, head %3d, %s: %s\n", reader.head.layer, reader.head.head, rows.c_str(),
                    numbers.c_str());
    }
    if (all.held > all.readers.size())
        std::printf("%zu more: at most %s\n", all.held - all.readers.size(), boundText(all.bound).c_str());
}

Result<int> showReaders(const ReadersArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    HEADWATER_TRY_ASSIGN(const TokenRange keys, parseTokenRange(arguments.keys, trace->seqLen()));
    HEADWATER_TRY_ASSIGN(const auto named, headsNamed(*trace, arguments.layers, arguments.heads));
    std::vector<HeadId> heads;
    for (const auto& [layer, head] : named)
        heads.push_back({layer, head});
    HEADWATER_TRY_ASSIGN(const KeyReaders all,
                         readKeyReaders(readingOf(trace), keys, arguments.top, heads, context.stop));
    if (all.failure && all.damagedHeads.size() == heads.size())
        return *all.failure;
    if (all.failure)
        std::fprintf(stderr, "note: %zu heads cannot be read: %s\n", all.damagedHeads.size(),
                     all.failure->text().c_str());
    if (arguments.json)
        printJson(readersJson(all, arguments.shade));
    else
        printReaders(*trace, all);
    return 0;
}

} // namespace

void addReadersVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<ReadersArguments>();
    CLI::App* const verb =
        app.add_subcommand("readers", "who reads some keys: in which heads, from which rows");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->transform(fileName())->required();
    verb->add_option("--keys", arguments->keys, "the keys A:B")->required();
    verb->add_option("--layer", arguments->layers, "layers: a number, a list (0,3,7-9) or all")
        ->capture_default_str();
    verb->add_option("--head", arguments->heads, "heads, named the same way")->capture_default_str();
    verb->add_option("--top", arguments->top, "so many readers, the heaviest first")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    CLI::Option* const json = verb->add_flag("--json", arguments->json, "print JSON");
    verb->add_flag("--shade", arguments->shade, "with --json: of every token how much it reads them, at most")
        ->needs(json);
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return showReaders(*arguments, context); };
    });
}

} // namespace headwater
