// SPDX-License-Identifier: Apache-2.0
#include "core/trace/head_encoders.h"

#include <optional>
#include <system_error>

namespace headwater {
namespace {

/// What is slower with one thread is no reason to end a run.
std::unique_ptr<ThreadPool> poolOf(std::size_t threads)
{
    try {
        return std::make_unique<ThreadPool>(threads);
    } catch (const std::system_error&) {
        return std::make_unique<ThreadPool>(1);
    }
}

} // namespace

HeadEncoders::HeadEncoders(std::size_t threads)
    : m_pool(poolOf(threads))
    , m_coders(m_pool->size())
{
}

Result<std::vector<EncodedHead>> HeadEncoders::encode(std::span<const TraceWriter::FinishedHead> heads,
                                                      std::uint32_t tailRow)
{
    std::vector<EncodedHead> encoded(heads.size());
    std::vector<std::optional<Error>> errors(heads.size());
    m_pool->parallelFor(heads.size(), [&](std::size_t head, std::size_t worker) {
        Result<EncodedHead> one = encodeHead(m_coders[worker], heads[head], tailRow, {});
        if (one)
            encoded[head] = std::move(*one);
        else
            errors[head] = one.error();
    });
    for (const std::optional<Error>& error : errors)
        if (error)
            return *error;
    return encoded;
}

} // namespace headwater
