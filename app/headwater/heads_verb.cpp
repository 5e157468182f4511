// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/token_list.h"
#include "app/headwater/verb.h"
#include "core/base/known_number.h"
#include "core/reading/head_order.h"
#include "core/trace/trace_quantity.h"

#include <array>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace headwater {
namespace {

struct HeadsArguments {
    std::string trace;
    std::string by = "kept";
    std::string token;
    std::string key;
    bool isRising = false;
    std::uint64_t top = 0;
    bool json = false;
};

constexpr std::array<std::pair<const char*, HeadOrder>, 7> kHeadOrders = {
    {{"kept", HeadOrder::KeptMass},
     {"content", HeadOrder::Content},
     {"entropy", HeadOrder::Entropy},
     {"distance", HeadOrder::MeanDistance},
     {"sink", HeadOrder::SinkShare},
     {"density", HeadOrder::Density},
     {"mass", HeadOrder::SelectionMass}}};

HeadOrder orderOf(const std::string& by)
{
    for (const auto& [name, order] : kHeadOrders) {
        if (by == name)
            return order;
    }
    return HeadOrder::Layer; // the parser has refused it
}

Result<std::optional<std::uint32_t>> tokenOf(const char* option, const std::string& spelling,
                                             const Trace& trace)
{
    if (spelling.empty())
        return std::optional<std::uint32_t>();
    HEADWATER_TRY_ASSIGN(const auto tokens,
                         tokensNamed(option, spelling, trace.seqLen(), "the trace's tokens"));
    if (tokens.size() != 1)
        return Error{ErrorCode::InvalidArgument, "'" + spelling + "', expected one token", option};
    return std::optional(tokens.front());
}

Result<TokenPair> pairOf(const HeadsArguments& arguments, const Trace& trace)
{
    TokenPair pair;
    HEADWATER_TRY_ASSIGN(pair.query, tokenOf("--token", arguments.token, trace));
    HEADWATER_TRY_ASSIGN(pair.key, tokenOf("--key", arguments.key, trace));
    const bool isMass = arguments.by == "mass";
    if (isMass && !pair.query)
        return Error{ErrorCode::InvalidArgument, "--by mass is of what a token reads: give --token", "--by"};
    if (!isMass && (pair.query || pair.key))
        return Error{ErrorCode::InvalidArgument, "only --by mass is of a token or key",
                     "--by " + arguments.by};
    if (pair.key && *pair.key > *pair.query)
        return Error{ErrorCode::InvalidArgument, "a token does not read what follows it", "--key"};
    return pair;
}

/// The heads by their order, each with its number.
nlohmann::json headsJson(const Trace& trace, const HeadsArguments& arguments, const HeadReads& reads)
{
    const HeadOrder order = orderOf(arguments.by);
    std::map<HeadId, HeadRead> readOf;
    for (const HeadRead& read : reads.heads)
        readOf[read.head] = read;
    nlohmann::json heads = nlohmann::json::array();
    for (const HeadId head : orderedHeads(trace, order, !arguments.isRising, reads)) {
        if (arguments.top > 0 && heads.size() == arguments.top)
            break;
        const HeadInfo& info = *trace.findHead(head.layer, head.head);
        nlohmann::json one = {{"layer", head.layer}, {"head", head.head}};
        if (order != HeadOrder::SelectionMass) {
            one["value"] = knownNumber(orderValue(order, info, reads));
        } else {
            // What the trace does not hold of the pair is less than what it holds, not nothing.
            const auto read = readOf.find(head);
            const bool isHeld = read != readOf.end() && read->second.isHeld;
            one["value"] = isHeld ? knownNumber(read->second.mass) : nlohmann::json();
            one["key"] = isHeld ? nlohmann::json(read->second.key) : nlohmann::json();
            one["quantity"] = reads.ofTokens() ? tokenRowQuantity(trace) : blockQuantity(trace, info);
        }
        heads.push_back(std::move(one));
    }
    return heads;
}

nlohmann::json readsJson(const HeadReads& reads)
{
    nlohmann::json damaged = nlohmann::json::array();
    for (const HeadId head : reads.damagedHeads)
        damaged.push_back({head.layer, head.head});
    return {{"token", *reads.pair.query},
            {"key", reads.pair.key ? nlohmann::json(*reads.pair.key) : nlohmann::json()},
            {"exact", reads.ofTokens()},
            {"block_q", reads.ofTokens() ? 1 : reads.blockQ},
            {"block_k", reads.ofTokens() ? 1 : reads.blockK},
            {"without_edges", reads.unknownHeads},
            {"damaged", std::move(damaged)}};
}

/// What the numbers of a list by mass are.
void printWhatIsRead(const HeadReads& reads)
{
    if (reads.ofTokens())
        std::printf("probabilities of row %u\n", *reads.pair.query);
    else
        std::printf("means over the rows of the block of row %u (%u rows), summed over blocks of %u keys\n",
                    *reads.pair.query, reads.blockQ, reads.blockK);
}

void printHeadOrder(const nlohmann::json& heads)
{
    for (const nlohmann::json& head : heads) {
        const nlohmann::json& value = head["value"];
        std::printf("layer %3d, head %3d: %s", head["layer"].get<int>(), head["head"].get<int>(),
                    value.is_null() ? (head.contains("key") ? "not held" : "unknown") : value.dump().c_str());
        if (head.contains("key") && !head["key"].is_null())
            std::printf("  key %u", head["key"].get<std::uint32_t>());
        std::printf("\n");
    }
}

Result<int> showHeads(const HeadsArguments& arguments, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const std::shared_ptr<const Trace> trace, Trace::open(arguments.trace));
    HEADWATER_TRY_ASSIGN(const TokenPair pair, pairOf(arguments, *trace));
    HeadReads reads;
    if (pair.query)
        reads = rankHeads(readingOf(trace), pair, context.stop);
    if (reads.failure && reads.heads.empty())
        return *reads.failure;
    if (reads.failure)
        std::fprintf(stderr, "note: %zu heads cannot be read: %s\n", reads.damagedHeads.size(),
                     reads.failure->text().c_str());
    nlohmann::json out = {{"by", arguments.by},
                          {"falling", !arguments.isRising},
                          {"reads", pair.query ? readsJson(reads) : nlohmann::json()},
                          {"heads", headsJson(*trace, arguments, reads)}};
    if (arguments.json) {
        printJson(out);
        return 0;
    }
    if (pair.query)
        printWhatIsRead(reads);
    printHeadOrder(out["heads"]);
    return 0;
}

} // namespace

void addHeadsVerb(CLI::App& app, VerbAction& action)
{
    auto arguments = std::make_shared<HeadsArguments>();
    CLI::App* const verb =
        app.add_subcommand("heads", "the heads in order of a statistic, or of what they read");
    verb->add_option("trace", arguments->trace, "the trace (*.hwt)")->transform(fileName())->required();
    verb->add_option("--by", arguments->by,
                     "kept, content, entropy, distance, sink, density, or mass: what --token gives to --key")
        ->capture_default_str()
        ->check(CLI::IsMember({"kept", "content", "entropy", "distance", "sink", "density", "mass"}));
    verb->add_option("--token", arguments->token, "with --by mass: the query token");
    verb->add_option("--key", arguments->key,
                     "with --by mass: the key token [of every head its heaviest that is no marked sink]");
    verb->add_flag("--rising", arguments->isRising, "the smallest first");
    verb->add_option("--top", arguments->top, "so many heads alone [all]")->check(CLI::PositiveNumber);
    verb->add_flag("--json", arguments->json, "print JSON");
    verb->callback([arguments, &action] {
        action = [arguments](const VerbContext& context) { return showHeads(*arguments, context); };
    });
}

} // namespace headwater
