// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st; // OpenSSL's

namespace headwater {

/// xxh3-64 of the bytes; chain by passing the previous hash as seed.
std::uint64_t xxh3(std::span<const std::byte> bytes, std::uint64_t seed = 0);

/// SHA-256 of what is added, one after the other.
class Sha256 {
public:
    Sha256();
    void add(std::span<const std::byte> bytes);
    /// 64 lower-case hex digits, once: of what was added.
    std::string hex();

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> m_context;
};

/// SHA-256 as 64 lower-case hex digits.
std::string sha256(std::span<const std::byte> bytes);
Result<std::string> sha256OfFile(const std::filesystem::path& path);

} // namespace headwater
