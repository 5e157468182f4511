// SPDX-License-Identifier: Apache-2.0
// The products that decoding is made of, in every instruction set that this processor has, beside the same
// sums in double of the float32 weights that dequantizeRow gives (equal to gguf-py's: tst_dequantize).
#include "support/random_weights.h"

#include "core/backend/cpu/decode_kernels.h"

#include <QTest>
#include <algorithm>
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
    bool isNear(float found, std::size_t terms, double besides = 0) const
    {
        return std::abs(double(found) - sum) <= bound(terms) * magnitude + besides + 1e-40;
    }
};

/// What a row's digits may take from a product: of every block half a unit, at most 2^-23 of its largest
/// element, at each weight.
double digitsBound(const std::vector<float>& x, const float* weights)
{
    double most = 0;
    for (std::size_t block = 0; block < x.size(); block += Digits::kBlock) {
        double largest = 0;
        double magnitude = 0;
        for (std::size_t i = block; i < std::min(block + Digits::kBlock, x.size()); ++i) {
            largest = std::max(largest, std::abs(double(x[i])));
            magnitude += std::abs(double(weights[i]));
        }
        most += std::max(largest * 0x1p-23, 0x1p-127) * magnitude;
    }
    return most;
}

/// The products of all rows in one instruction set.
std::vector<float> products(const DecodeKernels& kernels, const WeightMatrix& matrix,
                            const std::vector<float>& x)
{
    std::vector<float> y(matrix.rows, std::numeric_limits<float>::quiet_NaN());
    Digits digits;
    if (readsDigits(matrix.type))
        kernels.makeDigits(x.data(), x.size(), digits);
    kernels.products[std::size_t(matrix.type)](matrix.data.data(), matrix.rows, matrix.cols,
                                               {x.data(), &digits}, y.data());
    return y;
}

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
            const std::vector<float> even = test::randomFloats(cols, random);
            std::vector<float> outlier = even; // as hidden states have them
            outlier[cols / 2] *= 1e4f;
            std::vector<float> tiny = even;
            for (float& element : tiny)
                element *= 0x1p-130f;
            std::vector<float> weights(kRows * cols);
            dequantizeRows(matrix, 0, kRows, weights.data());
            for (const std::vector<float>& x : {even, outlier, tiny, std::vector<float>(cols)})
                for (const DecodeKernels* const kernels : allDecodeKernels()) {
                    const std::vector<float> y = products(*kernels, matrix, x);
                    for (std::size_t row = 0; row < kRows; ++row) {
                        const float* const of = weights.data() + row * cols;
                        Exact exact;
                        for (std::size_t i = 0; i < cols; ++i)
                            exact.add(double(of[i]), double(x[i]));
                        QVERIFY2(
                            exact.isNear(y[row], cols, readsDigits(matrix.type) ? digitsBound(x, of) : 0),
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

    /// A row that holds no number gives none, wherever that stands.
    void rowThatIsNoNumber_staysNone_data() { product_isThatOfTheWidenedRow_data(); }
    void rowThatIsNoNumber_staysNone()
    {
        QFETCH(const int, type);
        const WeightTypeTraits& traits = traitsOf(static_cast<WeightType>(type));
        std::mt19937 random(10);
        const std::uint32_t cols = 3 * std::max<std::uint32_t>(32, traits.blockElements);
        const std::vector<std::byte> stored = test::randomBlocks(traits.type, cols, random);
        for (const float none :
             {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
            for (const std::uint32_t at : {0U, 17U, cols - 1}) {
                std::vector<float> x = test::randomFloats(cols, random);
                x[at] = none;
                for (const DecodeKernels* const kernels : allDecodeKernels())
                    QVERIFY(!std::isfinite(products(*kernels, {traits.type, 1, cols, stored}, x).front()));
            }
    }

    /// Three digits hold an element to half a unit, and a unit is at most 2^-22 of the largest.
    void digits_areTheRow()
    {
        std::mt19937 random(11);
        for (const float scale : {1.0f, 0x1.fffffep0f, 0x1p100f, 0x1p-120f})
            for (const std::size_t cols : {std::size_t{32}, std::size_t{64}, std::size_t{160}}) {
                std::vector<float> x = test::randomFloats(cols, random);
                for (float& element : x)
                    element *= scale;
                x[cols - 1] = scale;
                x[cols - 2] = -scale;
                for (const DecodeKernels* const kernels : allDecodeKernels()) {
                    Digits digits;
                    kernels->makeDigits(x.data(), cols, digits);
                    QCOMPARE(digits.steps.size(), (cols + 63) / 64);
                    for (std::size_t i = 0; i < cols; ++i) {
                        const Digits::Step& step = digits.steps[i / 64];
                        const double unit = double(digits.units[i / 32]);
                        const auto first = x.begin() + std::ptrdiff_t(i / 32 * 32);
                        const double largest = std::abs(double(*std::max_element(
                            first, first + 32, [](float a, float b) { return std::abs(a) < std::abs(b); })));
                        QVERIFY(unit <= std::max(largest * 0x1p-22, 0x1p-126));
                        const double whole =
                            65536.0 * step.high[i % 64] + 256.0 * step.middle[i % 64] + step.low[i % 64];
                        QVERIFY(std::abs(unit * whole - double(x[i])) <= unit / 2);
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
                const WeightMatrix row{traits.type, 1, static_cast<std::uint32_t>(cols), stored};
                QCOMPARE(products(*kernels, row, x).front(), weights[i]);
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
            product(reinterpret_cast<const std::byte*>(half), 3, 1, {&x, nullptr}, y);
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
