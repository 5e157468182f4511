// SPDX-License-Identifier: Apache-2.0
// Split models: any part names them, and parts that do not belong together are one error.
#include "core/base/hash.h"
#include "core/model/gguf/gguf_parts.h"
#include "core/model/model_loader.h"
#include "tests/core/model/gguf_builder.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>
#include <fmt/format.h>

using namespace headwater;

namespace {

constexpr std::uint16_t kParts = 3;

std::string partName(std::size_t number, std::size_t count = kParts)
{
    return fmt::format("small-{:05}-of-{:05}.gguf", number + 1, count);
}

/// As llama-gguf-split --split-max-tensors writes the small model: metadata in the first part.
std::vector<gguf::File> smallParts()
{
    const gguf::File whole = gguf::smallLlama();
    const std::size_t perPart = (whole.tensors.size() + kParts - 1) / kParts;
    std::vector<gguf::File> parts(kParts);
    parts[0].entries = whole.entries;
    for (std::size_t i = 0; i < whole.tensors.size(); ++i)
        parts[i / perPart].tensors.push_back(whole.tensors[i]);
    for (std::uint16_t number = 0; number < kParts; ++number) {
        parts[number].set({"split.no", gguf::U16, gguf::raw(number)});
        parts[number].set({"split.count", gguf::U16, gguf::raw(kParts)});
        parts[number].set(
            {"split.tensors.count", gguf::I32, gguf::raw(static_cast<std::int32_t>(whole.tensors.size()))});
    }
    return parts;
}

bool isEqual(const WeightMatrix& a, const WeightMatrix& b)
{
    return a.type == b.type && a.rows == b.rows && a.cols == b.cols && std::ranges::equal(a.data, b.data);
}

/// Everything that is computed with.
void compareModels(const Model& found, const Model& expected)
{
    QCOMPARE(found.config.name, expected.config.name);
    QCOMPARE(found.tokenizer.tokens, expected.tokenizer.tokens);
    QCOMPARE(std::get<ByteBpe>(found.tokenizer.kind).merges.size(),
             std::get<ByteBpe>(expected.tokenizer.kind).merges.size());
    QCOMPARE(found.identity.parameters, expected.identity.parameters);
    QVERIFY(isEqual(found.weights.embedding, expected.weights.embedding));
    QVERIFY(std::ranges::equal(found.weights.outputNorm, expected.weights.outputNorm));
    QCOMPARE(found.weights.layers.size(), expected.weights.layers.size());
    for (std::size_t layer = 0; layer < found.weights.layers.size(); ++layer) {
        const LayerWeights& a = found.weights.layers[layer];
        const LayerWeights& b = expected.weights.layers[layer];
        for (std::size_t i = 0; i < a.matrices().size(); ++i)
            QVERIFY(isEqual(*a.matrices()[i], *b.matrices()[i]));
        QVERIFY(std::ranges::equal(a.attentionNorm, b.attentionNorm));
        QVERIFY(std::ranges::equal(a.ffnNorm, b.ffnNorm));
    }
}

} // namespace

class TestGgufParts : public QObject {
    Q_OBJECT
private slots:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
        write(smallParts());
    }

    void anyPart_namesTheModel()
    {
        const std::string wholePath = path("whole.gguf");
        gguf::write(wholePath, gguf::smallLlama().bytes());
        const auto whole = loadModel(wholePath);
        QVERIFY(whole.has_value());
        std::string headers;
        std::uint64_t bytes = 0;
        for (const gguf::File& part : smallParts()) {
            headers += part.header();
            bytes += part.bytes().size();
        }
        for (std::size_t number = 0; number < kParts; ++number) {
            const auto split = loadModel(path(partName(number)));
            QVERIFY2(split.has_value(), split ? "" : split.error().text().c_str());
            compareModels(**split, **whole);
            QVERIFY((*split)->warnings.empty());
            QCOMPARE((*split)->identity.source, path(partName(number)));
            QCOMPARE((*split)->identity.fileBytes, bytes);
            QCOMPARE((*split)->identity.headerSha256, sha256(std::as_bytes(std::span(headers))));
            QCOMPARE((*split)->weights.mappings.size(), std::size_t{kParts});
        }
    }

    /// Reference: gguf-py 0.19.0's splitter, python/reference/make_split.py; the first part holds no tensor.
    void partsOfGgufPy_areTheWholeModel()
    {
        const std::string folder = HEADWATER_SOURCE_DIR "/tests/data/reference/split/";
        const auto whole = loadModel(folder + "whole.gguf");
        const auto split = loadModel(folder + "tiny-00003-of-00004.gguf");
        QVERIFY2(whole && split, split ? "" : split.error().text().c_str());
        compareModels(**split, **whole);
        QCOMPARE((*split)->weights.layers[1].down.matrix.data.size(), std::size_t{16 * 24 * 4});
    }

    void unnamedModel_hasTheNameOfItsFilesWithoutThePart()
    {
        std::vector<gguf::File> parts = smallParts();
        parts[0].remove("general.name");
        write(parts);
        const auto split = loadModel(path(partName(1)));
        QVERIFY(split.has_value());
        QCOMPARE((*split)->config.name, std::string("small"));
    }

    void complaintAboutATensor_namesItsPart()
    {
        std::vector<gguf::File> parts = smallParts();
        gguf::Tensor& last = parts[2].tensors.back();
        last = gguf::floats(last.name, {8});
        write(parts);
        const auto split = loadModel(path(partName(0)));
        QVERIFY(!split.has_value());
        QVERIFY2(split.error().context.starts_with(path(partName(2)) + ": at byte "),
                 split.error().text().c_str());
        QVERIFY(split.error().context.ends_with(": output_norm.weight"));
    }

    void partsThatDoNotBelongTogether_areRefused_data()
    {
        using Parts = std::vector<gguf::File>;
        QTest::addColumn<int>("named");
        QTest::addColumn<std::function<void(Parts&)>>("change");
        QTest::addColumn<int>("at"); // the part that the complaint names
        QTest::addColumn<std::string>("field");
        QTest::addColumn<std::string>("said");
        const auto addRow = [](const char* name, int named, const std::function<void(Parts&)>& change, int at,
                               const char* field, const char* said) {
            QTest::newRow(name) << named << change << at << std::string(field) << std::string(said);
        };
        const auto u16 = [](const char* key, std::uint16_t value) {
            return gguf::Entry{key, gguf::U16, gguf::raw(value)};
        };
        addRow(
            "another count", 0, [=](Parts& p) { p[1].set(u16("split.count", 4)); }, 1, "split.count",
            "4 parts, expected 3, as small-00001-of-00003.gguf says");
        addRow(
            "no part at all", 0, [](Parts& p) { p[2].remove("split.count"); }, 2, "split.count",
            "a whole model, expected 3");
        addRow(
            "another number", 2, [=](Parts& p) { p[1].set(u16("split.no", 0)); }, 1, "split.no",
            "part 1, expected part 2, as its name says");
        addRow(
            "named by another number", 1, [=](Parts& p) { p[1].set(u16("split.no", 2)); }, 1, "split.no",
            "part 3 of 3 in a file of this name, expected the name its splitter gave it, "
            "\"NAME-00003-of-00003.gguf\"");
        addRow(
            "number beyond the count", 1, [=](Parts& p) { p[1].set(u16("split.no", 3)); }, 1, "split.no",
            "3, expected");
        addRow(
            "no number", 0, [](Parts& p) { p[0].remove("split.no"); }, 0, "split.no", "missing, expected");
        addRow(
            "no number of tensors", 0, [](Parts& p) { p[1].remove("split.tensors.count"); }, 1,
            "split.tensors.count", "missing, expected");
        addRow(
            "count as text", 0, [](Parts& p) { p[0].set(gguf::string("split.count", "3")); }, 0,
            "split.count", "expected");
        addRow(
            "other number of tensors", 0, [=](Parts& p) { p[2].set(u16("split.tensors.count", 19)); }, 2,
            "split.tensors.count", "19, expected 20");
        addRow(
            "a tensor less", 0, [](Parts& p) { p[1].tensors.pop_back(); }, 0, "split.tensors.count",
            "19 tensors in 3 parts, expected 20");
        addRow(
            "a tensor twice", 0, [](Parts& p) { p[2].tensors.back() = p[0].tensors.front(); }, 2,
            "token_embd.weight", "the tensor again (first in ");
        addRow(
            "another model's", 0, [](Parts& p) { p[1].set(gguf::string("general.name", "other")); }, 1,
            "general.name", "another value, expected the one in ");
        addRow(
            "no GGUF file", 0, [](Parts& p) { p[1].magic = "FUGG"; }, 1, "magic", "expected");
    }

    void partsThatDoNotBelongTogether_areRefused()
    {
        QFETCH(const int, named);
        QFETCH(const std::function<void(std::vector<gguf::File>&)>, change);
        QFETCH(const int, at);
        QFETCH(const std::string, field);
        QFETCH(const std::string, said);
        std::vector<gguf::File> parts = smallParts();
        change(parts);
        write(parts);
        const auto split = loadModel(path(partName(static_cast<std::size_t>(named))));
        QVERIFY(!split.has_value());
        const Error& error = split.error();
        QCOMPARE(exitCodeOf(error.code), 65);
        QVERIFY2(error.context.starts_with(path(partName(static_cast<std::size_t>(at))) + ": at byte "),
                 error.text().c_str());
        QVERIFY2(error.context.ends_with(": " + field), error.text().c_str());
        QVERIFY2(error.message.find(said) != std::string::npos, error.text().c_str());
    }

    void missingPart_isNamed()
    {
        QVERIFY(QFile::remove(QString::fromStdString(path(partName(1)))));
        const auto split = loadModel(path(partName(2)));
        QVERIFY(!split.has_value());
        QCOMPARE(split.error().code, ErrorCode::NotFound);
        QCOMPARE(split.error().context, path(partName(1)));
        QCOMPARE(split.error().message,
                 std::string("is missing, expected part 2 of 3 beside small-00003-of-00003.gguf: download it "
                             "into that folder"));
    }

    void renamedPart_saysWhichNameItNeeds()
    {
        QVERIFY(QFile::rename(QString::fromStdString(path(partName(1))),
                              QString::fromStdString(path("mine.gguf"))));
        const auto split = loadModel(path("mine.gguf"));
        QVERIFY(!split.has_value());
        QVERIFY(split.error().message.find("\"NAME-00002-of-00003.gguf\"") != std::string::npos);
    }

    void extraMetadata_onlyWarns()
    {
        std::vector<gguf::File> parts = smallParts();
        parts[1].set(gguf::string("general.author", "someone"));
        parts[2].set(gguf::string("general.name", "small")); // the same as the first says
        write(parts);
        const auto split = loadModel(path(partName(0)));
        QVERIFY(split.has_value());
        QCOMPARE((*split)->warnings.size(), std::size_t{1});
        QVERIFY((*split)->warnings[0].find("00002-of-00003.gguf: 1 metadata entries") != std::string::npos);
    }

private:
    std::string path(const std::string& name) const
    {
        return m_folder->filePath(QString::fromStdString(name)).toStdString();
    }
    void write(const std::vector<gguf::File>& parts) const
    {
        for (std::size_t number = 0; number < parts.size(); ++number)
            gguf::write(path(partName(number)), parts[number].bytes());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_APPLESS_MAIN(TestGgufParts)
#include "tst_gguf_parts.moc"
