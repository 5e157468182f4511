// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "complaint.h"
#include "head_arrays.h"

#include <functional>

namespace headwater::test {

/// How a tree that opens everything differs from `exact`.
struct TreeTies {
    std::uint64_t blocks = 0; ///< kept by exact
    std::uint64_t ties = 0; ///< of them, not kept by the tree
    double widest = 0; ///< largest difference of mass between what one keeps and the other instead

    void join(const TreeTies& other)
    {
        blocks += other.blocks;
        ties += other.ties;
        widest = std::max(widest, other.widest);
    }
};

/// Whether two records of one head keep the same blocks, ties within 1e-5 aside: what `exact` keeps and
/// `other` does not weighs as much as what `other` keeps instead. A tree takes no block that holds nothing,
/// so it may keep fewer. Both with the normaliser exact.
inline std::string keepTheSameBlocks(const HeadRecord& exact, const HeadRecord& other, TreeTies& ties)
{
    HEADWATER_EXPECT(exact.rowPtr.size() == other.rowPtr.size(), "{} query blocks, {} expected",
                     other.rowPtr.size(), exact.rowPtr.size());
    for (std::uint32_t queryBlock = 0; queryBlock + 1 < exact.rowPtr.size(); ++queryBlock) {
        const auto onlyIn = [queryBlock](const HeadRecord& one, const HeadRecord& without) {
            std::vector<double> masses;
            for (std::uint32_t edge = one.rowPtr[queryBlock]; edge < one.rowPtr[queryBlock + 1]; ++edge)
                if (!isKept(without, queryBlock, one.keyBlock[edge]))
                    masses.push_back(double(one.mass[edge]));
            std::sort(masses.begin(), masses.end(), std::greater<>());
            return masses;
        };
        const std::vector<double> missing = onlyIn(exact, other);
        std::vector<double> instead = onlyIn(other, exact);
        HEADWATER_EXPECT(instead.size() <= missing.size(), "query block {}: {} blocks more than exact",
                         queryBlock, instead.size() - missing.size());
        instead.resize(missing.size(), 0.0);
        for (std::size_t i = 0; i < missing.size(); ++i) {
            const double difference = std::abs(missing[i] - instead[i]);
            ties.widest = std::max(ties.widest, difference);
            HEADWATER_EXPECT(difference < 1e-5, "query block {}: mass {} missing, {} kept instead",
                             queryBlock, missing[i], instead[i]);
        }
        ties.ties += missing.size();
    }
    ties.blocks += exact.keyBlock.size();
    return {};
}

} // namespace headwater::test
