// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"

#include "core/base/mapped_file.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace headwater {

std::uint64_t xxh3(std::span<const std::byte> bytes, std::uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string sha256(std::span<const std::byte> bytes)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
    std::string hex;
    for (const unsigned char byte : digest)
        hex += fmt::format("{:02x}", byte);
    return hex;
}

Result<std::string> sha256OfFile(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(const MappedFile file, MappedFile::open(path));
    return sha256(file.bytes());
}

} // namespace headwater
