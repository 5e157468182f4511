// SPDX-License-Identifier: Apache-2.0
#include "core/model/gguf/gguf_metadata.h"
#include "core/model/gguf/gguf_reader.h"
#include "support/counted_heap.h"
#include "tests/core/model/gguf_builder.h"

#include <QTest>
#include <atomic>

using namespace headwater;

namespace {

std::span<const std::byte> bytesOf(const std::string& text)
{
    return std::as_bytes(std::span(text));
}

/// Heap used at most while reading, in bytes above what was in use before.
std::size_t heapOfReading(const std::string& bytes, bool& loaded)
{
    const std::string path = "f";
    const std::size_t before = test::heapInUse;
    test::heapPeak = before; // the bound on parsing is measured from here
    const auto file = readGguf(bytesOf(bytes), path);
    loaded = file.has_value();
    return test::heapPeak - before;
}

} // namespace

class TestGgufReader : public QObject {
    Q_OBJECT
private slots:
    void smallFile_everyPartIsFound()
    {
        gguf::File made = gguf::smallLlama();
        made.entries.push_back({"odd.int64", gguf::I64, gguf::raw(std::int64_t{-5})});
        made.entries.push_back({"odd.uint8", gguf::U8, "\x2a"});
        made.entries.push_back({"odd.float64", gguf::F64, gguf::raw(2.5)});
        made.entries.push_back(gguf::boolean("odd.bool", true));
        const std::string bytes = made.bytes();
        const auto file = readGguf(bytesOf(bytes), "small.gguf");
        QVERIFY2(file.has_value(), file ? "" : file.error().text().c_str());
        QCOMPARE(file->version, 3u);
        QCOMPARE(file->entries.size(), made.entries.size());
        QCOMPARE(file->tensors.size(), made.tensors.size());
        QCOMPARE(file->dataOffset, std::uint64_t{made.header().size()});
        QVERIFY(file->warnings.empty());
        for (const gguf::Tensor& tensor : made.tensors) {
            const GgufTensor* found = file->findTensor(tensor.name);
            QVERIFY(found);
            QCOMPARE(found->dimensions, tensor.dims);
            QVERIFY(std::ranges::equal(found->data, bytesOf(tensor.data)));
        }
        const GgufMetadata metadata(*file);
        QCOMPARE(metadata.requireUnsigned("llama.block_count", 1, 10).value(), std::uint64_t{2});
        QCOMPARE(metadata.findUnsigned("odd.uint8", 0, 255).value().value(), std::uint64_t{42});
        QVERIFY(!metadata.findUnsigned("odd.int64", 0, 255).has_value());
        QCOMPARE(metadata.findFloat("odd.float64", 0, 10).value().value(), 2.5);
        QCOMPARE(metadata.findBool("odd.bool").value().value(), true);
        QVERIFY(!metadata.findBool("no.such.key").value().has_value());
        QCOMPARE(metadata.findStrings("tokenizer.ggml.merges").value()->size(), std::size_t{2});
    }

    void version2AndOtherAlignment_areRead()
    {
        gguf::File made = gguf::smallLlama();
        made.version = 2;
        made.alignment = 64;
        made.set(gguf::u32("general.alignment", 64));
        const std::string bytes = made.bytes();
        const auto file = readGguf(bytesOf(bytes), "f");
        QVERIFY2(file.has_value(), file ? "" : file.error().text().c_str());
        QCOMPARE(file->dataOffset % 64, std::uint64_t{0});
        QVERIFY(std::ranges::equal(file->findTensor("output_norm.weight")->data,
                                   bytesOf(made.tensor("output_norm.weight").data)));
    }

    void metadataOnly_isLegal()
    {
        gguf::File made;
        made.entries = {gguf::u32("a", 1)};
        const std::string bytes = made.bytes();
        QVERIFY(readGguf(bytesOf(bytes), "f").has_value());
    }

    void heap_staysBelowSixteenTimesTheBytesRead_data()
    {
        QTest::addColumn<std::string>("bytes");
        QTest::addColumn<bool>("legal");
        constexpr std::size_t kMost = 65'536;
        gguf::File entries;
        for (std::size_t i = 0; i < kMost; ++i)
            entries.entries.push_back({QString::number(i, 36).toStdString(), gguf::U8, "x"});
        QTest::newRow("65 536 small entries") << entries.bytes() << true;
        gguf::File strings;
        strings.entries = {gguf::strings("list", std::vector<std::string>(4 << 20))};
        QTest::newRow("4 Mi empty strings") << strings.bytes() << true;
        std::string cutOff = strings.bytes();
        cutOff.resize(cutOff.size() - 64);
        QTest::newRow("4 Mi empty strings, cut off") << cutOff << false;
        gguf::File tensors;
        tensors.alignment = 8;
        tensors.entries = {gguf::u32("general.alignment", 8)};
        for (std::size_t i = 0; i < kMost; ++i)
            tensors.tensors.push_back({QString::number(i, 36).toStdString(), {1, 1, 1, 1}, 0, "data"});
        QTest::newRow("65 536 small tensors") << tensors.bytes() << true;
    }

    void heap_staysBelowSixteenTimesTheBytesRead()
    {
        QFETCH(const std::string, bytes);
        QFETCH(const bool, legal);
        bool loaded = false;
        const std::size_t heap = heapOfReading(bytes, loaded);
        QCOMPARE(loaded, legal);
        qInfo("%zu bytes of heap for %zu bytes, %.1f times", heap, bytes.size(),
              static_cast<double>(heap) / static_cast<double>(bytes.size()));
        QVERIFY(heap <= 16 * bytes.size() + (std::size_t{8} << 20));
    }

    /// A count that promises more than follows must not be believed before it is read.
    void lyingCounts_costNothing()
    {
        gguf::File made;
        made.entries = {{"list", gguf::Array,
                         gguf::raw(std::uint32_t{gguf::String}) + gguf::raw(std::uint64_t{4 << 20})}};
        // A first string that is longer than the rest of the file, then 32 MiB that make the count
        // believable.
        const std::string bytes = made.header() + std::string(8, '\xFF') + std::string(32 << 20, '\0');
        bool loaded = true;
        const std::size_t heap = heapOfReading(bytes, loaded);
        QVERIFY(!loaded);
        QVERIFY(heap < 64 << 10);
    }
};

QTEST_APPLESS_MAIN(TestGgufReader)
#include "tst_gguf_reader.moc"
