// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace headwater {

/// What a run found that its heads do not say: written into the report (`meta.report`, docs/trace_format.md)
/// by the run and read from there by whoever shows the trace. What is missing there, or of another type,
/// counts as unknown (0, NaN, empty): any program may have written it.

/// One read of a row that predicts the answer: which head found what where.
struct AnswerRead {
    std::uint32_t row = 0; ///< predicts the token after it
    bool copies = false; ///< the token it reads is the very token that the row predicts
    int layer = 0;
    int head = 0;
    std::uint32_t key = 0;
    double probability = 0;
    std::string text; ///< the key token in its words
};

/// What the behaviour check found (DESIGN §3): a dense forward against a masked one.
struct BehaviourCheck {
    std::string expected; ///< what --expect asked for; empty: the next two greedy tokens
    std::string dense; ///< what each says
    std::string masked;
    bool denseGivesExpected = false; ///< meaningful with --expect
    bool kept = false; ///< the masked model says what was asked for, or what the dense one says
    double klMean = 0; ///< mean KL(dense || masked) in nat
    double klMax = 0;
    double top1Agreement = 0; ///< share of rows whose arg-max agrees
    std::uint32_t rows = 0;
};

nlohmann::json toJson(const AnswerRead& read);
nlohmann::json toJson(const BehaviourCheck& check);

/// Of a trace's `meta`. Nothing where no check was made.
std::optional<BehaviourCheck> behaviourCheckOf(const nlohmann::json& meta);
/// Those whose row, layer, head and key are there; they may lie outside the trace.
std::vector<AnswerRead> answerReadsOf(const nlohmann::json& meta);

/// Text of a model, which may hold any bytes, as a JSON string: invalid UTF-8 becomes U+FFFD.
nlohmann::json jsonOfBytes(const std::string& bytes);

} // namespace headwater
