// SPDX-License-Identifier: Apache-2.0
#include "core/base/hash.h"
#include "core/model/weights_hash.h"

#include <QTest>
#include <random>
#include <vector>

using namespace headwater;

namespace {

std::vector<std::byte> randomBytes(std::size_t count)
{
    std::vector<std::byte> bytes(count);
    std::mt19937_64 random(count);
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>(random());
    return bytes;
}

std::string hashOf(std::span<const std::byte> bytes)
{
    return weightsSha256(std::vector{bytes});
}

} // namespace

class TestWeightsHash : public QObject {
    Q_OBJECT
private slots:
    void littleIsHashedWhole()
    {
        const auto bytes = randomBytes(100'000);
        QCOMPARE(hashOf(bytes), sha256(bytes));
        QCOMPARE(weightsSha256({}), sha256({}));
    }

    void partsAreOne()
    {
        const auto bytes = randomBytes(std::size_t{65} << 20);
        const std::span<const std::byte> all(bytes);
        const std::vector parts = {all.first(3), all.subspan(3, 20 << 20), all.subspan(3 + (20 << 20), 0),
                                   all.subspan(3 + (20 << 20))};
        QCOMPARE(weightsSha256(parts), hashOf(bytes));
    }

    /// Other weights of the same shape, and one run of changed bytes as long as two pieces' distance.
    void otherBytes_giveAnotherHash()
    {
        auto bytes = randomBytes(std::size_t{200} << 20);
        const std::string own = hashOf(bytes);
        QVERIFY(own != sha256(bytes));
        const std::size_t stride = bytes.size() / 1024;
        for (const std::size_t begin : {std::size_t{0}, bytes.size() / 3, bytes.size() - 2 * stride}) {
            for (std::size_t i = begin; i < begin + 2 * stride; ++i)
                bytes[i] ^= std::byte{1};
            QVERIFY(hashOf(bytes) != own);
            for (std::size_t i = begin; i < begin + 2 * stride; ++i)
                bytes[i] ^= std::byte{1};
        }
        QCOMPARE(hashOf(bytes), own);
    }
};

QTEST_APPLESS_MAIN(TestWeightsHash)
#include "tst_weights_hash.moc"
