// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/reading/keys_of_rows.h"
#include "core/reading/known_mass.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace headwater {

/// Adds up, row by row, what a head gives to some keys: what is known of it, and how much more it can be for
/// each reason that it is not known.
class SpanSum {
public:
    /// What the knowledge names and the keys must outlive it.
    SpanSum(const SpanKnowledge& known, const KeysOfRows& keys)
        : m_known(known)
        , m_keys(keys)
    {
    }

    /// Value: of each row what it gives to the keys. Cost: O(rows · (kept blocks of the keys + listed keys)).
    std::vector<KnownMass> add(TokenRange rows);

    /// Over all rows that were added and may read one of the keys.
    KnownMass mean() const;
    std::uint64_t rows() const { return m_rows; } ///< of these

private:
    /// A number between two, and why it is not known better. Shape: gaps [BelowRecorded, InBlock, NotKept].
    struct Part {
        double lower = 0;
        double upper = 0;
        std::array<double, 3> gaps{};

        void add(const Part& other);
        void addGap(KnownMass::State reason, double gap);
        /// It is no more than this; what goes is taken from the gaps.
        void limit(double most);
        KnownMass known() const;
    };
    /// A key of a row whose probability is known.
    struct ListedKey {
        std::uint32_t key = 0;
        double lower = 0;
        double upper = 0;
    };
    /// What is known of a row token by token.
    struct ListedKeys {
        std::vector<ListedKey> keys; ///< of those that are asked for, ascending
        double most = 0; ///< that a key can have which is not listed; infinite where nothing is listed
        double rest = 0; ///< that these have together at most
        bool isListed = false;
    };
    /// The part of a kept block that is asked for.
    struct Cell {
        Part sum;
        std::uint64_t pairs = 0;
    };

    void list(std::uint32_t row, TokenRange readable);
    Part addRow(std::uint32_t row, TokenRange readable, std::uint32_t keys);
    Part ofCell(std::uint32_t row, std::uint32_t edge, TokenRange cell, std::uint32_t keys,
                std::size_t& listed);
    void addBlock(std::uint32_t queryBlock, TokenRange rows);

    const SpanKnowledge m_known;
    const KeysOfRows& m_keys;
    ListedKeys m_listed; ///< of the row at work
    std::vector<Cell> m_cells; ///< of the query block at work, one a kept block of the keys
    std::uint32_t m_firstEdge = 0; ///< of these
    Part m_loose; ///< of the query block at work: what lies outside its kept blocks

    Part m_byBlock; ///< limited by what is known of blocks
    double m_byRow = 0; ///< at most: limited by what is known of rows
    std::uint64_t m_rows = 0;
    bool m_isOfWholeRow = true;
};

} // namespace headwater
