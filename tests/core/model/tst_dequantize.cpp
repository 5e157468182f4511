// SPDX-License-Identifier: Apache-2.0
#include "core/base/npy.h"
#include "core/model/dequantize.h"
#include "core/model/gguf/ggml_types.h"

#include <QTest>
#include <cstring>
#include <fmt/format.h>
#include <vector>

using namespace headwater;

class TestDequantize : public QObject {
    Q_OBJECT
private slots:
    void rows_equalGgufPy_data()
    {
        QTest::addColumn<int>("type");
        for (const WeightTypeTraits& traits : weightTypes())
            QTest::newRow(traits.name) << static_cast<int>(traits.type);
    }

    /// Reference: gguf-py 0.19.0, python/reference/make_dequantized.py. Bit for bit.
    void rows_equalGgufPy()
    {
        QFETCH(const int, type);
        const WeightTypeTraits& traits = traitsOf(static_cast<WeightType>(type));
        QCOMPARE(static_cast<int>(traits.type), type);
        const std::string base = fmt::format("{}/tests/data/reference/dequantized-{}", HEADWATER_SOURCE_DIR,
                                             QString(traits.name).toLower().toStdString());
        const auto stored = readNpy(base + ".stored.npy");
        const auto values = readNpy(base + ".values.npy");
        QVERIFY(stored.has_value() && values.has_value());
        const auto rows = static_cast<std::uint32_t>(values->shape.at(0));
        const auto cols = static_cast<std::uint32_t>(values->shape.at(1));
        QCOMPARE(stored->data.size(), storedBytes(traits.type, std::uint64_t{rows} * cols));
        const WeightMatrix matrix{traits.type, rows, cols, std::as_bytes(std::span(stored->data))};
        std::vector<float> out(cols);
        for (std::uint32_t row = 0; row < rows; ++row) {
            dequantizeRow(matrix, row, out);
            const char* const expected = values->data.data() + row * cols * sizeof(float);
            QVERIFY2(std::memcmp(out.data(), expected, cols * sizeof(float)) == 0,
                     std::to_string(row).c_str());
        }
    }

    /// Rows of a matrix in a wider one's memory: nothing is read or written beyond a row.
    void rows_stayInTheirPlace_data() { rows_equalGgufPy_data(); }
    void rows_stayInTheirPlace()
    {
        QFETCH(const int, type);
        const WeightTypeTraits& traits = traitsOf(static_cast<WeightType>(type));
        const std::uint32_t cols = 3 * traits.blockElements;
        const std::vector<std::byte> stored(storedBytes(traits.type, 2 * cols), std::byte{0x11});
        const WeightMatrix matrix{traits.type, 2, cols, stored};
        std::vector<float> out(cols + 2, -7.5f);
        dequantizeRow(matrix, 1, std::span(out).subspan(1, cols));
        QCOMPARE(out.front(), -7.5f);
        QCOMPARE(out.back(), -7.5f);
        QVERIFY(out[1] != -7.5f && out[cols] != -7.5f);
    }

    void sizes_areThoseOfTheFileFormat()
    {
        for (const WeightTypeTraits& traits : weightTypes()) {
            const GgmlType* type = ggmlType(traits.ggmlId);
            QVERIFY(type);
            QCOMPARE(std::string(type->name), std::string(traits.name));
            QCOMPARE(type->blockElements, traits.blockElements);
            QCOMPARE(type->blockBytes, traits.blockBytes);
        }
        QCOMPARE(storedBytes(WeightType::Q4_1, 64), std::uint64_t{40});
    }
};

QTEST_APPLESS_MAIN(TestDequantize)
#include "tst_dequantize.moc"
