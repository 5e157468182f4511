// SPDX-License-Identifier: Apache-2.0
#pragma once
namespace headwater {

/// A head of the model, by its layer and its number in it.
struct HeadId {
    int layer = 0;
    int head = 0;
    bool operator==(const HeadId&) const = default;
};

} // namespace headwater
