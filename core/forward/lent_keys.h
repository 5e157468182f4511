// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/forward/layer_pass.h"

#include <map>

namespace headwater {

/// Keys and values of layers from which later ones borrow (LayerConfig::keysOf), held while rows go through
/// the layers.
class LentKeys {
public:
    explicit LentKeys(const ModelConfig& config)
        : m_config(config)
    {
    }

    /// What a layer reads in place of its own; null: it has its own. The lender has been forwarded.
    const KeysValues* borrowedBy(int layer) const
    {
        const int lender = m_config.layers[static_cast<std::size_t>(layer)].keysOf;
        return lender < 0 ? nullptr : &m_lent.at(lender);
    }

    /// Holds what a layer made, if another borrows it.
    void lend(int layer, const KeysValues& made)
    {
        for (const LayerConfig& borrower : m_config.layers)
            if (borrower.keysOf == layer)
                m_lent.insert_or_assign(layer, made);
    }

private:
    const ModelConfig& m_config;
    std::map<int, KeysValues> m_lent;
};

} // namespace headwater
