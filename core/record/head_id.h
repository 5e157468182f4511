// SPDX-License-Identifier: Apache-2.0
#pragma once
namespace headwater {

/// A head of the model, by its layer and its number in it; ordered by layer, then by number.
struct HeadId {
    int layer = 0;
    int head = 0;
    bool operator==(const HeadId&) const = default;
    // Not <=>: Qt 6.4's moc does not read <compare>.
    bool operator<(const HeadId& other) const
    {
        return layer != other.layer ? layer < other.layer : head < other.head;
    }
};

} // namespace headwater
