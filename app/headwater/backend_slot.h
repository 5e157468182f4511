// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/open_backend.h"
#include "core/engine/loaded_model.h"
#include "core/forward/cached_pass.h"

#include <memory>
#include <mutex>
#include <string>

namespace headwater {

/// The backend that worked last, with its model's weights ready for the next request of the same model, and
/// the keys and values that its last `generate` left, for a prompt that begins alike.
/// Whoever holds a returned pointer (a session) keeps it with its weights; another model then gets a backend
/// of its own. Threads: the engine's thread; residentBytesFor() any.
class BackendSlot {
public:
    /// Errors: those of openBackend.
    Result<std::shared_ptr<Backend>> get(const LoadedModel& loaded, std::size_t threads);

    /// The pass of the backend and model that get() has just returned, with what an earlier generation of the
    /// same left in it.
    CachedPass& pass();
    /// Frees what generations left: to be called by what takes memory and does not generate.
    void dropCache() { m_pass.reset(); }

    /// Weights that a run of this model uses again, or that are freed first (0 where a session holds those of
    /// another), and the cache that generations left. Any thread.
    std::uint64_t residentBytesFor(const Model& model) const;
    /// To be called when a request is done with the backend.
    void settle();

private:
    std::shared_ptr<Backend> m_backend;
    std::shared_ptr<const Model> m_model; ///< whose weights it has, or will have
    std::unique_ptr<CachedPass> m_pass; ///< of the two; after them, so that it goes first
    std::size_t m_threads = 0;
    mutable std::mutex m_mutex; ///< guards what follows
    std::uint64_t m_residentBytes = 0; ///< of weights
    std::uint64_t m_cacheBytes = 0;
    std::string m_residentHeader; ///< whose they are
    bool m_isHeld = false; ///< by a session
};

} // namespace headwater
