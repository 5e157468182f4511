// SPDX-License-Identifier: Apache-2.0
// Norms and gates, against the same in double precision; and no element's bits depend on how many come with
// it.
#include "core/backend/cpu/dense_math.h"

#include <QTest>
#include <bit>
#include <cmath>
#include <random>
#include <vector>

using namespace headwater;

namespace {

std::vector<float> drawn(std::size_t count, float spread, std::uint32_t seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, spread);
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(random);
    return values;
}

double activated(Activation activation, double z)
{
    if (activation == Activation::Silu)
        return z / (1 + std::exp(-z));
    return z / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (z + 0.044715 * z * z * z)));
}

} // namespace

class TstDenseMath : public QObject {
    Q_OBJECT

private slots:
    void gatesAreActivated();
    void gatesStandAlone();
    void rowsAreNormed();
};

void TstDenseMath::gatesAreActivated()
{
    for (const Activation activation : {Activation::Silu, Activation::GeluTanh}) {
        std::vector<float> gate = drawn(1003, 6, 1);
        gate[5] = -200; // e^200 is beyond float32
        const std::vector<float> before = gate;
        const std::vector<float> up = drawn(gate.size(), 2, 2);
        activateGate(activation, gate.data(), up.data(), gate.size());
        for (std::size_t i = 0; i < gate.size(); ++i) {
            const double expected = activated(activation, double(before[i])) * double(up[i]);
            QVERIFY2(std::abs(double(gate[i]) - expected)
                         < 1e-6 * std::abs(double(before[i]) * double(up[i])) + 1e-9,
                     qPrintable(QString("%1 of %2").arg(i).arg(double(before[i]))));
        }
    }
}

void TstDenseMath::gatesStandAlone()
{
    const std::vector<float> before = drawn(67, 3, 3);
    const std::vector<float> up = drawn(67, 1, 4);
    std::vector<float> all = before;
    activateGate(Activation::Silu, all.data(), up.data(), all.size());
    for (std::size_t count = 1; count < before.size(); ++count) {
        std::vector<float> part = before;
        activateGate(Activation::Silu, part.data(), up.data(), count);
        for (std::size_t i = 0; i < part.size(); ++i)
            QCOMPARE(std::bit_cast<std::uint32_t>(part[i]),
                     std::bit_cast<std::uint32_t>(i < count ? all[i] : before[i]));
    }
}

void TstDenseMath::rowsAreNormed()
{
    for (const std::size_t width : {std::size_t{3}, std::size_t{16}, std::size_t{576}, std::size_t{601}}) {
        const std::vector<float> x = drawn(width, 5, 5);
        const std::vector<float> weight = drawn(width, 1, 6);
        double square = 0;
        for (const float value : x)
            square += double(value) * double(value);
        const double scale = 1 / std::sqrt(square / double(width) + 1e-5);
        std::vector<float> y = x;
        rmsNorm(y.data(), weight, 1e-5f, y.data()); // in place, as heads are
        for (std::size_t i = 0; i < width; ++i) {
            const double expected = double(x[i]) * scale * double(weight[i]);
            QVERIFY(std::abs(double(y[i]) - expected) <= 1e-6 * std::abs(expected) + 1e-12);
        }
    }
}

QTEST_APPLESS_MAIN(TstDenseMath)
#include "tst_dense_math.moc"
