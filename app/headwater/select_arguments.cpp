// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/select_arguments.h"

#include "core/engine/run_options.h"

namespace headwater {

void SelectArguments::addTo(CLI::App& verb)
{
    verb.add_option(
            "--select", selection,
            "how blocks are chosen: exact, tree, stream; auto is exact up to 16384 tokens, tree beyond")
        ->check(CLI::IsMember({"auto", "exact", "tree", "stream"}))
        ->capture_default_str();
    verb.add_option("--keep-keys", values.keepKeys,
                    "budget of a row in keys, the always kept blocks included (they are the least)")
        ->capture_default_str();
    verb.add_option("--keep-peak", values.keepPeak,
                    "also keep every block in which a row gives one key this probability [0.1 observed, 0 "
                    "propagated]; not with a "
                    "propagated tree or stream, which see no whole rows")
        ->check(CLI::Range(0.0f, 1.0f));
    verb.add_option("--block-q", values.blockQ,
                    "rows of a query block, a power of two 4 to 256 [8, 16, 64 by length]");
    verb.add_option("--block-k", values.blockK,
                    "keys of a key block, a power of two 4 to 256 [8, 16, 32 by length]");
    auto* const observe =
        verb.add_flag("--observed", observed, "dense forward, masks only recorded [with exact]");
    verb.add_flag("--propagated", propagated, "every layer attends over its own mask [with tree and stream]")
        ->excludes(observe);
    verb.add_option("--tree-levels", values.treeLevels,
                    "tree: levels of the content tree, 0 for by length, 1 for flat clusters")
        ->capture_default_str();
    verb.add_option("--beam", values.beam, "tree: nodes a row keeps at each level")->capture_default_str();
    verb.add_option("--open", values.open, "tree: keys a row opens")->capture_default_str();
    verb.add_option("--probe", probe, "stream: the key a half interval is judged by: first or middle")
        ->check(CLI::IsMember({"first", "middle"}))
        ->capture_default_str();
    verb.add_option("--seed", values.seed, "of k-means and of the probe rows")->capture_default_str();
}

Result<SelectParams> SelectArguments::params() const
{
    SelectParams params = values;
    HEADWATER_TRY_ASSIGN(params.selection, selectionNamed(selection));
    HEADWATER_TRY_ASSIGN(params.probe, probeNamed(probe));
    if (observed)
        params.propagation = Propagation::Observed;
    if (propagated)
        params.propagation = Propagation::Propagated;
    return params;
}

} // namespace headwater
