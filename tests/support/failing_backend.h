// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"

#include <functional>
#include <set>
#include <string>
#include <utility>

namespace headwater::test {

/// Passes every operation on to another backend, except one call of one operation, which fails or before
/// which something happens. Remembers in which modes rows went through its layers, and the operation begun
/// last.
class FailingBackend final : public Backend {
public:
    explicit FailingBackend(Backend& backend)
        : m_backend(backend)
    {
    }

    /// The operation's call number `call` from now on, counted from 0, becomes an error.
    void failOnce(std::string operation, int call) { beforeOnce(std::move(operation), call, {}); }
    bool hasFailed() const { return m_call < 0; }

    /// Before that call `act` is done; then it goes on.
    void beforeOnce(std::string operation, int call, std::function<void()> act)
    {
        m_operation = std::move(operation);
        m_call = call;
        m_act = std::move(act);
    }
    const std::string& lastOperation() const { return m_last; }

    /// Since the last time it was asked.
    std::set<RowMode> takeModes() { return std::exchange(m_modes, {}); }

    std::string name() const override { return m_backend.name(); }
    std::string description() const override { return m_backend.description(); }
    Plan plan(const Model& model, const PlanRequest& request) const override
    {
        return m_backend.plan(model, request);
    }
    double seconds(const Model& model, const DeviceWork& work) const override
    {
        return m_backend.seconds(model, work);
    }
    Result<void> uploadWeights(std::shared_ptr<const Model> model, WeightForm form = WeightForm::Float32,
                               std::stop_token stop = {}) override
    {
        return m_backend.uploadWeights(std::move(model), form, std::move(stop));
    }
    Result<DeviceTensor> allocate(std::size_t rows, std::size_t cols, ElementType type) override
    {
        HEADWATER_TRY(pass("allocate"));
        return m_backend.allocate(rows, cols, type);
    }
    Result<DeviceTensor> allocateIn(ScratchFile& scratch, std::size_t rows, std::size_t cols,
                                    ElementType type) override
    {
        HEADWATER_TRY(pass("allocateIn"));
        return m_backend.allocateIn(scratch, rows, cols, type);
    }
    Result<void> embed(std::span<const std::int32_t> ids, RowRange rows, DeviceTensor& residual) override
    {
        HEADWATER_TRY(pass("embed"));
        m_modes.insert(rows.mode);
        return m_backend.embed(ids, rows, residual);
    }
    Result<void> projectKeysValues(int layer, const DeviceTensor& residual, RowRange rows, DeviceTensor& keys,
                                   DeviceTensor& values, std::stop_token stop) override
    {
        HEADWATER_TRY(pass("projectKeysValues"));
        m_modes.insert(rows.mode);
        return m_backend.projectKeysValues(layer, residual, rows, keys, values, std::move(stop));
    }
    Result<void> projectQueries(int layer, const DeviceTensor& residual, RowRange rows, HeadRange heads,
                                DeviceTensor& queries, std::stop_token stop) override
    {
        HEADWATER_TRY(pass("projectQueries"));
        m_modes.insert(rows.mode);
        return m_backend.projectQueries(layer, residual, rows, heads, queries, std::move(stop));
    }
    Result<void> rowProbabilities(const RowsRequest& request, const DeviceTensor& queries,
                                  const DeviceTensor& keys, std::span<float> p, std::span<float> lse,
                                  std::stop_token stop) override
    {
        HEADWATER_TRY(pass("rowProbabilities"));
        return m_backend.rowProbabilities(request, queries, keys, p, lse, std::move(stop));
    }
    Result<std::shared_ptr<KeyIndex>> indexKeys(int layer, const DeviceTensor& keys, std::uint32_t numKeys,
                                                const SelectParams& select, std::stop_token stop) override
    {
        HEADWATER_TRY(pass("indexKeys"));
        return m_backend.indexKeys(layer, keys, numKeys, select, std::move(stop));
    }
    Result<std::shared_ptr<KeyIndex>> extendIndex(const KeyIndex& index, int layer, const DeviceTensor& keys,
                                                  std::uint32_t numKeys) override
    {
        HEADWATER_TRY(pass("extendIndex"));
        return m_backend.extendIndex(index, layer, keys, numKeys);
    }
    Result<void> attend(const AttentionRequest& request, const DeviceTensor& queries,
                        const DeviceTensor& keys, const DeviceTensor& values, const KeyIndex* index,
                        DeviceTensor& attended, std::span<HeadObservation> observations,
                        std::stop_token stop) override
    {
        HEADWATER_TRY(pass("attend"));
        return m_backend.attend(request, queries, keys, values, index, attended, observations,
                                std::move(stop));
    }
    Result<void> probe(int layer, const DeviceTensor& keys, std::span<HeadObservation> observations,
                       std::stop_token stop) override
    {
        HEADWATER_TRY(pass("probe"));
        return m_backend.probe(layer, keys, observations, std::move(stop));
    }
    Result<void> projectOutput(int layer, const DeviceTensor& attended, RowRange rows, DeviceTensor& residual,
                               std::stop_token stop) override
    {
        HEADWATER_TRY(pass("projectOutput"));
        m_modes.insert(rows.mode);
        return m_backend.projectOutput(layer, attended, rows, residual, std::move(stop));
    }
    Result<void> feedForward(int layer, RowRange rows, DeviceTensor& residual, std::stop_token stop) override
    {
        HEADWATER_TRY(pass("feedForward"));
        m_modes.insert(rows.mode);
        return m_backend.feedForward(layer, rows, residual, std::move(stop));
    }
    Result<void> endLayer(int layer, std::span<const std::int32_t> ids, RowRange rows, DeviceTensor& residual,
                          std::stop_token stop) override
    {
        HEADWATER_TRY(pass("endLayer"));
        m_modes.insert(rows.mode);
        return m_backend.endLayer(layer, ids, rows, residual, std::move(stop));
    }
    void releaseWeights(int layer) override { m_backend.releaseWeights(layer); }
    Result<void> logits(const DeviceTensor& residual, std::uint32_t origin, RowMode mode,
                        std::span<const std::uint32_t> rows, std::span<float> out) override
    {
        HEADWATER_TRY(pass("logits"));
        m_modes.insert(mode);
        return m_backend.logits(residual, origin, mode, rows, out);
    }
    Result<void> predict(const DeviceTensor& residual, RowRange rows, std::span<const std::int32_t> following,
                         std::span<RowPrediction> out, std::stop_token stop) override
    {
        HEADWATER_TRY(pass("predict"));
        return m_backend.predict(residual, rows, following, out, std::move(stop));
    }
    Result<void> copyRows(const DeviceTensor& from, std::size_t fromRow, std::size_t count, DeviceTensor& to,
                          std::size_t toRow) override
    {
        HEADWATER_TRY(pass("copyRows"));
        return m_backend.copyRows(from, fromRow, count, to, toRow);
    }
    Result<void> download(const DeviceTensor& from, std::size_t fromRow, std::size_t count,
                          std::span<float> out) override
    {
        HEADWATER_TRY(pass("download"));
        return m_backend.download(from, fromRow, count, out);
    }

private:
    Result<void> pass(const char* operation)
    {
        m_last = operation;
        if (operation != m_operation || m_call < 0 || m_call-- > 0)
            return {};
        if (!m_act)
            return Error{ErrorCode::OutOfMemory, "injected", operation};
        m_act();
        return {};
    }

    Backend& m_backend;
    std::string m_operation;
    int m_call = 0;
    std::function<void()> m_act;
    std::string m_last;
    std::set<RowMode> m_modes;
};

} // namespace headwater::test
