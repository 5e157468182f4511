// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/model_slot.h"

#include "app/headwater/caught_error.h"

namespace headwater {
namespace {

/// No exception may leave the loading thread.
Result<LoadedModel> load(const std::string& name)
{
    try {
        return loadModelAndTokenizer(name);
    } catch (...) {
        return caughtError(name);
    }
}

} // namespace

Result<LoadedModel> ModelSlot::get(const std::string& name, std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        const bool wanted = m_loading && m_loading->name == name;
        const bool ended = m_loading && m_loading->result;
        if (wanted && ended && *m_loading->result) {
            LoadedModel again = **m_loading->result;
            again.seconds = 0; // it is there: this run does not pay for loading
            return again;
        }
        if (!m_loading || ended) // another model, or one that failed: the file may have changed since
            begin(name);
        const std::shared_ptr<Loading> awaited = m_loading;
        if (!m_loaded.wait(lock, stop, [&] { return awaited->result.has_value(); }))
            return Error{ErrorCode::Cancelled, "stopped while a model was loaded", name};
        if (awaited->name == name)
            return *awaited->result;
    }
}

void ModelSlot::begin(const std::string& name)
{
    const auto loading = std::make_shared<Loading>(Loading{name, std::nullopt});
    m_loader = std::jthread([this, loading] {
        Result<LoadedModel> result = load(loading->name);
        {
            const std::lock_guard lock(m_mutex);
            loading->result = std::move(result);
        }
        m_loaded.notify_all();
    });
    m_loading = loading; // once there is a thread: where none starts, nobody waits for it
}

} // namespace headwater
