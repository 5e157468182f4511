// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_id.h"
#include "core/record/token_row.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace headwater {

/// One row of every head, as a session has given it (core/session): the heaviest keys of each head, and what
/// each gives to the keys that were asked for. All of it is of whole rows: p_model where the run was
/// observed, else p_stream.
struct ExactRow {
    static constexpr std::uint32_t kNoKey = std::numeric_limits<std::uint32_t>::max();

    std::uint32_t row = 0;
    std::vector<std::uint32_t> firstHead; ///< [layers + 1]: how many heads the layers before have
    std::uint32_t listed = 0; ///< keys that a head lists, at most
    std::vector<float> lse; ///< [heads]
    std::vector<std::uint32_t> keys; ///< [heads, listed], by falling probability; kNoKey: all others get 0
    std::vector<float> probability; ///< [heads, listed]
    std::map<std::uint32_t, std::vector<float>> given; ///< what the row gives to a key: [heads]
    bool isExact = true; ///< false: over keys rounded to binary16, right to two digits

    /// Where a head's numbers are; none: the model has no such head.
    std::optional<std::size_t> placeOf(HeadId head) const;
    /// The keys that a head lists.
    TokenRow tokens(HeadId head) const;
    /// Every key that a head does not list gets exactly nothing.
    bool isListedWhole(HeadId head) const;
    /// What a head gives to a key; none where that has not been asked for and is not among the listed.
    std::optional<float> at(HeadId head, std::uint32_t key) const;
    std::size_t bytes() const;
};

/// The rows that sessions have given of one trace: kept as long as it is open, the oldest go beyond the
/// budget. Threads: all members may be called from any thread.
class ExactRowCache {
public:
    explicit ExactRowCache(std::size_t budgetBytes = std::size_t{64} << 20)
        : m_budgetBytes(budgetBytes)
    {
    }

    /// The same row again takes over what the older one gave to other keys. A rounded one leaves an exact one
    /// as it is.
    void add(ExactRow row);
    /// Null where no session has given it.
    std::shared_ptr<const ExactRow> find(std::uint32_t row) const;

    std::size_t bytes() const;

private:
    std::size_t m_budgetBytes;
    mutable std::mutex m_mutex;
    std::deque<std::shared_ptr<const ExactRow>> m_rows; ///< the oldest first
    std::size_t m_bytes = 0;
};

} // namespace headwater
