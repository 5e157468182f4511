// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/forward/key_cache.h"
#include "core/forward/lent_keys.h"
#include "core/parallel/progress.h"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace headwater {

/// Dense forwards of one prompt after the other, of which nothing is recorded. Every row, prefilled or
/// decoded, reads keys and values as the cache holds them (binary16). So a prompt that begins like the one
/// before need not be forwarded there again: the whole tiles of 256 rows that the earlier prefill made are
/// taken as they are, and every number after them is the same to the bit. What was decoded is no prefill's
/// and is forwarded as part of the next prompt. Memory: the cache, and while a prompt is forwarded what
/// ForwardPass takes. Threads: not thread-safe.
class CachedPass {
public:
    CachedPass(Backend& backend, std::shared_ptr<const Model> model);

    /// Forwards the prompt and keeps room for `newTokens`. chunkRows: a multiple of kTileRows; it does not
    /// change the numbers. Value: the tokens that were not forwarded again. Progress: phase "prefill", in
    /// rows of layers. A stop is heard within one operation on a chunk. Errors: InvalidArgument (empty
    /// prompt, token id outside the vocabulary), BadFormat (hidden states that are not finite, keys that
    /// binary16 does not hold), Cancelled: of the cache then stays what was reused.
    Result<std::uint32_t> prefill(std::span<const std::int32_t> ids, std::uint32_t chunkRows,
                                  std::uint32_t newTokens, const ProgressSink& progress = {},
                                  std::stop_token stop = {});

    /// Those that follow the last row, prefilled or decoded. Shape: [vocab]. Errors: Internal (nothing was
    /// forwarded), those of LayerPass::logits.
    Result<std::vector<float>> logits();

    /// Appends one token and gives the logits after it. Errors: those of decodeToken and LayerPass::logits.
    Result<std::vector<float>> decode(std::int32_t id, std::stop_token stop = {});

    /// What a next prompt could begin with.
    const std::vector<std::int32_t>& prompt() const { return m_prompt; }
    /// Bytes held between two prompts; the next one takes or frees them.
    std::uint64_t heldBytes() const;

private:
    std::uint32_t reusable(std::span<const std::int32_t> ids) const;
    /// A cache of exactly that capacity which begins with `kept` rows of this one.
    Result<void> resize(std::size_t capacity, std::uint32_t kept);
    Result<void> prefillLayer(int layer, Advance& rest, std::uint32_t chunkRows,
                              const std::function<void(std::uint32_t)>& rowsDone, LentKeys& lent,
                              std::stop_token stop);

    Backend& m_backend;
    std::shared_ptr<const Model> m_model;
    LayerPass m_layers;
    KeyCache m_cache;
    std::vector<std::int32_t> m_prompt; ///< whose rows in the cache are a prefill's
    DeviceTensor m_residual; ///< rows from m_origin on
    RowMode m_mode = RowMode::Prefill; ///< of those rows
    std::uint32_t m_origin = 0;
};

} // namespace headwater
