// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/engine/loaded_model.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace headwater {

/// The model asked for last. It is loaded by a thread of its own, so that whoever waits for it can stop
/// waiting: loading itself cannot be interrupted, goes on, and its result is there for the next who asks.
/// Thread-safe.
class ModelSlot {
public:
    /// The model of that name, loaded if it is not the last one. Errors: those of loadModelAndTokenizer;
    /// Cancelled as soon as `stop` is requested.
    Result<LoadedModel> get(const std::string& name, std::stop_token stop);

private:
    struct Loading {
        std::string name;
        std::optional<Result<LoadedModel>> result;
    };
    void begin(const std::string& name);

    std::mutex m_mutex;
    std::condition_variable_any m_loaded;
    std::shared_ptr<Loading> m_loading; ///< under way, or the last one
    std::jthread m_loader; ///< last: its destructor joins while the rest is still there
};

} // namespace headwater
