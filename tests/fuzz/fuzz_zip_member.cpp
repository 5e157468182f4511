// SPDX-License-Identifier: Apache-2.0
// A wheel: its member, never longer than it should be.
#include "core/model/fetch/zip_member.h"
#include "tests/core/model/zip_builder.h"
#include "tests/fuzz/memory_file.h"

#include <sys/stat.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const headwater::zip::Zip zip;
    const std::uint64_t expected = zip.content.size();
    static const headwater::fuzz::MemoryFile archive("model.whl");
    static const headwater::fuzz::MemoryFile output("member");
    archive.write(data, size);
    output.write(data, 0);
    const auto done = headwater::appendZipMember(archive.path(), zip.name, expected, output.path());
    struct stat written = {};
    if (::fstat(output.descriptor(), &written) != 0 || static_cast<std::uint64_t>(written.st_size) > expected
        || (done && static_cast<std::uint64_t>(written.st_size) != expected))
        std::abort();
    return 0;
}
