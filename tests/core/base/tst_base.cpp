// SPDX-License-Identifier: Apache-2.0
#include "core/base/bidi_text.h"
#include "core/base/checked.h"
#include "core/base/gemm.h"
#include "core/base/half.h"
#include "core/base/hash.h"
#include "core/base/mapped_file.h"
#include "core/base/npy.h"
#include "core/base/result.h"
#include "core/base/text.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <random>
#include <sys/stat.h>

using namespace headwater;

class TstBase : public QObject {
    Q_OBJECT

private slots:
    void half_everyBitPattern_survivesTheRoundTrip()
    {
        for (std::uint32_t bits = 0; bits < 65536; ++bits) {
            const auto half = static_cast<std::uint16_t>(bits);
            const float value = floatFromHalf(half);
            if (std::isnan(value))
                QVERIFY(std::isnan(floatFromHalf(halfFromFloat(value))));
            else
                QCOMPARE(halfFromFloat(value), half);
        }
    }

    void half_roundsToNearestEven()
    {
        QCOMPARE(halfFromFloat(1.0f + 0x1p-11f), halfFromFloat(1.0f)); // a tie goes to the even mantissa
        QCOMPARE(halfFromFloat(1.0f + 0x1.8p-10f), halfFromFloat(1.0f + 0x1p-9f));
        QCOMPARE(halfFromFloat(65520.0f), std::uint16_t{0x7C00});
        QCOMPARE(halfFromFloat(0x1p-25f), std::uint16_t{0});
        QCOMPARE(halfFromFloat(0x1.000002p-25f), std::uint16_t{1});
    }

    void half_arraysEqualSingleValues()
    {
        std::mt19937 random(7);
        std::vector<float> values(1003);
        for (float& value : values)
            value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        std::vector<std::uint16_t> halves(values.size());
        halvesFromFloats(values, halves);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!std::isnan(values[i]))
                QCOMPARE(halves[i], halfFromFloat(values[i]));
        }
    }

    void checked_wrapIsNothing()
    {
        QVERIFY(!checkedAdd<std::uint64_t>(~0ull, 1));
        QVERIFY(!checkedMultiply<std::uint64_t>((1ull << 42) + 1, 1ull << 22));
        QVERIFY(!checkedAlignUp<std::uint64_t>(~0ull - 3, 32));
        QCOMPARE(*checkedAlignUp<std::uint64_t>(33, 32), std::uint64_t{64});
    }

    void text_controlBytesNeverReachATerminal()
    {
        QCOMPARE(printable("a\x1b[31m\n\x80\xc2\x9b"), std::string("a\\x1B[31m\\n\\x80\\xC2\\x9B"));
        QCOMPARE(printable("na\xc3\xafve"), std::string("na\xc3\xafve"));
        QCOMPARE(printable("a\u202eb\u2066"),
                 std::string("a\\xE2\\x80\\xAEb\\xE2\\x81\\xA6")); // turns the line
        QVERIFY(!isUtf8("\xed\xa0\x80")); // a surrogate
        QVERIFY(!isUtf8("\xc0\x80")); // an over-long form
        QCOMPARE(withThousands(1048576), std::string("1\u2009048\u2009576"));
    }

    void quotations_turnNothingRound_data()
    {
        QTest::addColumn<QByteArray>("sentence");
        QTest::addColumn<QByteArray>("shown");
        const QByteArray plain = "/home/a/b.hwt: 'x' (3 of 4): 中文, é";
        QTest::newRow("nothing to turn") << plain << plain;
        QTest::newRow("a file's name")
            << QByteArray("שלום.hwt: 3 bytes") << QByteArray("\u2068שלום\u2069.hwt: 3 bytes");
        QTest::newRow("words") << QByteArray("'שלום 12 עולם' 3")
                               << QByteArray("'\u2068שלום 12 עולם\u2069' 3");
        QTest::newRow("a list") << QByteArray("'שלום', 'עולם'")
                                << QByteArray("'\u2068שלום\u2069', '\u2068עולם\u2069'");
        QTest::newRow("arabic") << QByteArray("in \"عربي\" at 5")
                                << QByteArray("in \"\u2068عربي\u2069\" at 5");
        QTest::newRow("isolated already") << QByteArray("x \u2068ab שלום, ג\u2069: ד")
                                          << QByteArray("x \u2068ab שלום, ג\u2069: \u2068ד\u2069");
        QTest::newRow("not UTF-8") << QByteArray("\xd7 \xff") << QByteArray("\xd7 \xff");
    }

    void quotations_turnNothingRound()
    {
        QFETCH(QByteArray, sentence);
        QFETCH(QByteArray, shown);
        QCOMPARE(QByteArray::fromStdString(leftToRight(sentence.toStdString())), shown);
        QCOMPARE(leftToRight(shown.toStdString()), shown.toStdString()); // once is enough
        QCOMPARE(withoutIsolates(shown.toStdString()), withoutIsolates(sentence.toStdString()));
    }

    void quotations_areIsolatedWhole()
    {
        QCOMPARE(isolated(""), std::string());
        QCOMPARE(isolated("a, b"), std::string("a, b"));
        QCOMPARE(isolated("שלום, b"), std::string("\u2068שלום, b\u2069"));
        // A message keeps its order for people; its parts are clean for programs.
        const Error error{ErrorCode::NotFound, "'עולם' is not there", "/x/שלום.gguf"};
        QCOMPARE(error.text(), std::string("/x/\u2068שלום\u2069.gguf: '\u2068עולם\u2069' is not there"));
        QCOMPARE(error.message, std::string("'עולם' is not there"));
    }

    void hash_knownValues()
    {
        QCOMPARE(sha256({}), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
        const std::string abc = "abc";
        QCOMPARE(sha256(std::as_bytes(std::span(abc))),
                 std::string("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        QCOMPARE(xxh3({}), std::uint64_t{0x2d06800538d394c2});
    }

    void file_directoryFifoAndMissing_areErrors()
    {
        const QTemporaryDir folder;
        const std::string fifo = folder.filePath("fifo").toStdString();
        QCOMPARE(::mkfifo(fifo.c_str(), 0600), 0);
        for (const std::string& path :
             {folder.path().toStdString(), fifo, folder.filePath("none").toStdString()}) {
            const auto mapped = MappedFile::open(path);
            QVERIFY(!mapped);
            QCOMPARE(mapped.error().code, ErrorCode::NotFound);
            QCOMPARE(mapped.error().context, path);
            QVERIFY(!readFile(path, 10));
        }
    }

    /// Pages that are let go take no memory, and are there again when they are read.
    void mappedFile_letGo_readsTheSameBytes()
    {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("numbers").toStdString();
        std::vector<std::uint32_t> numbers(1 << 18);
        std::iota(numbers.begin(), numbers.end(), 0u);
        const std::span<const std::byte> written = std::as_bytes(std::span(numbers));
        std::ofstream(path, std::ios::binary)
            .write(reinterpret_cast<const char*>(written.data()), std::ssize(written));
        const auto mapped = MappedFile::open(path);
        QVERIFY(mapped);
        const auto isWhole = [&] { return std::ranges::equal(mapped->bytes(), written); };
        const auto residentKib = [&] {
            std::ifstream maps("/proc/self/smaps");
            std::string line;
            while (std::getline(maps, line) && !line.ends_with(path)) { }
            while (std::getline(maps, line) && !line.starts_with("Rss:")) { }
            return std::atoi(line.c_str() + 4);
        };
        QVERIFY(isWhole());
        QCOMPARE(residentKib(), 1024);
        mapped->letGo(written); // not its own
        QCOMPARE(residentKib(), 1024);
        // Pages that belong to others too stay: the first and the last.
        mapped->letGo(mapped->bytes().subspan(1, written.size() - 2));
        QVERIFY(residentKib() <= 128);
        QVERIFY(residentKib() >= 8);
        QVERIFY(isWhole());
    }

    void gemm_equalsADoubleReference_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("cols");
        QTest::addColumn<int>("inner");
        for (const auto& [rows, cols, inner] :
             {std::tuple{1, 1, 1}, {3, 5, 7}, {16, 512, 64}, {256, 64, 300}, {1, 100, 64}})
            QTest::addRow("%dx%dx%d", rows, cols, inner) << rows << cols << inner;
    }

    void gemm_equalsADoubleReference()
    {
        QFETCH(int, rows);
        QFETCH(int, cols);
        QFETCH(int, inner);
        const auto m = static_cast<std::size_t>(rows), n = static_cast<std::size_t>(cols),
                   k = static_cast<std::size_t>(inner);
        std::mt19937 random(1);
        std::normal_distribution<float> normal;
        std::vector<float> a(m * k), b(n * k), c(m * n, 1.0f);
        for (float& value : a)
            value = normal(random);
        for (float& value : b)
            value = normal(random);
        gemm(GemmRight::Transposed, m, n, k, a.data(), k, b.data(), k, c.data(), n, true);
        for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t j = 0; j < n; ++j) {
                double sum = 1, magnitude = 1;
                for (std::size_t l = 0; l < k; ++l) {
                    sum += double(a[i * k + l]) * double(b[j * k + l]);
                    magnitude += std::abs(double(a[i * k + l]) * double(b[j * k + l]));
                }
                QVERIFY(std::abs(double(c[i * n + j]) - sum)
                        <= 1.2e-7 * std::sqrt(double(k) + 1) * magnitude);
            }
        }
    }

    void gemm_sameBytesWhateverTheRowsAround()
    {
        // A tile's rows must not depend on where the tile lies in memory.
        std::mt19937 random(2);
        std::normal_distribution<float> normal;
        constexpr std::size_t kRows = 256, kCols = 192, kInner = 576;
        std::vector<float> a(kRows * kInner + 16), b(kCols * kInner), first(kRows * kCols),
            second(kRows * kCols + 16);
        std::vector<float> source(kRows * kInner);
        for (float& value : source)
            value = normal(random);
        for (float& value : b)
            value = normal(random);
        gemm(GemmRight::Transposed, kRows, kCols, kInner, source.data(), kInner, b.data(), kInner,
             first.data(), kCols);
        for (const std::size_t shift : {std::size_t{1}, std::size_t{5}, std::size_t{16}}) {
            std::copy(source.begin(), source.end(), a.begin() + static_cast<std::ptrdiff_t>(shift));
            gemm(GemmRight::Transposed, kRows, kCols, kInner, a.data() + shift, kInner, b.data(), kInner,
                 second.data() + shift, kCols);
            QVERIFY(
                std::equal(first.begin(), first.end(), second.begin() + static_cast<std::ptrdiff_t>(shift)));
        }
    }

    void npy_roundTripAndRefusal()
    {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("a.npy").toStdString();
        const std::size_t shape[] = {2, 3};
        const float values[] = {0, 1, 2, 3, 4, 5};
        const std::string header = npyHeader("<f4", shape);
        QCOMPARE(header.size() % 64, std::size_t{0});
        {
            std::ofstream file(path, std::ios::binary);
            file << header;
            file.write(reinterpret_cast<const char*>(values), sizeof values);
        }
        const auto array = readNpy(path);
        QVERIFY(array);
        QCOMPARE(array->descr, std::string("<f4"));
        QCOMPARE(array->shape, (std::vector<std::size_t>{2, 3}));
        std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
        QVERIFY(!readNpy(path));
    }
};

QTEST_APPLESS_MAIN(TstBase)
#include "tst_base.moc"
