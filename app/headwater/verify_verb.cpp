// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/verb.h"
#include "core/base/file_name.h"
#include "core/base/text.h"
#include "core/trace/verify.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

Result<int> verify(const std::string& file, bool json, const VerbContext& context)
{
    HEADWATER_TRY_ASSIGN(const VerifyReport report, verifyTrace(file, terminalProgress(), context.stop));
    endTerminalProgress();
    if (json) {
        nlohmann::json damage = nlohmann::json::array();
        for (const Error& error : report.damage)
            damage.push_back({{"where", textOfContext(error.context)}, {"what", error.message}});
        printJson({{"ok", report.damage.empty()},
                   {"sealed", report.sealed},
                   {"finished_layers", report.finishedLayers},
                   {"blobs_checked", report.blobsChecked},
                   {"bytes_checked", report.bytesChecked},
                   {"damage", std::move(damage)}});
    } else if (!report.isOpened) {
        std::printf("%s\n", report.damage.front().text().c_str());
    } else {
        for (const Error& error : report.damage)
            std::printf("damaged: %s\n", error.text().c_str());
        std::printf("%s: %s, %d finished layers, %llu blobs, %s checked\n",
                    report.damage.empty() ? "ok" : "DAMAGED",
                    report.sealed ? "sealed" : "not sealed (the run was interrupted or still goes on)",
                    report.finishedLayers, static_cast<unsigned long long>(report.blobsChecked),
                    humanBytes(report.bytesChecked).c_str());
    }
    return report.damage.empty() ? 0 : 1;
}

} // namespace

void addVerifyVerb(CLI::App& app, VerbAction& action)
{
    auto file = std::make_shared<std::string>();
    auto json = std::make_shared<bool>(false);
    CLI::App* const verb = app.add_subcommand(
        "verify", "check every byte of a trace; exit code 1 when something is damaged or it is no trace");
    verb->add_option("trace", *file, "the trace (*.hwt)")->transform(fileName())->required();
    verb->add_flag("--json", *json, "print JSON");
    verb->callback([file, json, &action] {
        action = [file, json](const VerbContext& context) { return verify(*file, *json, context); };
    });
}

} // namespace headwater
