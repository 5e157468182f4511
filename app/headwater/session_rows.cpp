// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/session_rows.h"

#include "app/headwater/option_arguments.h"
#include "core/backend/cpu/cpu_plan.h"
#include "core/backend/open_backend.h"
#include "core/base/file_name.h"
#include "core/base/text.h"
#include "core/engine/find_model.h"
#include "core/trace/head_row.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace headwater {

void SessionArguments::addTo(CLI::App& verb)
{
    verb.add_flag("--exact", exact,
                  "whole rows, computed again by the model that made the trace: its file is looked for by "
                  "its header, where the trace's command has it, beside the trace, among fetched models");
    verb.add_option("--model", model, "that model's file or name, as in run; asks for --exact")
        ->transform(fileName());
    addOptions(verb, {"threads", "force"}, options);
}

Result<LoadedModel> loadForSession(const SessionArguments& arguments, const Trace& trace,
                                   const VerbContext& context)
{
    std::string model = arguments.model;
    if (model.empty()) {
        const Interrupt::AtOnce atOnce(context.interrupt); // reads models that may be it
        HEADWATER_TRY_ASSIGN(model, findModelOf(trace));
    }
    return loadForVerb(model, context);
}

Result<VerbSession> openSessionFor(const SessionArguments& arguments, const LoadedModel& loaded,
                                   const std::shared_ptr<const Trace>& trace, const ProgressSink& progress,
                                   const VerbContext& context)
{
    VerbSession session;
    const SessionNeed need = needOfSession(CpuPlanner(arguments.options.threads), *loaded.model, *trace);
    HEADWATER_TRY_ASSIGN(session.backend, openBackend({.threads = arguments.options.threads}));
    HEADWATER_TRY_ASSIGN(
        session.warm,
        openSession(*session.backend, loaded, trace, need, arguments.options.force, progress, context.stop));
    if (session.warm->isInScratch())
        printNotes({fmt::format("what the forward leaves, {}, lies in a scratch file in {}",
                                humanBytes(session.warm->bytes()), textOfPath(need.scratchFolder))});
    if (!session.warm->isExact())
        printNotes({"keys are rounded to 16 bits for want of memory: probabilities are off by up to 0.005 "
                    "(exact: false)"});
    return session;
}

Result<void> sessionRows(WarmSession& session, std::span<const HeadId> heads,
                         std::span<const std::uint32_t> tokens, std::size_t most, const RowSink& sink,
                         const ProgressSink& progress, const std::stop_token& stop)
{
    TimeLeft timeLeft;
    const std::uint64_t total = std::uint64_t{heads.size()} * tokens.size();
    std::uint64_t done = 0;
    for (const std::uint32_t token : tokens) {
        for (std::size_t begin = 0; begin < heads.size();) {
            const int layer = heads[begin].layer;
            std::size_t end = begin;
            while (end < heads.size() && heads[end].layer == layer)
                ++end;
            // One call a layer projects its queries once; heads between that nobody asked for cost little.
            const int first = heads[begin].head;
            HEADWATER_TRY_ASSIGN(const ExactRows rows,
                                 session.row(layer, {first, heads[end - 1].head - first + 1}, token, stop));
            for (; begin < end; ++begin, ++done) {
                const int head = heads[begin].head;
                const auto at = static_cast<std::size_t>(head - first);
                const std::span<const float> whole = std::span(rows.p).subspan(at * rows.keys, rows.keys);
                const std::uint32_t firstKey =
                    shapeOf(*session.trace()->findHead(layer, head)).firstKey(token);
                KnownRow row = heaviestOf(whole.subspan(firstKey), firstKey, most);
                row.head = {layer, head};
                row.token = token;
                row.exact = session.isExact();
                if (!row.exact)
                    row.bound = std::numeric_limits<float>::quiet_NaN(); // it, too, is off by some
                row.quantity = session.quantity();
                row.lse = rows.lse[at];
                HEADWATER_TRY(sink(row, whole));
            }
            if (progress)
                progress({.phase = "rows",
                          .done = done,
                          .total = total,
                          .unit = "rows",
                          .secondsLeft = timeLeft.update(done, total)});
        }
    }
    return {};
}

} // namespace headwater
