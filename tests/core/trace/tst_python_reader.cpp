// SPDX-License-Identifier: Apache-2.0
#include "core/base/half.h"
#include "core/trace/synthetic_trace.h"
#include "made_trace.h"
#include "support/python.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using namespace headwater;

namespace {

double sumOf(const std::vector<std::uint16_t>& halves)
{
    double sum = 0;
    for (const std::uint16_t half : halves)
        sum += static_cast<double>(floatFromHalf(half));
    return sum;
}

/// Opens the trace as `t`; `refused(call, words)` says that a call ends in a TraceError with all of these
/// words.
const QString kOpened = R"(
import os, sys, threading
import numpy as np
import headwater

t = headwater.open_trace(sys.argv[1])

def refused(call, *words):
    try:
        value = call()
    except headwater.TraceError as error:
        missing = [word for word in words if word not in str(error)]
        assert not missing, f"'{error}' does not say {missing}"
        return
    raise AssertionError(f"gave {value!r}")

def is_type_error(call):
    try:
        value = call()
    except TypeError:
        return
    raise AssertionError(f"gave {value!r}")
)";

} // namespace

/// python/headwater.py on traces that core/trace wrote.
class PythonReader : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void readsWhatIsThere();
    void asks_data();
    void asks();
    void refusesDamage();

private:
    QTemporaryDir m_folder;
    std::filesystem::path m_path;
    std::shared_ptr<const Trace> m_trace;
};

void PythonReader::initTestCase()
{
    m_path = m_folder.filePath("reader.hwt").toStdString();
    made::Shape shape;
    shape.predictions = true;
    QVERIFY(made::write(m_path, shape).has_value());
    m_trace = *Trace::open(m_path);
    QVERIFY(made::write(m_folder.filePath("plain.hwt").toStdString(), made::Shape()).has_value());
}

void PythonReader::readsWhatIsThere()
{
    const PythonRun ran =
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

void PythonReader::asks_data()
{
    QTest::addColumn<QString>("script");
    // Any integer is an integer: what numpy's loops and argmax give finds what Python's own numbers find.
    QTest::newRow("token row by every kind of integer") << R"(
for kind in (int, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.intp, np.array):
    assert len(t.token_rows(kind(599))) == 5, kind
)";
    QTest::newRow("overview by every kind of integer") << R"(
whole = t.overview(1, 0, 64)
for kind in (np.int8, np.uint8, np.int16, np.int32, np.int64, np.uint64):
    same = t.overview(kind(1), kind(0), kind(64))
    assert same[0] == whole[0] and all((a == b).all() for a, b in zip(same[1:], whole[1:])), kind
)";
    QTest::newRow("head, edges and rows by every kind of integer") << R"(
for kind in (np.int8, np.uint8, np.int64, np.uint64):
    assert t.head(kind(1), kind(2)) is t.head(1, 2)
    assert (t.edges(kind(1), kind(2)).mass == t.edges(1, 2).mass).all()
    assert (t.rows(kind(1), kind(2)).lse == t.rows(1, 2).lse).all()
)";
    QTest::newRow("a token at the end of a small type's range") << R"(
assert t.token_text(np.uint8(255)) == t.token_text(255)
assert t.token_text(np.int8(127)) == t.token_text(127)
)";
    QTest::newRow("what is no integer is a TypeError") << R"(
for call in (lambda: t.token_rows(599.0), lambda: t.token_text("7"), lambda: t.head(1.0, 0), lambda: t.edges(1, None),
             lambda: t.overview(1, 0, np.float64(64)), lambda: t.rows(np.array([1, 1]), 0)):
    is_type_error(call)
)";
    // What the trace does not hold.
    QTest::newRow("a row that is not recorded") << R"(
assert t.recorded_rows() == [597, 598, 599]
refused(lambda: t.token_rows(596), "row 596", "recorded_rows")
refused(lambda: t.token_rows(np.int64(0)), "row 0")
refused(lambda: t.token_rows(600), "600", "not in the trace")
refused(lambda: t.token_rows(-1), "-1", "not in the trace")
)";
    QTest::newRow("a head, side or array that is not there") << R"(
refused(lambda: t.head(1, 3), "layer 1, head 3")
refused(lambda: t.edges(np.int64(2), 0), "layer 2, head 0")
refused(lambda: t.rows(-1, 0), "layer -1")
refused(lambda: t.overview(1, 0, np.int64(63)), "side 63")
refused(lambda: t.overview(9, 0, 64), "layer 9")
refused(lambda: t.array("nothing"), "nothing")
refused(lambda: t.array(7), "'7'")
refused(lambda: t.array("a\ud800"), "reader.hwt")
for much in (2**63, 2**70, -2**70):
    refused(lambda: t.overview(1, 0, much), f"side {much}")
    refused(lambda: t.overview(much, 0, 64), f"layer {much}")
    refused(lambda: t.head(much, 0), f"layer {much}")
assert len(t.array(np.str_("token_ids"))) == 600
)";
    QTest::newRow("the content plane") << R"(
level, largest, count, missed = t.overview(1, 0, 64)
content = t.content(np.int64(1), 0)
assert content.shape == largest.shape and content.any() and not content[np.triu_indices(64, 1)].any()
refused(lambda: t.content(1, 3), "layer 1, head 3")
)";
    QTest::newRow("predictions") << R"(
p = t.predictions()
assert (p.of, p.prompt_tokens) == ("model", 600)
assert p.logprob.shape == (600,) and p.next_ids.shape == p.next_logprob.shape == (600, 5)
assert np.isnan(p.logprob[0]) and np.all(p.logprob[1:] <= 0)
assert np.all(np.diff(p.next_logprob, axis=1) <= 0)
for row in range(0, 598, 2):  # made so: every other row has the token that follows among its five
    (rank,) = np.flatnonzero(p.next_ids[row] == t.token_ids[row + 1])
    assert p.logprob[row + 1] == p.next_logprob[row, rank]
assert abs(p.mean_loss + p.logprob[1:].astype("f8").mean()) < 1e-12 and p.perplexity == np.exp(p.mean_loss)
assert p.traced_next_ids.shape == (0,)
assert p.word(p.next_ids[3, 1]) == f"�{p.next_ids[3, 1]}"
refused(lambda: p.word(50000), "50000")
is_type_error(lambda: p.word("x"))
with headwater.open_trace(os.path.join(os.path.dirname(sys.argv[1]), "plain.hwt")) as plain:
    refused(plain.predictions, "plain.hwt", "--predictions on")
)";
    // Threads and processes.
    QTest::newRow("threads read what one reads") << R"(
whole = [t.edges(h["layer"], h["head"]).mass for h in t.heads]
wrong = []
def read(start):
    try:
        for step in range(40):
            index = (start + step) % len(t.heads)
            info = t.heads[index]
            if not (t.edges(info["layer"], info["head"]).mass == whole[index]).all():
                wrong.append("another mass")
            if len(t.token_rows(599)) != 5 or not t.token_text(7):
                wrong.append("another row")
    except BaseException as error:
        wrong.append(repr(error))
threads = [threading.Thread(target=read, args=(start,)) for start in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not wrong, wrong[:3]
)";
    QTest::newRow("another process opens it again") << R"(
child = os.fork()
if child == 0:
    try:
        refused(lambda: t.edges(1, 0), "another process")
        with headwater.open_trace(sys.argv[1]) as mine:
            assert len(mine.token_rows(599)) == 5
    except BaseException:
        os._exit(1)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
)";
    QTest::newRow("a closed trace") << R"(
t.close()
t.close()
refused(lambda: t.edges(1, 0), "closed")
refused(lambda: t.token_rows(599), "closed")
)";
    // A run that goes on writes layers meanwhile and, in the end, the tail of every head again.
    QTest::newRow("a run that writes meanwhile") << R"(
import shutil, sqlite3
path = sys.argv[1] + ".growing"
shutil.copy(sys.argv[1], path)
run = sqlite3.connect(path, isolation_level=None)
run.execute("PRAGMA journal_mode=WAL")
run.execute("UPDATE meta SET key=key")  # so that there is a log
growing = headwater.open_trace(path)
whole, field = t.edges(1, 0), growing._field
def field_after_a_write(*asked):
    run.execute("DELETE FROM chunk WHERE layer=1 AND head=0 AND field<>'row_ptr'")
    return field(*asked)
growing._field = field_after_a_write
same = growing.edges(1, 0)
assert (same.mass == whole.mass).all() and (same.peak_key == whole.peak_key).all()
growing._field = field
refused(lambda: growing.edges(1, 0), "is missing")
run.execute("UPDATE head SET xxh3=xxh3+1 WHERE layer=1")
for call in (lambda: growing.edges(1, 1), lambda: growing.rows(1, 1)):
    refused(call, "layer 1, head 1", "changed since", "open it again")
assert len(growing.edges(0, 0).mass) and len(growing.token_rows(599)) == 5
growing.close()
run.close()
)";
    // Each as though libxxhash were not installed: then only what the fields say of themselves is checked.
    QTest::newRow("damaged tables without libxxhash") << R"(
import shutil, sqlite3
headwater._RowHash.__init__ = lambda self: setattr(self, "library", None)
for change in ("UPDATE meta SET value='{'", "UPDATE meta SET value=x'ff7b'", "UPDATE meta SET value=NULL",
               "UPDATE head SET stats='[}'", "UPDATE head SET sinks=x'010203'", "UPDATE head SET sinks=7",
               "UPDATE array SET shape='x'", "UPDATE array SET shape='7'", "UPDATE array SET dtype='f16'",
               "UPDATE array SET data=x'28b52ffd'", "ALTER TABLE head RENAME COLUMN stats TO statistics"):
    path = sys.argv[1] + ".damaged"
    shutil.copy(sys.argv[1], path)
    with sqlite3.connect(path) as db:
        db.execute(change)
    db.close()
    refused(lambda: headwater.open_trace(path), ".damaged")
    os.remove(path)
)";
    QTest::newRow("any path") << R"(
import shutil
folder = os.path.dirname(sys.argv[1])
for name in (b"a b%20c?d#e.hwt", "\u05e9.hwt".encode(), b"raw\xff\n.hwt", b"'\".hwt"):
    path = os.path.join(os.fsencode(folder), name)
    shutil.copy(os.fsencode(sys.argv[1]), path)
    for given in (path, os.fsdecode(path)):
        with headwater.open_trace(given) as copy:
            assert len(copy.token_rows(599)) == 5 and os.fsencode(copy.path) == path
    os.remove(path)
)";
    QTest::newRow("not an option of to_scipy") << R"(
try:
    t.edges(1, 0).to_scipy("masses")
    raise AssertionError("taken")
except ValueError as error:
    assert "mass" in str(error) and "peak" in str(error)
)";
}

void PythonReader::asks()
{
    QFETCH(QString, script);
    const PythonRun run = python(kOpened + script, {QString::fromStdString(m_path.string())});
    QVERIFY2(run.code == 0, qPrintable(run.err));
}

void PythonReader::refusesDamage()
{
    const QString script = "import sys, headwater\n"
                           "try:\n"
                           "    t = headwater.open_trace(sys.argv[1])\n"
                           "    for h in t.heads:\n"
                           "        t.edges(h['layer'], h['head']); t.rows(h['layer'], h['head'])\n"
                           "    t.token_rows(599)\n"
                           "except headwater.TraceError as e:\n"
                           "    print(e)\n";
    QFile file(QString::fromStdString(m_path.string()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const std::string bytes = file.readAll().toStdString();
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
        const PythonRun ran = python(script, {QString::fromStdString(damaged.string())});
        QVERIFY2(ran.code == 0, qPrintable(ran.err));
        QVERIFY2(ran.out.contains("damaged.hwt"), qPrintable(ran.out));
        std::filesystem::remove(damaged);
    }
}

QTEST_GUILESS_MAIN(PythonReader)
#include "tst_python_reader.moc"
