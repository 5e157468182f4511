// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/backend_slot.h"

namespace headwater {

Result<std::shared_ptr<Backend>> BackendSlot::get(const LoadedModel& loaded, std::size_t threads)
{
    const bool fits =
        m_backend && m_threads == threads && (m_model == loaded.model || m_backend.use_count() == 1);
    if (!fits) {
        m_backend.reset();
        HEADWATER_TRY_ASSIGN(m_backend, openBackend({.threads = threads}));
        m_threads = threads;
    }
    m_model = loaded.model;
    return m_backend;
}

void BackendSlot::settle()
{
    m_residentBytes = m_backend && m_model ? m_backend->plan(*m_model, {}).residentBytes : 0;
}

} // namespace headwater
