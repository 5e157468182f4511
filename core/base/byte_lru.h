// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace headwater {

/// Least recently used values with their sizes in bytes. Evicts only when asked, so that the owner says what
/// must stay. Threads: none; the owner locks.
template <class Key, class Value, class Hash = std::hash<Key>> class ByteLru {
public:
    /// The value, marked as used; null when absent. Cost: O(1).
    Value* find(const Key& key)
    {
        const auto it = m_index.find(key);
        if (it == m_index.end())
            return nullptr;
        m_entries.splice(m_entries.begin(), m_entries, it->second);
        return &it->second->value;
    }

    /// The value without marking it as used.
    const Value* peek(const Key& key) const
    {
        const auto it = m_index.find(key);
        return it == m_index.end() ? nullptr : &it->second->value;
    }

    /// Inserts or replaces, as the most recently used.
    void insert(const Key& key, Value value, std::size_t bytes)
    {
        erase(key);
        m_entries.push_front({key, std::move(value), bytes});
        m_index.emplace(key, m_entries.begin());
        m_bytes += bytes;
    }

    void erase(const Key& key)
    {
        const auto it = m_index.find(key);
        if (it == m_index.end())
            return;
        m_bytes -= it->second->bytes;
        m_entries.erase(it->second);
        m_index.erase(it);
    }

    /// Drops the longest unused values that `mayGo` allows until at most `budget` bytes are left.
    template <class MayGo> void evict(std::size_t budget, MayGo mayGo)
    {
        for (auto it = m_entries.end(); it != m_entries.begin() && m_bytes > budget;) {
            --it;
            if (!mayGo(it->key))
                continue;
            m_bytes -= it->bytes;
            m_index.erase(it->key);
            it = m_entries.erase(it);
        }
    }

    template <class Visit> void forEach(Visit visit)
    {
        for (auto& entry : m_entries)
            visit(entry.key, entry.value);
    }

    std::size_t bytes() const { return m_bytes; }
    std::size_t size() const { return m_index.size(); }

private:
    struct Entry {
        Key key;
        Value value;
        std::size_t bytes;
    };
    std::list<Entry> m_entries; ///< most recently used first
    std::unordered_map<Key, typename std::list<Entry>::iterator, Hash> m_index;
    std::size_t m_bytes = 0;
};

} // namespace headwater
