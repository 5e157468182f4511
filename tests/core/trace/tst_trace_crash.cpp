// SPDX-License-Identifier: Apache-2.0
#include "core/trace/sqlite_database.h"
#include "core/trace/trace_file.h"
#include "core/trace/verify.h"
#include "made_trace.h"
#include "support/verify_result.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <fstream>
#include <sched.h>
#include <set>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace headwater;

namespace {

made::Shape shapeOfRun()
{
    made::Shape shape;
    shape.tokens = 1500;
    shape.headsPerLayer = {2, 2, 2, 2, 2, 2};
    shape.blocksPerRow = 12;
    return shape;
}

std::string textOf(const VerifyReport& report)
{
    return report.damage.empty() ? std::string() : report.damage.front().text();
}

/// Gives the process mounts of its own, gone with it; where it may not mount, as the root of a user
/// namespace. To be called while it has one thread.
void takeOwnMounts()
{
    if (::unshare(CLONE_NEWNS) != 0) {
        const std::string user = "0 " + std::to_string(::getuid()) + " 1";
        const std::string group = "0 " + std::to_string(::getgid()) + " 1";
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
            return;
        std::ofstream("/proc/self/setgroups") << "deny";
        std::ofstream("/proc/self/uid_map") << user;
        std::ofstream("/proc/self/gid_map") << group;
    }
    ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
}

/// A small file system of its own, gone at the end of the scope.
class SmallDisk {
public:
    SmallDisk(const std::string& folder, int kibibytes)
        : m_folder(folder)
    {
        const std::string options = "size=" + std::to_string(kibibytes) + "k";
        m_isMounted = ::mount("tmpfs", folder.c_str(), "tmpfs", 0, options.c_str()) == 0;
    }
    ~SmallDisk()
    {
        if (m_isMounted)
            ::umount2(m_folder.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    bool isMounted() const { return m_isMounted; }

private:
    std::string m_folder;
    bool m_isMounted = false;
};

/// Writes the run's layers, telling each commit through `pipe`, then dies without a word.
[[noreturn]] void writeAndDie(const std::filesystem::path& path, int pipe, int dieAfter)
{
    const made::Shape shape = shapeOfRun();
    auto writer = TraceWriter::create(path, made::begin(shape), true);
    if (!writer)
        ::_exit(2);
    for (int layer = 0; layer < static_cast<int>(shape.headsPerLayer.size()); ++layer) {
        if (layer == dieAfter)
            ::_exit(0);
        if (!writer->writeLayer(layer, made::layer(shape, layer), shape.tailRow))
            ::_exit(3);
        if (::write(pipe, "x", 1) != 1)
            ::_exit(4);
    }
    ::_exit(writer->seal() ? 0 : 5);
}

struct Child {
    pid_t process = -1;
    int pipe = -1;

    /// Reads commits until `wanted` have been told, or the child ended. Returns how many.
    int await(int wanted) const
    {
        int commits = 0;
        char byte = 0;
        while (commits < wanted && ::read(pipe, &byte, 1) == 1)
            ++commits;
        return commits;
    }
    /// Waits for its end; returns the exit code, -1 when a signal ended it.
    int reap() const
    {
        int status = 0;
        ::waitpid(process, &status, 0);
        ::close(pipe);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
};

Child start(const std::filesystem::path& path, int dieAfter)
{
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0)
        return {};
    const pid_t process = ::fork();
    if (process == 0) {
        ::close(ends[0]);
        writeAndDie(path, ends[1], dieAfter);
    }
    ::close(ends[1]);
    return {process, ends[0]};
}

} // namespace

class TraceCrash : public QObject {
    Q_OBJECT

public:
    explicit TraceCrash(int kills)
        : m_kills(kills)
    {
    }

private slots:
    void exitWithoutSeal();
    void killAnywhere();
    void readersWhileAnotherProcessWrites();
    void sealedWhileAnotherKeepsItOpen();
    void fullDisk();

private:
    int m_kills;
    QTemporaryDir m_folder;
};

void TraceCrash::exitWithoutSeal()
{
    for (const int layers : {0, 1, 4}) {
        const std::filesystem::path path = m_folder.filePath(QString("exit%1.hwt").arg(layers)).toStdString();
        const Child child = start(path, layers);
        QVERIFY(child.process > 0);
        QCOMPARE(child.await(100), layers);
        child.reap();
        QVERIFY(std::filesystem::exists(walPathOf(path)));
        const auto trace = Trace::open(path);
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        QVERIFY(!(*trace)->isSealed());
        QCOMPARE((*trace)->heads().size(), std::size_t(2 * layers));
        const auto report = verifyTrace(path);
        QVERIFY(report.has_value());
        QCOMPARE(textOf(*report), std::string());
        QCOMPARE(report->finishedLayers, layers);
        // Reading has not taken the -wal file away.
        QVERIFY(std::filesystem::exists(walPathOf(path)));
    }
}

void TraceCrash::killAnywhere()
{
    std::mt19937_64 random(2026);
    for (int round = 0; round < m_kills; ++round) {
        const std::filesystem::path path = m_folder.filePath(QString("kill%1.hwt").arg(round)).toStdString();
        const Child child = start(path, -1);
        QVERIFY(child.process > 0);
        const int told = child.await(1 + static_cast<int>(random() % 6));
        // Some way into the next layer's work, or into its commit.
        std::uint64_t work = 0;
        for (std::uint64_t spin = random() % 20000000; spin > 0; --spin)
            work += spin * spin;
        QVERIFY(work != 1);
        ::kill(child.process, SIGKILL);
        child.reap();
        const auto trace = Trace::open(path);
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        const std::size_t heads = (*trace)->heads().size();
        QVERIFY2(heads >= std::size_t(2 * told) && heads % 2 == 0, std::to_string(heads).c_str());
        const auto report = verifyTrace(path);
        QVERIFY(report.has_value());
        QCOMPARE(textOf(*report), std::string());
        QCOMPARE(report->finishedLayers, static_cast<int>(heads / 2));
        const made::Shape shape = shapeOfRun();
        for (const HeadInfo& info : (*trace)->heads())
            QCOMPARE((*(*trace)->loadEdges(info.layer, info.head))->keyBlock,
                     made::record(shape, info.layer, info.head).keyBlock);
    }
}

void TraceCrash::readersWhileAnotherProcessWrites()
{
    const std::filesystem::path path = m_folder.filePath("watched.hwt").toStdString();
    const Child child = start(path, -1);
    QVERIFY(child.process > 0);
    std::size_t seen = 0;
    for (int layer = 1; layer <= 6; ++layer) {
        QCOMPARE(child.await(1), 1);
        const auto trace = Trace::open(path);
        QVERIFY2(trace.has_value(), trace ? "" : trace.error().text().c_str());
        QVERIFY((*trace)->heads().size() >= std::size_t(2 * layer));
        QVERIFY((*trace)->heads().size() >= seen);
        seen = (*trace)->heads().size();
        const auto edges = (*trace)->loadEdges(layer - 1, 1);
        QVERIFY2(edges.has_value(), edges ? "" : edges.error().text().c_str());
    }
    // The other process seals meanwhile; it must get its turn however often somebody looks.
    for (int look = 0; look < 50; ++look)
        QVERIFY(Trace::open(path).has_value());
    QCOMPARE(child.await(1), 0);
    QCOMPARE(child.reap(), 0);
    const auto sealed = Trace::open(path);
    QVERIFY(sealed.has_value());
    QVERIFY((*sealed)->isSealed());
    QVERIFY(!std::filesystem::exists(walPathOf(path)));
    QCOMPARE(textOf(*verifyTrace(path)), std::string());
}

/// It cannot become one file then; it stays readable, and can be sealed when the other has gone.
void TraceCrash::sealedWhileAnotherKeepsItOpen()
{
    const std::filesystem::path path = m_folder.filePath("kept.hwt").toStdString();
    const made::Shape shape = shapeOfRun();
    auto writer = TraceWriter::create(path, made::begin(shape), true);
    VERIFY_RESULT(writer);
    VERIFY_RESULT(writer->writeLayer(0, made::layer(shape, 0), shape.tailRow));
    {
        auto other = SqliteDatabase::open(sqliteUri(path.string(), "mode=ro"), SQLITE_OPEN_READONLY);
        VERIFY_RESULT(other);
        VERIFY_RESULT(other->execute("BEGIN"));
        VERIFY_RESULT(other->integer("SELECT count(*) FROM head"));
        const auto sealed = writer->seal();
        QVERIFY(!sealed);
        QCOMPARE(sealed.error().code, ErrorCode::Unavailable);
        QVERIFY2(
            sealed.error().text().ends_with("another program keeps it open: close that and seal it again"),
            sealed.error().text().c_str());
        const auto trace = Trace::open(path);
        VERIFY_RESULT(trace);
        QVERIFY(!(*trace)->isSealed());
        QCOMPARE((*trace)->heads().size(), std::size_t{2});
        // Nor is it kept from others while this one waits for its turn.
        VERIFY_RESULT(writer->setMeta("note", "kept open"));
        VERIFY_RESULT(Trace::open(path));
        sqlite3_db_config(other->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    VERIFY_RESULT(writer->seal());
    VERIFY_RESULT(Trace::open(path));
    QVERIFY((*Trace::open(path))->isSealed());
    QVERIFY(!std::filesystem::exists(walPathOf(path)));
}

void TraceCrash::fullDisk()
{
    const std::string folder = m_folder.filePath("disk").toStdString();
    std::filesystem::create_directory(folder);
    const made::Shape shape = shapeOfRun();
    std::set<int> finished;
    for (int kibibytes = 96; kibibytes < 2400; kibibytes += 96) {
        const SmallDisk disk(folder, kibibytes);
        if (!disk.isMounted())
            QSKIP("mounting a small tmpfs is not permitted here, nor a user namespace");
        const std::filesystem::path path = folder + "/full.hwt";
        int layers = 0;
        std::string failure;
        {
            auto writer = TraceWriter::create(path, made::begin(shape), true);
            Result<void> done = writer ? Result<void>() : Result<void>(writer.error());
            while (done && layers < static_cast<int>(shape.headsPerLayer.size())) {
                done = writer->writeLayer(layers, made::layer(shape, layers), shape.tailRow);
                layers += done ? 1 : 0;
            }
            if (done)
                done = writer->seal();
            if (!done) {
                failure = done.error().text();
                QCOMPARE(done.error().code, ErrorCode::Io);
                static const QRegularExpression kNeeds(
                    ": it needs [0-9.]+ [KM]?i?B \\([1-9][0-9]* bytes\\), .* are free");
                QVERIFY2(failure.starts_with(path.string() + ": cannot write ")
                             && kNeeds.match(QString::fromStdString(failure)).hasMatch(),
                         failure.c_str());
            }
        }
        QVERIFY(layers == 0 || std::filesystem::exists(path));
        if (std::filesystem::exists(path)) {
            const auto trace = Trace::open(path);
            const std::string error = trace ? "" : trace.error().text();
            if (trace) {
                if ((*trace)->heads().size() == std::size_t(2 * layers)
                    && (*trace)->isSealed() == failure.empty())
                    finished.insert(layers);
                const auto report = verifyTrace(path);
                QCOMPARE(report ? textOf(*report) : report.error().text(), std::string());
                QCOMPARE((*trace)->heads().size(), std::size_t(2 * layers));
            }
            QVERIFY2(trace.has_value(),
                     (std::to_string(kibibytes) + ": " + error + " after " + failure).c_str());
        }
    }
    // The disks were small enough to fail in several places and the largest held the whole trace.
    QVERIFY(finished.contains(0) && finished.contains(6) && finished.size() >= 4);
}

/// Twelve kills, or two hundred with the argument `slow`.
int main(int argc, char** argv)
{
    takeOwnMounts();
    const bool isSlow = argc > 1 && std::string_view(argv[1]) == "slow";
    TraceCrash test(isSlow ? 200 : 12);
    return QTest::qExec(&test, argc - (isSlow ? 1 : 0), argv + (isSlow ? 1 : 0));
}

#include "tst_trace_crash.moc"
