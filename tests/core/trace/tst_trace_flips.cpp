// SPDX-License-Identifier: Apache-2.0
#include "core/trace/verify.h"
#include "made_trace.h"

#include <QTemporaryDir>
#include <QTest>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

using namespace headwater;

/// Every byte of a sealed trace, one bit flipped: `verify` finds each, wherever it lies. The quick run takes
/// every 41st byte, `slow` (the argument) all of them.
class TraceFlips : public QObject {
    Q_OBJECT

public:
    explicit TraceFlips(std::size_t step)
        : m_step(step)
    {
    }

private slots:
    void everyByte();

private:
    std::size_t m_step;
    QTemporaryDir m_folder;
};

void TraceFlips::everyByte()
{
    const std::filesystem::path path = m_folder.filePath("flips.hwt").toStdString();
    made::Shape shape;
    shape.tokens = 300;
    shape.headsPerLayer = {2};
    const auto written = made::write(path, shape);
    QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
    std::ifstream file(path, std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(file)), {});
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    QVERIFY(descriptor >= 0);
    std::mt19937_64 random(3);
    for (std::size_t at = random() % m_step; at < whole.size(); at += m_step) {
        const char flipped = static_cast<char>(whole[at] ^ (1 << random() % 8));
        QCOMPARE(::pwrite(descriptor, &flipped, 1, static_cast<off_t>(at)), ssize_t{1});
        const auto report = verifyTrace(path);
        QVERIFY2(!report || !report->damage.empty(),
                 ("byte " + std::to_string(at) + " is not covered").c_str());
        QCOMPARE(::pwrite(descriptor, &whole[at], 1, static_cast<off_t>(at)), ssize_t{1});
    }
    ::close(descriptor);
    QCOMPARE(verifyTrace(path)->damage.size(), std::size_t{0});
}

int main(int argc, char** argv)
{
    const bool isSlow = argc > 1 && std::string_view(argv[1]) == "slow";
    TraceFlips test(isSlow ? 1 : 41);
    return QTest::qExec(&test);
}

#include "tst_trace_flips.moc"
