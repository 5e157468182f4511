// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/known_mass.h"
#include "core/reading/trace_reading.h"
#include "core/record/head_id.h"

#include <array>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

namespace headwater {

/// What a head does, by what its rows read (docs/heads.md).
enum class HeadRole {
    PreviousToken, ///< the token before
    Induction, ///< what followed the row's token before
    DuplicateToken, ///< the row's token where it stood before
    Sink, ///< the first token
    Retrieval, ///< a token of the prompt that is about to be generated
};
inline constexpr std::array kHeadRoles{HeadRole::PreviousToken, HeadRole::Induction, HeadRole::DuplicateToken,
                                       HeadRole::Sink, HeadRole::Retrieval};

/// "previous_token", "induction", "duplicate_token", "sink", "retrieval".
const char* nameOf(HeadRole role);
std::optional<HeadRole> headRoleNamed(std::string_view name);

/// From what score on a head is named so: 0.4, of retrieval 0.1 (docs/heads.md says whose rules these are).
double thresholdOf(HeadRole role);

/// A head has a name of recorded rows alone from so many on.
inline constexpr std::uint64_t kFewestRecordedRows = 8;

/// How much of a role a head has: the mean over the rows that can play it of what they give to its keys; of
/// Retrieval the share of the generated tokens that their rows' heaviest key is a copy of.
struct RoleScore {
    KnownMass all; ///< over all such rows
    std::uint64_t rows = 0; ///< how many; 0: no row can play it, and there is no score
    KnownMass recorded; ///< over those of them that are known token by token
    std::uint64_t recordedRows = 0;

    /// What is certain of it: of all rows, or of the recorded ones where these are enough; NaN without rows.
    double certain() const;
};

/// The scores of one head, and its name by them.
struct HeadScores {
    HeadId head;
    std::array<RoleScore, kHeadRoles.size()> scores; ///< by HeadRole
    std::optional<Error> failure; ///< it could not be read: it has no scores
    bool isStored = true; ///< false: the trace holds only the head's overviews

    const RoleScore& of(HeadRole role) const { return scores[static_cast<std::size_t>(role)]; }

    /// The role of the highest certain score that reaches its threshold, and that the bound of all rows does
    /// not rule out. Sink only where there is no other: heads rest on the first token when they find nothing.
    std::optional<HeadRole> name() const;
    /// The name holds of all rows, not of the recorded ones alone.
    bool isNameOfAllRows() const;
};

/// Of every finished head, by layer and number. For worker threads. Cost: every edge of the trace decoded and
/// a number a row, head and role made, on up to four threads. Errors: Cancelled.
Result<std::vector<HeadScores>> scoreHeads(const TraceReading& reading, const std::stop_token& stop = {});

} // namespace headwater
