// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/npy.h"

#include <QTest>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

namespace headwater::test {

inline std::filesystem::path sourcePath(const std::string& relative)
{
    return std::filesystem::path(HEADWATER_SOURCE_DIR) / relative;
}

/// The values of a reference array; fails the test (and returns nothing) when it is not there.
template <class Value> std::vector<Value> referenceValues(const std::string& name, const char* descr)
{
    const Result<NpyArray> array = readNpy(sourcePath("tests/data/reference/" + name));
    if (!array) {
        QTest::qFail(array.error().text().c_str(), __FILE__, __LINE__);
        return {};
    }
    if (array->descr != descr) {
        QTest::qFail((name + " holds " + array->descr).c_str(), __FILE__, __LINE__);
        return {};
    }
    std::vector<Value> values(array->data.size() / sizeof(Value));
    std::memcpy(values.data(), array->data.data(), values.size() * sizeof(Value));
    return values;
}

} // namespace headwater::test
