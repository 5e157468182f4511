// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/engine_server.h"
#include "app/headwater/verb.h"

#include <unistd.h>

namespace headwater {

void addServeVerb(CLI::App& app, VerbAction& action)
{
    CLI::App* const verb = app.add_subcommand(
        "serve", "the engine process: JSON-RPC 2.0 on standard input and output (docs/engine_protocol.md)");
    verb->callback([&action] {
        action = [](const VerbContext& context) {
            return EngineServer(STDIN_FILENO, STDOUT_FILENO).serve(context.stop);
        };
    });
}

} // namespace headwater
