// SPDX-License-Identifier: Apache-2.0
#include "core/base/half.h"
#include "core/base/hash.h"
#include "core/trace/export_head.h"
#include "core/trace/synthetic_trace.h"
#include "core/trace/verify.h"
#include "made_trace.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using namespace headwater;

namespace {

constexpr const char* kPython = "/usr/bin/python3";
/// This format version's trace, kept for ever (tests/data/golden/README.md says how it was made).
const std::filesystem::path kGolden = HEADWATER_SOURCE_DIR "/tests/data/golden/trace-1.0.hwt";

std::string bytesOf(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Ran {
    int code = -1;
    QString out;
    QString err;
};

Ran python(const QString& script, const QStringList& arguments)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PYTHONPATH", HEADWATER_SOURCE_DIR "/python");
    environment.insert("PYTHONDONTWRITEBYTECODE", "1");
    process.setProcessEnvironment(environment);
    process.start(kPython, QStringList{"-c", script} + arguments);
    const bool hasEnded = process.waitForFinished(-1);
    return {hasEnded ? process.exitCode() : -1, QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

/// One number for all of a head's decoded content.
std::uint64_t contentHash(const Trace& trace, const HeadInfo& info)
{
    std::uint64_t hash = 0;
    const auto add = [&](const auto& values) { hash = xxh3(std::as_bytes(std::span(values)), hash); };
    const auto edges = *trace.loadEdges(info.layer, info.head);
    add(edges->rowPtr);
    add(edges->keyBlock);
    add(edges->mass);
    add(edges->peak);
    add(edges->peakAt);
    const auto rows = *trace.loadRows(info.layer, info.head);
    add(rows->lse);
    add(rows->missed);
    add(rows->missedPeak);
    add(trace.loadColumnMass(info.layer, info.head)->mass);
    for (const std::uint32_t side : trace.overviewSides()) {
        const Overview overview = *trace.loadOverview(info.layer, info.head, side);
        add(overview.max);
        add(overview.count);
        add(overview.missed);
    }
    const TokenRow row = *trace.loadTokenRow(info.layer, info.head, trace.seqLen() - 1);
    add(row.keys);
    add(row.probability);
    return hash;
}

double sumOf(const std::vector<std::uint16_t>& halves)
{
    double sum = 0;
    for (const std::uint16_t half : halves)
        sum += static_cast<double>(floatFromHalf(half));
    return sum;
}

} // namespace

class TraceExport : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void npzInScipy();
    void npzEqualBytes();
    void csv();
    void pythonReader();
    void pythonRefusesDamage();
    void golden();
    void syntheticSmall();
    void syntheticShapes();

private:
    QTemporaryDir m_folder;
    std::filesystem::path m_path;
    std::shared_ptr<const Trace> m_trace;
};

void TraceExport::initTestCase()
{
    m_path = m_folder.filePath("export.hwt").toStdString();
    QVERIFY(made::write(m_path, made::Shape()).has_value());
    m_trace = *Trace::open(m_path);
}

void TraceExport::npzInScipy()
{
    const std::filesystem::path path = m_folder.filePath("head.npz").toStdString();
    QVERIFY(exportHeadNpz(*m_trace, 1, 2, path).has_value());
    QCOMPARE(exportHeadNpz(*m_trace, 1, 9, path).error().code, ErrorCode::NotFound);
    QCOMPARE(exportHeadNpz(*m_trace, 1, 2, "/no/such/folder/x.npz").error().code, ErrorCode::CannotCreate);
    const Ran ran =
        python("import sys, json, numpy, zipfile, scipy.sparse\n"
               "assert zipfile.ZipFile(sys.argv[1]).testzip() is None\n"
               "m = scipy.sparse.load_npz(sys.argv[1])\n"
               "more = numpy.load(sys.argv[1])\n"
               "assert m.format == 'csr' and m.has_sorted_indices\n"
               "print(json.dumps(dict(shape=m.shape, nnz=m.nnz, sum=float(m.data.astype('f8').sum()), "
               "indices=m.indices.tolist(), indptr=m.indptr.tolist(), "
               "peak=float(more['peak'].astype('f8').sum()), query=more['peak_query'].tolist(), "
               "rows=more['lse'].tolist(), unknown=bool(numpy.isnan(more['missed']).all()), "
               "seq=int(more['seq_len']))))\n",
               {QString::fromStdString(path.string())});
    if (ran.err.contains("No module named 'scipy'"))
        QSKIP("python3-scipy is not installed");
    QVERIFY2(ran.code == 0, qPrintable(ran.err));
    const QJsonObject object = QJsonDocument::fromJson(ran.out.toUtf8()).object();
    const HeadRecord record = made::record(made::Shape(), 1, 2);
    const auto edges = *m_trace->loadEdges(1, 2);
    QCOMPARE(object["shape"].toArray()[0].toInt(), static_cast<int>(record.grid.numQueryBlocks()));
    QCOMPARE(object["shape"].toArray()[1].toInt(), static_cast<int>(record.grid.numKeyBlocks()));
    QCOMPARE(object["nnz"].toInt(), static_cast<int>(record.keyBlock.size()));
    QVERIFY(std::abs(object["sum"].toDouble() - sumOf(edges->mass)) < 1e-6);
    QVERIFY(std::abs(object["peak"].toDouble() - sumOf(edges->peak)) < 1e-6);
    QVERIFY(object["unknown"].toBool());
    QCOMPARE(object["seq"].toInt(), 600);
    const QJsonArray indices = object["indices"].toArray();
    const QJsonArray pointers = object["indptr"].toArray();
    const QJsonArray queries = object["query"].toArray();
    for (std::uint32_t block = 0; block + 1 < record.rowPtr.size(); ++block) {
        QCOMPARE(pointers[block + 1].toInt(), static_cast<int>(record.rowPtr[block + 1]));
        for (std::uint32_t edge = record.rowPtr[block]; edge < record.rowPtr[block + 1]; ++edge) {
            QCOMPARE(indices[edge].toInt(), static_cast<int>(record.keyBlock[edge]));
            QCOMPARE(queries[edge].toInt(), static_cast<int>(block * 8 + record.peakAt[edge] / 256));
        }
    }
    QCOMPARE(static_cast<float>(object["rows"].toArray()[17].toDouble()), record.lse[17]);
}

void TraceExport::npzEqualBytes()
{
    const std::filesystem::path one = m_folder.filePath("one.npz").toStdString();
    const std::filesystem::path two = m_folder.filePath("two.npz").toStdString();
    QVERIFY(exportHeadNpz(*m_trace, 0, 0, one).has_value());
    QVERIFY(exportHeadNpz(*m_trace, 0, 0, two).has_value());
    QVERIFY(bytesOf(one) == bytesOf(two));
}

void TraceExport::csv()
{
    // Texts that would break a naive table: quotes, formulas, line ends, control bytes.
    const std::filesystem::path path = m_folder.filePath("texts.hwt").toStdString();
    made::Shape shape;
    shape.tokens = 256;
    shape.headsPerLayer = {1};
    TraceWriter::Begin begin = made::begin(shape);
    begin.text.clear();
    begin.sentenceOffsets.clear();
    const std::vector<std::string> texts = {"=1+1",  "a\"b", "x,y", "two\nlines", std::string("\x1b[31m"),
                                            "a\\nb", "'x"};
    for (std::uint32_t token = 0; token < shape.tokens; ++token) {
        begin.tokenOffsets[token] = static_cast<std::uint32_t>(begin.text.size());
        begin.text += texts[token % texts.size()];
    }
    begin.tokenOffsets.back() = static_cast<std::uint32_t>(begin.text.size());
    auto writer = TraceWriter::create(path, begin, true);
    QVERIFY(writer.has_value());
    QVERIFY(writer->writeLayer(0, made::layer(shape, 0), 0).has_value());
    QVERIFY(writer->seal().has_value());
    const auto trace = *Trace::open(path);
    const std::filesystem::path table = m_folder.filePath("head.csv").toStdString();
    QVERIFY(exportHeadCsv(*trace, 0, 0, table).has_value());
    const Ran ran = python("import sys, csv, json\n"
                           "rows = list(csv.DictReader(open(sys.argv[1], newline='')))\n"
                           "print(json.dumps(rows))\n",
                           {QString::fromStdString(table.string())});
    QVERIFY2(ran.code == 0, qPrintable(ran.err));
    const QJsonArray rows = QJsonDocument::fromJson(ran.out.toUtf8()).array();
    const auto edges = *trace->loadEdges(0, 0);
    QCOMPARE(rows.size(), static_cast<qsizetype>(edges->keyBlock.size()));
    const QStringList shown = {"'=1+1", "a\"b", "x,y", "two\\nlines", "\\x1b[31m", "a\\\\nb", "''x"};
    for (qsizetype edge = 0; edge < rows.size(); ++edge) {
        const QJsonObject row = rows[edge].toObject();
        const int query = row["peak_query"].toString().toInt();
        const int key = row["peak_key"].toString().toInt();
        QVERIFY(query >= row["query_begin"].toString().toInt()
                && query < row["query_end"].toString().toInt());
        QVERIFY(key >= row["key_begin"].toString().toInt() && key < row["key_end"].toString().toInt());
        QCOMPARE(row["mass"].toString().toFloat(),
                 floatFromHalf(edges->mass[static_cast<std::size_t>(edge)]));
        QCOMPARE(row["query_text"].toString().toLower(), shown[query % 7]);
        QCOMPARE(row["key_text"].toString().toLower(), shown[key % 7]);
    }
    QVERIFY(bytesOf(table).find('\x1b') == std::string::npos);
}

void TraceExport::pythonReader()
{
    const Ran ran =
        python("import sys, json, numpy, headwater\n"
               "with headwater.open_trace(sys.argv[1]) as t:\n"
               "    e, r = t.edges(1, 0), t.rows(1, 0)\n"
               "    assert t.array('segments') == t.segments\n"
               "    for outside in (-1, 600):\n"
               "        try:\n"
               "            sys.exit(repr(t.token_text(outside)))\n"
               "        except headwater.TraceError:\n"
               "            pass\n"
               "    print(json.dumps(dict(tokens=len(t), text=t.token_text(7), name=t.meta['model']['name'], "
               "heads=len(t.heads),\n"
               "        sinks=t.heads[2]['sinks'].tolist(), entropy=t.heads[2]['stats']['entropy'], "
               "keys=e.key_block.tolist(),\n"
               "        ptr=e.row_ptr.tolist(), mass=float(e.mass.astype('f8').sum()), "
               "peak=float(e.peak.astype('f8').sum()),\n"
               "        query=e.peak_query.tolist(), key=e.peak_key.tolist(), "
               "missed=float(r.missed.astype('f8').sum()),\n"
               "        lse=r.lse.tolist(), row=[(l, h, k.tolist(), p.tolist()) for l, h, k, p in "
               "t.token_rows(599)],\n"
               "        overview=[int(t.overview(1, 0, 64)[1].max()), t.overview(1, 0, 64)[1].shape],\n"
               "        probe=t.array('probe_rows/1/2').tolist(), segments=t.segments)))\n",
               {QString::fromStdString(m_path.string())});
    QVERIFY2(ran.code == 0, qPrintable(ran.err));
    const QJsonObject object = QJsonDocument::fromJson(ran.out.toUtf8()).object();
    const auto edges = *m_trace->loadEdges(1, 0);
    const auto rows = *m_trace->loadRows(1, 0);
    QCOMPARE(object["tokens"].toInt(), 600);
    QCOMPARE(object["text"].toString().toStdString(), std::string(m_trace->tokenText(7)));
    QCOMPARE(object["heads"].toInt(), 5);
    QCOMPARE(object["sinks"].toArray()[1].toInt(), 5);
    QCOMPARE(object["entropy"].toDouble(), m_trace->heads()[2].statistics.entropy);
    QVERIFY(std::abs(object["mass"].toDouble() - sumOf(edges->mass)) < 1e-6);
    QVERIFY(std::abs(object["peak"].toDouble() - sumOf(edges->peak)) < 1e-6);
    QCOMPARE(object["keys"].toArray().size(), static_cast<qsizetype>(edges->keyBlock.size()));
    double missed = 0;
    for (const float value : rows->missed)
        missed += static_cast<double>(value);
    QVERIFY(std::abs(object["missed"].toDouble() - missed) < 1e-6);
    for (std::uint32_t block = 0; block + 1 < edges->rowPtr.size(); ++block) {
        for (std::uint64_t edge = edges->rowPtr[block]; edge < edges->rowPtr[block + 1]; ++edge) {
            const auto at = static_cast<qsizetype>(edge);
            QCOMPARE(object["keys"].toArray()[at].toInt(), static_cast<int>(edges->keyBlock[edge]));
            QCOMPARE(object["query"].toArray()[at].toInt(),
                     static_cast<int>(block * 8 + edges->peakAt[edge] / 256));
            QCOMPARE(object["key"].toArray()[at].toInt(),
                     static_cast<int>(edges->keyBlock[edge] * 16 + edges->peakAt[edge] % 256));
        }
    }
    const QJsonArray tokenRows = object["row"].toArray();
    QCOMPARE(tokenRows.size(), qsizetype{5});
    for (const auto& value : tokenRows) {
        const QJsonArray row = value.toArray();
        const auto read = *m_trace->loadTokenRow(row[0].toInt(), row[1].toInt(), 599);
        QCOMPARE(row[2].toArray().size(), static_cast<qsizetype>(read.keys.size()));
        for (std::size_t i = 0; i < read.keys.size(); ++i) {
            const auto at = static_cast<qsizetype>(i);
            QCOMPARE(row[2].toArray()[at].toInt(), static_cast<int>(read.keys[i]));
            QCOMPARE(static_cast<float>(row[3].toArray()[at].toDouble()), read.probability[i]);
        }
    }
    QCOMPARE(object["probe"].toArray()[1].toInt(), 99);
    const Overview overview = *m_trace->loadOverview(1, 0, 64);
    QCOMPARE(object["overview"].toArray()[0].toInt(),
             int{*std::max_element(overview.max.begin(), overview.max.end())});
}

void TraceExport::pythonRefusesDamage()
{
    const QString script = "import sys, headwater\n"
                           "try:\n"
                           "    t = headwater.open_trace(sys.argv[1])\n"
                           "    for h in t.heads:\n"
                           "        t.edges(h['layer'], h['head']); t.rows(h['layer'], h['head'])\n"
                           "    t.token_rows(599)\n"
                           "except headwater.TraceError as e:\n"
                           "    print(e)\n";
    std::string bytes = bytesOf(m_path);
    const std::filesystem::path damaged = m_folder.filePath("damaged.hwt").toStdString();
    // A blob in the middle of the file, and a file cut short.
    for (const bool isCut : {false, true}) {
        std::string changed = isCut ? bytes.substr(0, bytes.size() / 2) : bytes;
        if (!isCut) {
            // Every zstd frame begins with this magic; damage the byte after the header of each.
            for (std::size_t at = changed.find("\x28\xB5\x2F\xFD"); at != std::string::npos;
                 at = changed.find("\x28\xB5\x2F\xFD", at + 8))
                changed[at + 7] = static_cast<char>(changed[at + 7] ^ 0x10);
        }
        std::ofstream(damaged, std::ios::binary) << changed;
        const Ran ran = python(script, {QString::fromStdString(damaged.string())});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(ran.out.contains("damaged.hwt"), qPrintable(ran.out));
        std::filesystem::remove(damaged);
    }
}

void TraceExport::golden()
{
    if (qEnvironmentVariableIsSet("HEADWATER_WRITE_GOLDEN")) {
        made::Shape shape;
        shape.tokens = 400;
        QVERIFY(made::write(kGolden, shape).has_value());
    }
    const auto opened = Trace::open(kGolden);
    QVERIFY2(opened.has_value(), opened ? "" : opened.error().text().c_str());
    const Trace& trace = **opened;
    QVERIFY(trace.isSealed());
    QCOMPARE(verifyTrace(kGolden)->damage.size(), std::size_t{0});
    QCOMPARE(trace.seqLen(), 400u);
    QCOMPARE(trace.heads().size(), std::size_t{5});
    QCOMPARE(trace.meta()["model"]["name"].get<std::string>(), std::string("made"));
    QString hashes;
    for (const HeadInfo& info : trace.heads())
        hashes += QString::number(contentHash(trace, info), 16) + ' ';
    QCOMPARE(
        hashes,
        QString("c844dc1cc16e767d 57359806b1c9f135 4587560d3b164d08 31c24c123d6d4284 442abf4e70a5fccb "));
}

void TraceExport::syntheticSmall()
{
    const SyntheticSpec spec = *syntheticSpec("small");
    const std::filesystem::path path = m_folder.filePath("small.hwt").toStdString();
    QVERIFY(writeSyntheticTrace(path, spec).has_value());
    const auto trace = *Trace::open(path);
    QCOMPARE(trace->seqLen(), 4096u);
    QCOMPARE(trace->heads().size(), std::size_t{16});
    QCOMPARE(verifyTrace(path)->damage.size(), std::size_t{0});
    for (const HeadInfo& info : trace->heads()) {
        const PlantedNeedle needle = plantedNeedle(spec, info.layer, info.head);
        const auto edges = *trace->loadEdges(info.layer, info.head);
        int found = 0;
        for (std::uint32_t block = 0; block + 1 < edges->rowPtr.size(); ++block) {
            for (std::uint64_t edge = edges->rowPtr[block]; edge < edges->rowPtr[block + 1]; ++edge) {
                const std::uint32_t query = block * 8 + edges->peakAt[edge] / 256;
                const std::uint32_t key = edges->keyBlock[edge] * 8 + edges->peakAt[edge] % 256;
                if (query == needle.query && key == needle.key) {
                    QCOMPARE(edges->peak[edge], halfFromFloat(0.9F));
                    ++found;
                }
            }
        }
        QCOMPARE(found, 1);
        QVERIFY(info.statistics.keptMass.mean > 0.5 && info.statistics.keptMass.mean <= 1);
        QVERIFY(info.statistics.sinkShare > 0.1 && info.statistics.sinkShare < 0.8);
    }
    const std::filesystem::path again = m_folder.filePath("small2.hwt").toStdString();
    QVERIFY(writeSyntheticTrace(again, spec).has_value());
    QVERIFY(bytesOf(path) == bytesOf(again));
    std::stop_source stopped;
    stopped.request_stop();
    QCOMPARE(writeSyntheticTrace(again, spec, {}, stopped.get_token()).error().code, ErrorCode::Cancelled);
}

void TraceExport::syntheticShapes()
{
    QCOMPARE(syntheticSpec("R3").error().code, ErrorCode::InvalidArgument);
    const SyntheticSpec r1 = *syntheticSpec("R1");
    QCOMPARE(r1.layers * r1.headsPerLayer, 960);
    int withEdges = 0;
    for (int head = 0; head < 960; ++head)
        withEdges += head % r1.edgesEvery == 0;
    QCOMPARE(withEdges, 32);
    const HeadRecord record = syntheticHead(r1, 3, 7);
    QVERIFY(record.keyBlock.size() > 255000 && record.keyBlock.size() < 265000);
    const SyntheticSpec r2 = *syntheticSpec("R2");
    QVERIFY(std::uint64_t{r2.grid.numQueryBlocks()} * r2.blocksPerRow > 8300000);
    QCOMPARE(r2.blocksPerRow * r2.grid.blockK, 512u);
}

QTEST_GUILESS_MAIN(TraceExport)
#include "tst_trace_export.moc"
