// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/parallel/thread_pool.h"
#include "core/trace/layer_writer.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace headwater {

/// Encodes a layer's heads, as many at once as it has threads; the bytes do not depend on their number.
class HeadEncoders {
public:
    /// `threads` counts the calling one, at least 1; with fewer where the system starts no more.
    explicit HeadEncoders(std::size_t threads);

    /// One a head, in their order. Errors: those of encodeHead, of the first head that has one.
    Result<std::vector<EncodedHead>> encode(std::span<const TraceWriter::FinishedHead> heads,
                                            std::uint32_t tailRow);

private:
    std::unique_ptr<ThreadPool> m_pool;
    std::vector<FieldCoder> m_coders; ///< one a thread
};

} // namespace headwater
