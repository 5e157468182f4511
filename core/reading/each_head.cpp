// SPDX-License-Identifier: Apache-2.0
#include "core/reading/each_head.h"

#include "core/base/processors.h"
#include "core/parallel/thread_pool.h"

#include <algorithm>

namespace headwater {

Result<void> eachHead(std::size_t count, const std::function<void(std::size_t)>& body,
                      const std::stop_token& stop)
{
    ThreadPool threads(std::clamp<std::size_t>(availableProcessors(), 1, kMostReaders));
    threads.parallelFor(
        count, [&](std::size_t i, std::size_t) { body(i); }, stop);
    if (stop.stop_requested())
        return Error{ErrorCode::Cancelled, "stopped while reading heads", {}};
    return {};
}

} // namespace headwater
