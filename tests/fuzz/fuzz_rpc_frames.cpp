// SPDX-License-Identifier: Apache-2.0
// What a client writes to `headwater serve`: frames, until they end or are broken.
#include "app/headwater/rpc_channel.h"
#include "tests/fuzz/memory_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const headwater::fuzz::MemoryFile input("frames");
    static const headwater::fuzz::MemoryFile output("answers");
    input.write(data, size);
    output.write(data, 0);
    headwater::RpcChannel channel(input.descriptor(), output.descriptor());
    for (;;) {
        const auto message = channel.receive();
        if (!message || !*message)
            return 0;
        channel.reply(nullptr, **message);
    }
}
