// SPDX-License-Identifier: Apache-2.0
#include "core/base/half.h"
#include "core/base/hash.h"
#include "core/trace/export_head.h"
#include "core/trace/synthetic_trace.h"
#include "core/trace/verify.h"
#include "made_trace.h"
#include "support/python.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <stop_token>

using namespace headwater;

namespace {

/// The trace of a format version, kept for ever (tests/data/golden/README.md says how it was made).
std::filesystem::path goldenOf(const QString& version)
{
    return (QStringLiteral(HEADWATER_SOURCE_DIR "/tests/data/golden/trace-") + version + ".hwt")
        .toStdString();
}

std::string bytesOf(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// One number for all of a head's decoded content.
std::uint64_t contentHash(const Trace& trace, const HeadInfo& info)
{
    std::uint64_t hash = 0;
    const auto add = [&](const auto& values) { hash = xxh3(std::as_bytes(std::span(values)), hash); };
    const auto edges = *trace.loadEdges(info.layer, info.head);
    add(std::vector<std::uint64_t>(edges->rowPtr.begin(), edges->rowPtr.end()));
    add(edges->keyBlock);
    add(edges->mass);
    add(edges->peak);
    add(edges->peakAt);
    const auto rows = *trace.loadRows(info.layer, info.head);
    add(rows->lse);
    add(rows->missed);
    add(trace.loadColumnMass(info.layer, info.head)->mass);
    for (const std::uint32_t side : trace.overviewSides()) {
        const Overview overview = *trace.loadOverview(info.layer, info.head, side);
        add(overview.max);
        add(overview.count);
        add(overview.missed);
        add(overview.content);
    }
    const TokenRow row = *trace.loadTokenRow(info.layer, info.head, trace.seqLen() - 1);
    add(row.keys);
    add(row.probability);
    return hash;
}

ExportRequest npzOf(int layer, int head, const std::filesystem::path& path)
{
    return {{{layer, head}}, {}, {}, ExportFormat::Npz, false, path};
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
    void parts_data();
    void parts();
    void severalHeads();
    void stops();
    void golden_data();
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
    QVERIFY(exportHeads(*m_trace, npzOf(1, 2, path)).has_value());
    QCOMPARE(exportHeads(*m_trace, npzOf(1, 9, path)).error().code, ErrorCode::NotFound);
    QCOMPARE(exportHeads(*m_trace, npzOf(1, 2, "/no/such/folder/x.npz")).error().code,
             ErrorCode::CannotCreate);
    const PythonRun ran =
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
    QVERIFY(exportHeads(*m_trace, npzOf(0, 0, one)).has_value());
    QVERIFY(exportHeads(*m_trace, npzOf(0, 0, two)).has_value());
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
    QVERIFY(exportHeads(*trace, {{{0, 0}}, {}, {}, ExportFormat::Csv, false, table}).has_value());
    const PythonRun ran = python("import sys, csv, json\n"
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

void TraceExport::parts_data()
{
    QTest::addColumn<QString>("queries");
    QTest::addColumn<QString>("keys");
    // Blocks of 8 rows and 16 keys; 600 tokens.
    QTest::newRow("all") << ":"
                         << ":";
    QTest::newRow("inside blocks") << "100:101"
                                   << "33:50";
    QTest::newRow("whole blocks") << "96:104"
                                  << "32:48";
    QTest::newRow("to the end") << "599:600"
                                << "590:600";
    QTest::newRow("the future: no edge") << "0:8"
                                         << "400:500";
}

/// A part holds exactly the edges of its blocks, in npz and csv.
void TraceExport::parts()
{
    QFETCH(const QString, queries);
    QFETCH(const QString, keys);
    ExportRequest request = npzOf(1, 0, m_folder.filePath("part.npz").toStdString());
    request.queries = *parseTokenRange(queries.toStdString(), 600);
    request.keys = *parseTokenRange(keys.toStdString(), 600);
    QJsonArray expected;
    const auto edges = *m_trace->loadEdges(1, 0);
    for (std::uint32_t block = 0; block + 1 < edges->rowPtr.size(); ++block) {
        for (std::uint64_t edge = edges->rowPtr[block]; edge < edges->rowPtr[block + 1]; ++edge) {
            const std::uint32_t key = edges->keyBlock[edge];
            if (block * 8 < request.queries->end && block * 8 + 8 > request.queries->begin
                && key * 16 < request.keys->end && key * 16 + 16 > request.keys->begin)
                expected.append(QJsonArray{static_cast<qint64>(block), static_cast<qint64>(key),
                                           static_cast<double>(floatFromHalf(edges->mass[edge])),
                                           static_cast<qint64>(block * 8 + edges->peakAt[edge] / 256),
                                           static_cast<qint64>(key * 16 + edges->peakAt[edge] % 256)});
        }
    }
    QVERIFY(!expected.isEmpty() || keys == "400:500");
    const auto written = exportHeads(*m_trace, request);
    QVERIFY(written.has_value());
    QCOMPARE(written->at(0).edges, static_cast<std::uint64_t>(expected.size()));
    const PythonRun npz =
        python("import sys, json, numpy, scipy.sparse\n"
               "m, z = scipy.sparse.load_npz(sys.argv[1]), numpy.load(sys.argv[1])\n"
               "q0, k0, rows = int(z['first_query']), int(z['first_key']), len(z['lse'])\n"
               "assert len(z['missed']) == len(z['missed_peak']) == rows and 0 <= m.shape[0] * 8 - rows < 8\n"
               "assert q0 % 8 == 0 and k0 % 16 == 0\n"
               "c = m.tocoo()\n"
               "print(json.dumps(dict(edges=[[int(r) + q0 // 8, int(k) + k0 // 16, float(v), int(pq), "
               "int(pk)] for r, k, v, pq, pk in\n"
               "    zip(c.row, c.col, c.data, z['peak_query'], z['peak_key'])], first=q0, "
               "lse=z['lse'].tolist())))\n",
               {QString::fromStdString(request.path.string())});
    if (npz.err.contains("No module named 'scipy'"))
        QSKIP("python3-scipy is not installed");
    QVERIFY2(npz.code == 0, qPrintable(npz.err));
    const QJsonObject read = QJsonDocument::fromJson(npz.out.toUtf8()).object();
    QCOMPARE(read["edges"].toArray(), expected);
    const auto rows = *m_trace->loadRows(1, 0);
    const QJsonArray lse = read["lse"].toArray();
    for (qsizetype row = 0; row < lse.size(); ++row)
        QCOMPARE(static_cast<float>(lse[row].toDouble()),
                 rows->lse[static_cast<std::size_t>(read["first"].toInt() + row)]);

    request.format = ExportFormat::Csv;
    request.path = m_folder.filePath("part.csv").toStdString();
    QVERIFY(exportHeads(*m_trace, request).has_value());
    const PythonRun csv =
        python("import sys, csv, json\n"
               "print(json.dumps([[int(r['query_begin']) // 8, int(r['key_begin']) // 16, float(r['mass']),\n"
               "    int(r['peak_query']), int(r['peak_key'])] for r in csv.DictReader(open(sys.argv[1]))\n"
               "    if (r['layer'], r['head']) == ('1', '0')]))\n",
               {QString::fromStdString(request.path.string())});
    QVERIFY2(csv.code == 0, qPrintable(csv.err));
    const QJsonArray lines = QJsonDocument::fromJson(csv.out.toUtf8()).array();
    QCOMPARE(lines.size(), expected.size());
    for (qsizetype line = 0; line < lines.size(); ++line) {
        for (int column : {0, 1, 3, 4})
            QCOMPARE(lines[line][column], expected[line][column]);
        QCOMPARE(static_cast<float>(lines[line][2].toDouble()),
                 static_cast<float>(expected[line][2].toDouble()));
    }
}

/// Several heads in one archive hold what each one's own archive holds; a folder takes those.
void TraceExport::severalHeads()
{
    ExportRequest request{{}, TokenRange{100, 300}, {}, ExportFormat::Npz, false, {}};
    for (const HeadInfo& info : m_trace->heads())
        request.heads.push_back({info.layer, info.head});
    request.path = m_folder.filePath("all.npz").toStdString();
    std::vector<Progress> seen;
    const auto written =
        exportHeads(*m_trace, request, [&seen](const Progress& progress) { seen.push_back(progress); });
    QVERIFY(written.has_value());
    QCOMPARE(written->size(), std::size_t{5});
    QVERIFY(seen.size() >= 5 && seen.back().done == seen.back().total && seen.back().total > 0);
    request.isFolder = true;
    request.path = m_folder.filePath("each").toStdString();
    QVERIFY(std::filesystem::create_directory(request.path));
    const auto each = exportHeads(*m_trace, request);
    QVERIFY(each.has_value());
    QCOMPARE(each->back().file, request.path / "L1-H2.npz");
    const PythonRun run = python("import sys, numpy\n"
                                 "z = numpy.load(sys.argv[1])\n"
                                 "assert z['heads'].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [1, 2]]\n"
                                 "for l, h in z['heads'].tolist():\n"
                                 "    one = numpy.load(f'{sys.argv[2]}/L{l}-H{h}.npz')\n"
                                 "    assert len(one.files) == 16, one.files\n"
                                 "    for name in one.files:\n"
                                 "        assert numpy.array_equal(one[name], z[f'L{l}H{h}/{name}'], "
                                 "equal_nan=one[name].dtype.kind == 'f'), name\n"
                                 "assert len(z.files) == 1 + 5 * 16\n",
                                 {m_folder.filePath("all.npz"), m_folder.filePath("each")});
    QVERIFY2(run.code == 0, qPrintable(run.err));
}

/// A stop leaves whole files and nothing half written.
void TraceExport::stops()
{
    for (const ExportFormat format : {ExportFormat::Npz, ExportFormat::Csv}) {
        const QString folder = m_folder.filePath(format == ExportFormat::Npz ? "n" : "c");
        QVERIFY(QDir().mkpath(folder));
        ExportRequest request{{{0, 0}, {0, 1}, {1, 0}}, {}, {}, format, true, folder.toStdString()};
        std::stop_source source;
        int heads = 0;
        const auto stopAfterTwo = [&](const Progress&) {
            if (++heads == 2)
                source.request_stop();
        };
        const auto written = exportHeads(*m_trace, request, stopAfterTwo, source.get_token());
        QVERIFY(!written && written.error().code == ErrorCode::Cancelled);
        QCOMPARE(QDir(folder).entryList(QDir::Files).size(), qsizetype{2});
    }
}

void TraceExport::golden_data()
{
    QTest::addColumn<QString>("version");
    QTest::addColumn<QString>("expected");
    QTest::newRow("1.0")
        << "1.0"
        << "bf1dec4b4f46b708 908b22973c83cc77 aa9f2d4a22bc343d 9fe6c3993b627940 69a2d3a2ca2818f ";
    QTest::newRow("1.1")
        << "1.1"
        << "f0fdd925d612b6c8 a86d4cb4b4eeeb0e 3df93545e6f841a0 aaf50a0510d84264 f63331f6c3fc145e ";
    QTest::newRow("1.1-predictions")
        << "1.1-predictions"
        << "f0fdd925d612b6c8 a86d4cb4b4eeeb0e 3df93545e6f841a0 aaf50a0510d84264 f63331f6c3fc145e ";
}

void TraceExport::golden()
{
    QFETCH(const QString, version);
    QFETCH(const QString, expected);
    made::Shape shape;
    shape.tokens = 400;
    shape.predictions = version.endsWith(QStringLiteral("predictions"));
    if (qEnvironmentVariable("HEADWATER_WRITE_GOLDEN") == version)
        QVERIFY(made::write(goldenOf(version), shape).has_value());
    const auto opened = Trace::open(goldenOf(version));
    QVERIFY2(opened.has_value(), opened ? "" : opened.error().text().c_str());
    const Trace& trace = **opened;
    QVERIFY(trace.isSealed());
    QCOMPARE(verifyTrace(goldenOf(version))->damage.size(), std::size_t{0});
    QCOMPARE(trace.seqLen(), 400u);
    QCOMPARE(trace.heads().size(), std::size_t{5});
    QCOMPARE(trace.meta()["model"]["name"].get<std::string>(), std::string("made"));
    QString hashes;
    for (const HeadInfo& info : trace.heads()) {
        hashes += QString::number(contentHash(trace, info), 16) + ' ';
        // Missed peaks are bounds, however a version rounded them.
        const HeadRecord record = made::record(shape, info.layer, info.head);
        const auto rows = *trace.loadRows(info.layer, info.head);
        for (std::uint32_t row = 0; row < shape.tokens; ++row) {
            const float missed = record.missedPeak[row];
            QCOMPARE(std::isnan(rows->missedPeak[row]), std::isnan(missed));
            QVERIFY(!(rows->missedPeak[row] < missed));
            QVERIFY(!(rows->missedPeak[row] > missed * (1 + 0x1p-9F) + 0x1p-24F));
        }
    }
    QCOMPARE(hashes, expected);
    QCOMPARE(trace.hasPredictions(), shape.predictions);
    if (!shape.predictions)
        return;
    const Predictions made = made::predictions(made::begin(shape).tokenIds, shape.tokens);
    const std::shared_ptr<const Predictions> read = *trace.loadPredictions();
    QCOMPARE(read->words, made.words);
    for (std::uint32_t row = 0; row < shape.tokens; ++row) {
        if (row > 0)
            QCOMPARE(read->logprobOf(row), made.logprobOf(row));
        for (std::size_t rank = 0; rank < kLikeliest; ++rank) {
            QCOMPARE(read->rows[row].likeliest[rank].id, made.rows[row].likeliest[rank].id);
            QCOMPARE(read->rows[row].likeliest[rank].logprob, made.rows[row].likeliest[rank].logprob);
        }
    }
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
    QCOMPARE(syntheticSpec("R4").error().code, ErrorCode::InvalidArgument);
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
