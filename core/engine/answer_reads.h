// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/engine/layer_recorder.h"
#include "core/engine/run_report.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace headwater {

/// The tokens of a run, the generated ones included. Shape: ids [tokens], offsets [tokens + 1], into text.
struct RunTokens {
    std::span<const std::int32_t> ids;
    std::span<const std::uint32_t> offsets;
    std::string_view text;
};

/// Where an answer was read: the heaviest far reads of the rows that predict `predicted`, the first of which
/// is firstRow; at most five. A head that reads the very token its row predicts has copied it (the retrieval
/// score of Wu et al. 2024 counts these reads): copies stand first. `sinks`: ascending.
std::vector<AnswerRead> answerReads(const LayerRecorder& recorder, const RunTokens& tokens,
                                    std::span<const std::uint32_t> sinks, std::uint32_t firstRow,
                                    std::span<const std::int32_t> predicted);

} // namespace headwater
