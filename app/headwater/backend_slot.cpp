// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/backend_slot.h"

namespace headwater {

Result<std::shared_ptr<Backend>> BackendSlot::get(const LoadedModel& loaded, std::size_t threads)
{
    const bool fits =
        m_backend && m_threads == threads && (m_model == loaded.model || m_backend.use_count() == 1);
    if (!fits || m_model != loaded.model)
        dropCache();
    if (!fits) {
        m_backend.reset();
        HEADWATER_TRY_ASSIGN(m_backend, openBackend({.threads = threads}));
        m_threads = threads;
    }
    m_model = loaded.model;
    return m_backend;
}

CachedPass& BackendSlot::pass()
{
    if (!m_pass)
        m_pass = std::make_unique<CachedPass>(*m_backend, m_model);
    return *m_pass;
}

void BackendSlot::settle()
{
    const std::uint64_t cacheBytes = m_pass ? m_pass->heldBytes() : 0;
    const std::uint64_t bytes = m_backend && m_model ? m_backend->plan(*m_model, {}).residentBytes : 0;
    const std::lock_guard lock(m_mutex);
    m_residentBytes = bytes;
    m_cacheBytes = cacheBytes;
    m_residentHeader = m_model ? m_model->identity.headerSha256 : std::string();
    m_isHeld = m_backend.use_count() > 1;
}

std::uint64_t BackendSlot::residentBytesFor(const Model& model) const
{
    const std::lock_guard lock(m_mutex);
    const bool isFree = m_residentHeader == model.identity.headerSha256 || !m_isHeld;
    return m_cacheBytes + (isFree ? m_residentBytes : 0);
}

} // namespace headwater
