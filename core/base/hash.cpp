// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"

#include "core/base/mapped_file.h"

#include <array>
#include <fmt/format.h>
#include <new>
#include <openssl/evp.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace headwater {

std::uint64_t xxh3(std::span<const std::byte> bytes, std::uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const
{
    EVP_MD_CTX_free(context);
}

Sha256::Sha256()
    : m_context(EVP_MD_CTX_new())
{
    if (!m_context || EVP_DigestInit_ex(m_context.get(), EVP_sha256(), nullptr) != 1)
        throw std::bad_alloc(); // OpenSSL has no other reason
}

void Sha256::add(std::span<const std::byte> bytes)
{
    EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size());
}

std::string Sha256::hex()
{
    std::array<unsigned char, 32> digest{};
    EVP_DigestFinal_ex(m_context.get(), digest.data(), nullptr);
    return fmt::format("{:02x}", fmt::join(digest, ""));
}

std::string sha256(std::span<const std::byte> bytes)
{
    Sha256 hash;
    hash.add(bytes);
    return hash.hex();
}

Result<std::string> sha256OfFile(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(const MappedFile file, MappedFile::open(path));
    return sha256(file.bytes());
}

} // namespace headwater
