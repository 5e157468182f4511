// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/model/gguf/gguf_reader.h"
#include "core/model/weights.h"

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace headwater {

/// Hands out a file's tensors by name, each with the shape its place in the model demands, and knows at the
/// end which ones nobody asked for: a tensor that is ignored would be a model computed wrongly. Errors:
/// BadFormat (missing, other shape), Unsupported (a type that weightTypes() lacks).
class GgufWeights {
public:
    explicit GgufWeights(const GgufFile& file)
        : m_file(file)
    {
    }

    bool has(std::string_view name) const { return m_file.findTensor(name) != nullptr; }
    /// Shape: [rows, cols]; the file spells it cols, rows.
    Result<WeightMatrix> matrix(const std::string& name, std::uint64_t rows, std::uint64_t cols);
    /// Shape: [size]; F32 where it lies, anything else that weightTypes() has widened into widened().
    Result<std::span<const float>> vector(const std::string& name, std::uint64_t size);
    /// That there is such a vector; takes it without a look at its elements.
    Result<void> check(const std::string& name, std::uint64_t size);
    std::shared_ptr<const void> widened() const { return m_widened; }
    /// Takes a tensor, where it is there, for nothing.
    void leave(const std::string& name)
    {
        if (const GgufTensor* const tensor = m_file.findTensor(name))
            m_taken.insert(tensor);
    }
    /// Fails for the first tensor that has not been taken. Call last.
    Result<void> checkAllTaken(const std::string& architecture) const;

    /// Fails for the first tensor whose type is not read.
    Result<void> checkTypes() const;

    const GgufFile& file() const { return m_file; }

private:
    Result<WeightType> typeOf(const GgufTensor& tensor) const;
    Result<const GgufTensor*> take(const std::string& name, std::span<const std::uint64_t> dimensions);
    Error fail(const GgufTensor& tensor, const std::string& found, const std::string& expected,
               ErrorCode code) const;

    const GgufFile& m_file;
    std::unordered_set<const GgufTensor*> m_taken;
    std::shared_ptr<std::deque<std::vector<float>>> m_widened =
        std::make_shared<std::deque<std::vector<float>>>();
};

} // namespace headwater
