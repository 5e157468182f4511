// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_file.h"
#include "core/trace/verify.h"
#include "made_trace.h"
#include "support/sanitized.h"
#include "support/trace_rows.h"

#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <set>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace headwater;

namespace {

made::Shape shapeOfOld()
{
    made::Shape shape;
    shape.tokens = 300;
    shape.headsPerLayer = {2, 2};
    return shape;
}

made::Shape shapeOfNew()
{
    made::Shape shape;
    shape.tokens = 400;
    shape.headsPerLayer = {2, 2, 2};
    return shape;
}

/// Whether a system call may change what is on the disk.
bool changesFiles(std::uint64_t call)
{
    static const std::set<std::uint64_t> kCalls = {
        SYS_write,    SYS_pwrite64, SYS_ftruncate, SYS_openat, SYS_unlinkat, SYS_renameat2, SYS_fallocate,
#ifdef SYS_unlink // newer machines have only the forms with a folder
        SYS_open,     SYS_unlink,   SYS_rename,
#endif
#ifdef SYS_renameat
        SYS_renameat,
#endif
    };
    return kCalls.contains(call);
}

/// Whether a system call may change what another program finds: files, or the locks on them.
bool changesWhatOthersFind(std::uint64_t call)
{
    return changesFiles(call) || call == SYS_fcntl;
}

/// A writer that stands still before the system calls that are asked for: between two calls that change
/// files, a death or a look finds what it finds before the second.
class TracedWriter {
public:
    explicit TracedWriter(const std::filesystem::path& path)
    {
        int ends[2] = {-1, -1};
        if (::pipe(ends) != 0)
            return;
        m_process = ::fork();
        if (m_process == 0) {
            ::close(ends[0]);
            write(path, ends[1]);
        }
        ::close(ends[1]);
        m_pipe = ends[0];
        int status = 0;
        m_isTraced = ::waitpid(m_process, &status, 0) == m_process && WIFSTOPPED(status)
            && ::ptrace(PTRACE_SETOPTIONS, m_process, nullptr, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD)
                == 0;
    }
    ~TracedWriter() { ::close(m_pipe); }
    TracedWriter(const TracedWriter&) = delete;
    TracedWriter& operator=(const TracedWriter&) = delete;

    bool isTraced() const { return m_isTraced; }

    /// Runs it to before its next call that `isWanted`. False: it ended earlier.
    bool runTo(bool (*isWanted)(std::uint64_t))
    {
        for (;;) {
            if (!goOn())
                return false;
            __ptrace_syscall_info info{};
            if (::ptrace(PTRACE_GET_SYSCALL_INFO, m_process, sizeof info, &info) > 0
                && info.op == PTRACE_SYSCALL_INFO_ENTRY && isWanted(info.entry.nr))
                return true;
        }
    }

    /// Runs it to its `wanted`th call that changes files and kills it before that. False: it ended earlier.
    bool killBefore(int wanted)
    {
        for (int calls = 0; calls < wanted; ++calls) {
            if (!runTo(changesFiles))
                return false;
        }
        ::kill(m_process, SIGKILL);
        ::waitpid(m_process, nullptr, 0);
        return true;
    }

    /// The layers whose commit it has told.
    int told() const
    {
        int layers = 0;
        char byte = 0;
        while (::read(m_pipe, &byte, 1) == 1)
            ++layers;
        return layers;
    }

    /// It ended by itself, having done all.
    bool hasSucceeded() const { return WIFEXITED(m_status) && WEXITSTATUS(m_status) == 0; }

private:
    bool goOn()
    {
        return ::ptrace(PTRACE_SYSCALL, m_process, nullptr, 0) == 0
            && ::waitpid(m_process, &m_status, 0) == m_process && WIFSTOPPED(m_status);
    }

    [[noreturn]] static void write(const std::filesystem::path& path, int pipe)
    {
        const made::Shape shape = shapeOfNew();
        const TraceWriter::Begin begin = made::begin(shape);
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, 0) != 0)
            ::_exit(1);
        ::raise(SIGSTOP);
        auto writer = TraceWriter::create(path, begin, true);
        if (!writer)
            ::_exit(2);
        for (int layer = 0; layer < static_cast<int>(shape.headsPerLayer.size()); ++layer) {
            if (!writer->writeLayer(layer, made::layer(shape, layer), shape.tailRow)
                || ::write(pipe, "x", 1) != 1)
                ::_exit(3);
        }
        ::_exit(writer->seal() ? 0 : 4);
    }

    pid_t m_process = -1;
    int m_status = 0;
    int m_pipe = -1;
    bool m_isTraced = false;
};

/// A program that opens the trace, if there is one, and closes it again.
class Look {
public:
    explicit Look(const std::filesystem::path& path)
        : m_process(::fork())
    {
        if (m_process == 0)
            ::_exit(hasSeen(Trace::open(path)) ? 0 : 1);
    }

    /// Waits at most that long. False: it waits itself, for a lock of the writer that stands still.
    bool hasEnded(int milliseconds)
    {
        const QDeadlineTimer deadline(milliseconds);
        for (;;) {
            m_hasEnded = m_hasEnded || ::waitpid(m_process, &m_status, WNOHANG) == m_process;
            if (m_hasEnded || deadline.hasExpired())
                return m_hasEnded;
            ::usleep(1000);
        }
    }
    /// Waits for its end. True: it saw a trace, or there was none.
    bool hasSucceeded()
    {
        m_hasEnded = m_hasEnded || ::waitpid(m_process, &m_status, 0) == m_process;
        return WIFEXITED(m_status) && WEXITSTATUS(m_status) == 0;
    }

private:
    static bool hasSeen(const Result<std::shared_ptr<const Trace>>& trace)
    {
        return trace || trace.error().code == ErrorCode::NotFound;
    }

    pid_t m_process = -1;
    int m_status = -1;
    bool m_hasEnded = false;
};

} // namespace

/// A writer dies before any one of its system calls that change files: no trace stands at its name, or one
/// that opens and holds exactly the finished layers, a writer that goes on with it ends where one that did
/// not die does, and the next run finds the place as if nothing had been. The quick run takes every 8th call,
/// `slow` (the argument) all of them. And others look before every one of its calls that change files or
/// locks: they see a trace, and one file is left in the end.
class TraceInstants : public QObject {
    Q_OBJECT

public:
    explicit TraceInstants(int step)
        : m_step(step)
    {
    }

private slots:
    void dies_data() { addPlaces(true); }
    void dies();
    void isLookedAt_data() { addPlaces(!test::isSanitized()); }
    void isLookedAt();

private:
    static void addPlaces(bool withOldOnes)
    {
        QTest::addColumn<bool>("hasOld");
        QTest::addColumn<bool>("oldIsSealed");
        QTest::newRow("at a fresh name") << false << false;
        if (!withOldOnes)
            return;
        QTest::newRow("over a sealed trace") << true << true;
        QTest::newRow("over a killed run's trace") << true << false;
    }

    /// In memory where there is such a place: a disk's syncs would take ten times as long and show no more.
    static QString folderTemplate()
    {
        const QString memory = QStringLiteral("/dev/shm");
        return (QFileInfo(memory).isWritable() ? memory : QDir::tempPath()) + "/tst_trace_instants-XXXXXX";
    }
    void makeOld(bool isSealed);
    void checkLeft(int told);
    /// With what is left of the new trace, if anything.
    void goOn();

    int m_step;
    QTemporaryDir m_folder;
    std::filesystem::path m_path;
    QByteArray m_seen; ///< which states were found: a missing name, the old trace, the new one's layers
};

void TraceInstants::makeOld(bool isSealed)
{
    if (isSealed) {
        QVERIFY(made::write(m_path, shapeOfOld()).has_value());
        return;
    }
    const pid_t process = ::fork();
    if (process == 0) {
        auto writer = TraceWriter::create(m_path, made::begin(shapeOfOld()), true);
        const bool isWritten = writer && writer->writeLayer(0, made::layer(shapeOfOld(), 0), 256);
        ::_exit(isWritten ? 0 : 1);
    }
    int status = 0;
    QCOMPARE(::waitpid(process, &status, 0), process);
    QVERIFY(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    QVERIFY(std::filesystem::exists(walPathOf(m_path)));
}

void TraceInstants::checkLeft(int told)
{
    if (!std::filesystem::exists(m_path)) {
        QCOMPARE(told, 0);
        m_seen += 'n';
        return;
    }
    const auto trace = Trace::open(m_path);
    QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
    const auto report = verifyTrace(m_path);
    QVERIFY(report.has_value());
    QVERIFY2(report->damage.empty(), report->damage.empty() ? "" : report->damage.front().text().c_str());
    const int layers = report->finishedLayers;
    QCOMPARE((*trace)->heads().size(), static_cast<std::size_t>(2 * layers));
    if ((*trace)->seqLen() == shapeOfOld().tokens) {
        QCOMPARE(told, 0);
        m_seen += 'o';
        return;
    }
    QCOMPARE((*trace)->seqLen(), shapeOfNew().tokens);
    QVERIFY2(layers == told || layers == told + 1, qPrintable(QString("%1 of %2").arg(layers).arg(told)));
    m_seen += static_cast<char>('0' + layers);
}

void TraceInstants::goOn()
{
    if (!std::filesystem::exists(m_path))
        return;
    const auto trace = Trace::open(m_path);
    QVERIFY(trace.has_value());
    const made::Shape shape = shapeOfNew();
    if ((*trace)->seqLen() != shape.tokens)
        return;
    auto writer = TraceWriter::reopen(m_path);
    QCOMPARE(writer.has_value(), !(*trace)->isSealed());
    if (writer) {
        for (int layer = 0; layer < static_cast<int>(shape.headsPerLayer.size()); ++layer)
            if (!(*trace)->findHead(layer, 0))
                QVERIFY(writer->writeLayer(layer, made::layer(shape, layer), shape.tailRow));
        const auto sealed = writer->seal();
        QVERIFY2(sealed.has_value(), sealed ? "" : sealed.error().text().c_str());
    }
    QVERIFY((*Trace::open(m_path))->isSealed());
    const std::filesystem::path whole = m_folder.filePath("whole.hwt").toStdString();
    QVERIFY(made::write(whole, shape));
    const QStringList expected = test::rowsOf(whole);
    QVERIFY(!expected.isEmpty());
    QCOMPARE(test::rowsOf(m_path), expected);
    QVERIFY(std::filesystem::remove(whole));
    QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files | QDir::Hidden),
             (QStringList{"other.hwt.part", "run.hwt"}));
}

void TraceInstants::dies()
{
    QFETCH(bool, hasOld);
    QFETCH(bool, oldIsSealed);
    m_seen.clear();
    int call = 1;
    for (bool isOver = false; !isOver; call += m_step) {
        m_folder = QTemporaryDir(folderTemplate());
        m_path = m_folder.filePath("run.hwt").toStdString();
        // What only looks like a left-over is nobody's to take.
        const std::filesystem::path other = m_folder.filePath("other.hwt.part").toStdString();
        QVERIFY(QFile(QString::fromStdString(other.string())).open(QIODevice::WriteOnly));
        if (hasOld)
            makeOld(oldIsSealed);
        {
            TracedWriter writer(m_path);
            if (!writer.isTraced())
                QSKIP("this system lets nobody trace a process");
            isOver = !writer.killBefore(call);
            checkLeft(writer.told());
        }
        if (!QTest::currentTestFailed())
            goOn();
        if (QTest::currentTestFailed()) {
            qWarning("killed before call %d", call);
            return;
        }
        const auto written = made::write(m_path, shapeOfOld());
        QVERIFY2(written.has_value(), written ? "" : written.error().text().c_str());
        QVERIFY((*Trace::open(m_path))->isSealed());
        QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files | QDir::Hidden),
                 (QStringList{"other.hwt.part", "run.hwt"}));
    }
    qInfo("%d kills: %s", static_cast<int>(m_seen.size()) - 1, m_seen.constData());
    // A sealed trace stands until the new one takes its name.
    QVERIFY(!oldIsSealed || !m_seen.contains('n'));
    QCOMPARE(m_seen.contains('o'), hasOld);
    for (const char layers : {'0', '1', '2', '3'})
        QVERIFY(m_seen.contains(layers));
}

void TraceInstants::isLookedAt()
{
    QFETCH(bool, hasOld);
    QFETCH(bool, oldIsSealed);
    m_folder = QTemporaryDir(folderTemplate());
    m_path = m_folder.filePath("run.hwt").toStdString();
    if (hasOld)
        makeOld(oldIsSealed);
    TracedWriter writer(m_path);
    if (!writer.isTraced())
        QSKIP("this system lets nobody trace a process");
    std::vector<Look> looks;
    while (writer.runTo(changesWhatOthersFind)) {
        // One that waits for a lock needs the writer to go on, though not faster than it asks again.
        if (!looks.empty() && !looks.back().hasEnded(30))
            continue;
        looks.emplace_back(m_path);
        looks.back().hasEnded(300);
    }
    QVERIFY(writer.hasSucceeded());
    for (std::size_t look = 0; look < looks.size(); ++look)
        QVERIFY2(looks[look].hasSucceeded(), qPrintable(QString("look %1").arg(look)));
    qInfo("%zu looks", looks.size());
    QVERIFY(looks.size() >= 100);
    const auto trace = Trace::open(m_path);
    QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
    QVERIFY((*trace)->isSealed());
    QCOMPARE((*trace)->seqLen(), shapeOfNew().tokens);
    QCOMPARE(QDir(m_folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList{"run.hwt"});
}

int main(int argc, char** argv)
{
    const bool isSlow = argc > 1 && std::string_view(argv[1]) == "slow";
    TraceInstants test(isSlow ? 1 : 8);
    return QTest::qExec(&test);
}

#include "tst_trace_instants.moc"
