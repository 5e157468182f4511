// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/open_backend.h"
#include "core/engine/loaded_model.h"

#include <memory>
#include <mutex>
#include <string>

namespace headwater {

/// The backend that worked last, with its model's weights ready for the next request of the same model.
/// Whoever holds a returned pointer (a session) keeps it with its weights; another model then gets a backend
/// of its own. Threads: the engine's thread; residentBytesFor() any.
class BackendSlot {
public:
    /// Errors: those of openBackend.
    Result<std::shared_ptr<Backend>> get(const LoadedModel& loaded, std::size_t threads);

    /// Weights that a run of this model uses again, or that are freed first; 0 where a session holds those of
    /// another. Any thread.
    std::uint64_t residentBytesFor(const Model& model) const;
    /// To be called when a request is done with the backend.
    void settle();

private:
    std::shared_ptr<Backend> m_backend;
    std::shared_ptr<const Model> m_model; ///< whose weights it has, or will have
    std::size_t m_threads = 0;
    mutable std::mutex m_mutex; ///< guards what follows
    std::uint64_t m_residentBytes = 0;
    std::string m_residentHeader; ///< whose they are
    bool m_isHeld = false; ///< by a session
};

} // namespace headwater
