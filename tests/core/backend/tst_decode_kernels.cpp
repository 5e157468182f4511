// SPDX-License-Identifier: Apache-2.0
// The products that decoding is made of, in every instruction set that this processor has, beside the same
// sums in double of the float32 weights that dequantizeRow gives (equal to gguf-py's: tst_dequantize).
#include "support/random_weights.h"

#include "core/backend/cpu/decode_kernels.h"

#include <QTest>
#include <cmath>
#include <limits>

using namespace headwater;

namespace {

constexpr double kUnit = 0x1p-24; // half of float32's epsilon

/// The most that a sum of `terms` products may be off, in units of the sum of their magnitudes: a lane adds
/// every 16th, or every 64th in four sums, and some joins follow. Without a fused multiply-add a product is
/// rounded too.
double bound(std::size_t terms)
{
    return kUnit * (double(terms) / 16 + 10);
}

struct Exact {
    double sum = 0;
    double magnitude = 0;

    void add(double a, double b)
    {
        sum += a * b;
        magnitude += std::abs(a * b);
    }
    bool isNear(float found, std::size_t terms) const
    {
        return std::abs(double(found) - sum) <= bound(terms) * magnitude + 1e-40;
    }
};

/// Elements as a cache keeps them.
template <class Element> std::vector<Element> kept(const std::vector<float>& floats)
{
    std::vector<Element> elements(floats.size());
    for (std::size_t i = 0; i < floats.size(); ++i)
        if constexpr (sizeof(Element) == 2)
            elements[i] = halfFromFloat(floats[i]);
        else
            elements[i] = floats[i];
    return elements;
}
float widened(std::uint16_t half)
{
    return floatFromHalf(half);
}
float widened(float value)
{
    return value;
}

} // namespace

class TstDecodeKernels : public QObject {
    Q_OBJECT

private slots:
    void widestIsFirst()
    {
        QVERIFY(!allDecodeKernels().empty());
        QCOMPARE(&decodeKernels(), allDecodeKernels().front());
        QCOMPARE(allDecodeKernels().back(), &baseline::kDecodeKernels); // runs everywhere
    }

    void product_isThatOfTheWidenedRow_data()
    {
        QTest::addColumn<int>("type");
        for (const WeightTypeTraits& traits : weightTypes())
            QTest::newRow(traits.name) << int(traits.type);
    }

    void product_isThatOfTheWidenedRow()
    {
        QFETCH(const int, type);
        const WeightTypeTraits& traits = traitsOf(static_cast<WeightType>(type));
        std::mt19937 random(7);
        // Whole blocks, an odd number of them; of types without blocks rows that end anywhere.
        const std::vector<std::size_t> lengths = traits.blockElements == 1
            ? std::vector<std::size_t>{1, 7, 16, 33, 64, 100, 576}
            : std::vector<std::size_t>{traits.blockElements, 3 * traits.blockElements, 2304};
        constexpr std::uint32_t kRows = 7; // four at once, and three
        for (const std::size_t cols : lengths) {
            const std::vector<std::byte> stored = test::randomBlocks(traits.type, kRows * cols, random);
            const WeightMatrix matrix{traits.type, kRows, static_cast<std::uint32_t>(cols), stored};
            const std::vector<float> x = test::randomFloats(cols, random);
            std::vector<float> weights(kRows * cols);
            dequantizeRows(matrix, 0, kRows, weights.data());
            for (const DecodeKernels* const kernels : allDecodeKernels()) {
                std::vector<float> y(kRows, std::numeric_limits<float>::quiet_NaN());
                kernels->products[std::size_t(type)](stored.data(), kRows, cols, x.data(), y.data());
                for (std::size_t row = 0; row < kRows; ++row) {
                    Exact exact;
                    for (std::size_t i = 0; i < cols; ++i)
                        exact.add(double(weights[row * cols + i]), double(x[i]));
                    QVERIFY2(exact.isNear(y[row], cols),
                             qPrintable(QStringLiteral("%1, %2 columns, row %3: %4, expected %5")
                                            .arg(kernels->name)
                                            .arg(cols)
                                            .arg(row)
                                            .arg(double(y[row]))
                                            .arg(exact.sum)));
                }
            }
        }
    }

    /// Every single weight is dequantizeRow's, bit for bit: a vector that is 1 at one place reads it.
    void weight_isDequantizedBitForBit_data() { product_isThatOfTheWidenedRow_data(); }
    void weight_isDequantizedBitForBit()
    {
        QFETCH(const int, type);
        const WeightTypeTraits& traits = traitsOf(static_cast<WeightType>(type));
        std::mt19937 random(8);
        const std::size_t cols = traits.blockElements == 1 ? 70 : std::size_t{2} * traits.blockElements;
        const std::vector<std::byte> stored = test::randomBlocks(traits.type, cols, random);
        std::vector<float> weights(cols);
        dequantizeRow({traits.type, 1, static_cast<std::uint32_t>(cols), stored}, 0, weights);
        for (const DecodeKernels* const kernels : allDecodeKernels())
            for (std::size_t i = 0; i < cols; ++i) {
                std::vector<float> x(cols);
                x[i] = 1;
                float y = 0;
                kernels->products[std::size_t(type)](stored.data(), 1, cols, x.data(), &y);
                QCOMPARE(y, weights[i]);
            }
    }

    /// A damaged weight must not look like a number.
    void halfThatIsNoNumber_staysNone()
    {
        const std::uint16_t half[] = {0x3C00, 0x7E00, 0x7C00};
        for (const DecodeKernels* const kernels : allDecodeKernels()) {
            const RowProduct product = kernels->products[std::size_t(WeightType::F16)];
            const float x = 2;
            float y[3];
            product(reinterpret_cast<const std::byte*>(half), 3, 1, &x, y);
            QCOMPARE(y[0], 2.0f);
            QVERIFY(std::isnan(y[1]));
            QVERIFY(std::isinf(y[2]));
        }
    }

    void sharedHeads_readKeysAndValues()
    {
        sharedHeads<float>(&DecodeKernels::scoresOfFloats, &DecodeKernels::sumsOfFloats);
        sharedHeads<std::uint16_t>(&DecodeKernels::scoresOfHalves, &DecodeKernels::sumsOfHalves);
    }

private:
    template <class Element, class Scores, class Sums> void sharedHeads(Scores scoresOf, Sums sumsOf)
    {
        std::mt19937 random(9);
        for (const std::size_t dim : {std::size_t{4}, std::size_t{20}, std::size_t{64}, std::size_t{80}})
            for (const std::size_t heads : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4},
                                            std::size_t{6}, std::size_t{9}})
                for (const std::size_t count : {std::size_t{1}, std::size_t{4}, std::size_t{35}}) {
                    const std::size_t stride = 2 * dim + 3; // of more KV heads than this one
                    const std::size_t line = count + 2;
                    const auto rows = kept<Element>(test::randomFloats(count * stride, random));
                    const auto queries = test::randomFloats(heads * dim, random);
                    const auto p = test::randomFloats(heads * line, random);
                    const auto before = test::randomFloats(heads * dim, random);
                    for (const DecodeKernels* const kernels : allDecodeKernels()) {
                        const SharedHeads shared{heads, dim, stride};
                        std::vector<float> scores(heads * line, 42.0f);
                        (kernels->*scoresOf)(shared, queries.data(), rows.data(), count, scores.data(), line);
                        std::vector<float> out = before;
                        (kernels->*sumsOf)(shared, p.data(), line, rows.data(), count, out.data());
                        for (std::size_t head = 0; head < heads; ++head) {
                            for (std::size_t key = 0; key < line; ++key) {
                                Exact exact;
                                for (std::size_t i = 0; i < dim && key < count; ++i)
                                    exact.add(double(queries[head * dim + i]),
                                              double(widened(rows[key * stride + i])));
                                const float found = scores[head * line + key];
                                QVERIFY(key < count ? exact.isNear(found, dim) : found == 42.0f);
                            }
                            for (std::size_t i = 0; i < dim; ++i) {
                                Exact exact;
                                exact.add(double(before[head * dim + i]), 1);
                                for (std::size_t key = 0; key < count; ++key)
                                    exact.add(double(p[head * line + key]),
                                              double(widened(rows[key * stride + i])));
                                QVERIFY(exact.isNear(out[head * dim + i], 16 * (count + 1)));
                            }
                        }
                    }
                }
    }
};

QTEST_APPLESS_MAIN(TstDecodeKernels)
#include "tst_decode_kernels.moc"
