// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"

#include <array>
#include <cstdint>
#include <optional>
#include <stop_token>

namespace headwater {

/// How often each code (core/base/log_code.h) occurs in what a head holds: edge peaks (the largest of coarse
/// cells where the trace has overviews alone), or the missed mass of rows (`missed`, with kUnknownCode).
/// Counts have none: how many blocks a cell holds is a matter of the zoom, not of the head.
struct CodeHistogram {
    HeadId head;
    bool missed = false;
    std::array<std::uint64_t, 256> ofCode{};
    std::optional<Error> failure;

    bool isEmpty() const;
};

/// For worker threads. Decodes the whole head.
CodeHistogram readHistogram(const TraceReading& reading, HeadId head, bool missed,
                            const std::stop_token& stop = {});

} // namespace headwater
