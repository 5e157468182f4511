// SPDX-License-Identifier: Apache-2.0
// What a job may take: the smallest limit on the way from its own control group to the top, in every layout
// that a system may have. Fixtures are whole roots: /proc and the groups below another folder.
#include "core/base/control_group.h"
#include "core/base/memory.h"
#include "core/base/processors.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <sched.h>
#include <unistd.h>

using namespace headwater;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
constexpr std::uint64_t kMachineMiB = 64 << 10;

/// Paths and contents of small files; "DIRECTORY" makes a folder, which no one can read as a file.
using Files = QList<std::pair<QString, QString>>;
const QString kDirectory = QStringLiteral("DIRECTORY");

QString mib(std::uint64_t count)
{
    return QString::number(count * kMiB) + '\n';
}

QString mount(const QString& top, const QString& point, const QString& type, const QString& options)
{
    return QStringLiteral("35 31 0:32 %1 %2 rw,relatime shared:7 master:2 - %3 %3 rw,%4\n")
        .arg(top, point, type, options);
}
QString unified(const QString& top = "/", const QString& point = "/sys/fs/cgroup")
{
    return mount(top, point, "cgroup2", "nsdelegate,memory_recursiveprot");
}
QString first(const QString& controllers, const QString& top = "/")
{
    return mount(top, "/sys/fs/cgroup/" + controllers, "cgroup", controllers);
}
const QString kOtherMounts = QStringLiteral("27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
                                            "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n");

QString own()
{
    return QString::number(::getpid()) + '\n';
}

} // namespace

class TstProcessLimits : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;

    std::filesystem::path root() const { return m_folder->path().toStdString(); }

    void make(const Files& files)
    {
        m_folder = std::make_unique<QTemporaryDir>();
        const Files always{
            {"proc/meminfo", QStringLiteral("MemTotal: 99 kB\nMemAvailable: %1 kB\n").arg(kMachineMiB << 10)},
            {"proc/self/status", "VmSize:\t 1000 kB\nRssAnon:\t 10240 kB\n"}};
        for (const auto& [name, content] : always + files) {
            const QString path = m_folder->filePath(name);
            QVERIFY(QDir().mkpath(content == kDirectory ? path : QFileInfo(path).path()));
            if (content == kDirectory)
                continue;
            QFile file(path);
            QVERIFY2(file.open(QIODevice::WriteOnly), qPrintable(path));
            file.write(content.toUtf8());
        }
    }

private slots:
    void memory_isTheSmallestOnTheWay_data()
    {
        QTest::addColumn<Files>("files");
        QTest::addColumn<quint64>("leftMiB");
        QTest::addColumn<QString>("limit"); ///< without the root
        const QString v2 = QStringLiteral("0::/jobs/run 1:a/step\n");
        const QString g = QStringLiteral("sys/fs/cgroup/jobs/run 1:a/step/");
        const QString up = QStringLiteral("sys/fs/cgroup/jobs/");
        const quint64 machine = kMachineMiB;

        QTest::newRow("no groups") << Files{} << machine << "";
        QTest::newRow("no groups mounted")
            << Files{{"proc/self/cgroup", v2}, {"proc/self/mountinfo", kOtherMounts}} << machine << "";
        const Files nested{{"proc/self/cgroup", v2}, {"proc/self/mountinfo", kOtherMounts + unified()}};
        QTest::newRow("v2, no limits")
            << nested + Files{{g + "memory.max", "max\n"}, {g + "memory.high", "max\n"}} << machine << "";
        QTest::newRow("v2, its own") << nested
                + Files{{g + "memory.max", mib(512)},
                        {g + "memory.current", mib(112)},
                        {up + "memory.max", mib(900)}}
                                     << quint64(400)
                                     << "/sys/fs/cgroup/jobs/run 1:a/step/memory.max is 512 MiB";
        QTest::newRow("v2, one above") << nested
                + Files{{g + "memory.max", "max\n"},
                        {g + "memory.current", mib(1)},
                        {up + "memory.max", mib(700)},
                        {up + "memory.current", mib(600)}}
                                       << quint64(100) << "/sys/fs/cgroup/jobs/memory.max is 700 MiB";
        QTest::newRow("v2, the larger limit leaves less") << nested
                + Files{{g + "memory.max", mib(500)},
                        {g + "memory.current", mib(10)},
                        {up + "memory.max", mib(900)},
                        {up + "memory.current", mib(850)}} << quint64(50)
                                                          << "/sys/fs/cgroup/jobs/memory.max is 900 MiB";
        QTest::newRow("v2, page cache is free")
            << nested
                + Files{{up + "memory.max", mib(700)},
                        {up + "memory.current", mib(600)},
                        {up + "memory.stat",
                         "anon 5\nfile 9\ninactive_file " + mib(300) + "active_file " + mib(200)}}
            << quint64(600) << "/sys/fs/cgroup/jobs/memory.max is 700 MiB";
        QTest::newRow("v2, throttled")
            << nested
                + Files{{g + "memory.max", mib(800)},
                        {g + "memory.high", mib(300)},
                        {g + "memory.current", "0\n"}}
            << quint64(300) << "/sys/fs/cgroup/jobs/run 1:a/step/memory.high is 300 MiB";
        QTest::newRow("v2, used up") << nested
                + Files{{g + "memory.max", mib(100)}, {g + "memory.current", mib(120)}}
                                     << quint64(0)
                                     << "/sys/fs/cgroup/jobs/run 1:a/step/memory.max is 100 MiB";
        QTest::newRow("v2, usage missing") << nested + Files{{g + "memory.max", mib(100)}} << quint64(90)
                                           << "/sys/fs/cgroup/jobs/run 1:a/step/memory.max is 100 MiB";
        QTest::newRow("v2, the group is gone") << Files{{"proc/self/cgroup", "0::/jobs/gone (deleted)\n"},
                                                        {"proc/self/mountinfo", unified()},
                                                        {up + "memory.max", mib(100)},
                                                        {up + "memory.current", "0\n"}}
                                               << quint64(100) << "/sys/fs/cgroup/jobs/memory.max is 100 MiB";

        const Files v1{
            {"proc/self/cgroup", "7:cpu,cpuacct:/\n4:memory:/slurm/job_3/step_0\n1:name=systemd:/x\n"},
            {"proc/self/mountinfo", kOtherMounts + first("cpu,cpuacct") + first("memory")}};
        const QString job = QStringLiteral("sys/fs/cgroup/memory/slurm/job_3/");
        const Files v1Limits{
            {job + "step_0/memory.limit_in_bytes", "9223372036854771712\n"},
            {job + "step_0/memory.usage_in_bytes", mib(40)},
            {job + "memory.limit_in_bytes", mib(300)},
            {job + "memory.usage_in_bytes", mib(250)},
            {job + "memory.stat",
             "inactive_file 0\ntotal_inactive_file " + mib(30) + "total_active_file " + mib(20)},
            {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"}};
        QTest::newRow("v1, one above")
            << v1 + v1Limits << quint64(100)
            << "/sys/fs/cgroup/memory/slurm/job_3/memory.limit_in_bytes is 300 MiB";
        QTest::newRow("v1, one above that counts only itself")
            << v1 + v1Limits + Files{{job + "memory.use_hierarchy", "0\n"}} << machine << "";
        QTest::newRow("v1, no limit of large pages") << v1
                + Files{{job + "memory.limit_in_bytes", "9223372036854710272\n"},
                        {job + "memory.usage_in_bytes", "0\n"}}
                                                     << machine << "";
        QTest::newRow("hybrid")
            << Files{{"proc/self/cgroup", "4:memory:/slurm/job_3/step_0\n0::/user.slice\n"},
                     {"proc/self/mountinfo", first("memory") + unified("/", "/sys/fs/cgroup/unified")},
                     {"sys/fs/cgroup/unified/user.slice/cgroup.procs", own()}}
                + v1Limits
            << quint64(100) << "/sys/fs/cgroup/memory/slurm/job_3/memory.limit_in_bytes is 300 MiB";
        QTest::newRow("hybrid, memory in v2")
            << Files{{"proc/self/cgroup", "4:cpu:/other\n0::/user.slice\n"},
                     {"proc/self/mountinfo", first("cpu") + unified("/", "/sys/fs/cgroup/unified")},
                     {"sys/fs/cgroup/unified/user.slice/memory.max", mib(200)},
                     {"sys/fs/cgroup/unified/user.slice/memory.current", "0\n"}}
            << quint64(200) << "/sys/fs/cgroup/unified/user.slice/memory.max is 200 MiB";

        // Containers: the mount shows only a part of the hierarchy.
        QTest::newRow("container, its group at the top")
            << Files{{"proc/self/cgroup", "4:memory:/docker/ab/sub\n"},
                     {"proc/self/mountinfo", first("memory", "/docker/ab")},
                     {"sys/fs/cgroup/memory/sub/memory.limit_in_bytes", mib(800)},
                     {"sys/fs/cgroup/memory/sub/memory.usage_in_bytes", "0\n"},
                     {"sys/fs/cgroup/memory/memory.limit_in_bytes", mib(300)},
                     {"sys/fs/cgroup/memory/memory.usage_in_bytes", "0\n"}}
            << quint64(300) << "/sys/fs/cgroup/memory/memory.limit_in_bytes is 300 MiB";
        QTest::newRow("container, another view of the path")
            << Files{{"proc/self/cgroup", "0::/\n"},
                     {"proc/self/mountinfo", unified("/docker/ab")},
                     {"sys/fs/cgroup/memory.max", mib(300)},
                     {"sys/fs/cgroup/memory.current", "0\n"}}
            << quint64(300) << "/sys/fs/cgroup/memory.max is 300 MiB";
        QTest::newRow("two mounts, the one that shows more")
            << Files{{"proc/self/cgroup", "0::/a/b\n"},
                     {"proc/self/mountinfo", unified("/a", "/mnt/part") + unified()},
                     {"mnt/part/b/memory.max", mib(500)},
                     {"mnt/part/b/memory.current", "0\n"},
                     {"sys/fs/cgroup/a/b/memory.max", mib(500)},
                     {"sys/fs/cgroup/a/b/memory.current", "0\n"},
                     {"sys/fs/cgroup/memory.max", mib(300)},
                     {"sys/fs/cgroup/memory.current", "0\n"}}
            << quint64(300) << "/sys/fs/cgroup/memory.max is 300 MiB";
        QTest::newRow("a mount point of its own")
            << Files{{"proc/self/cgroup", "0::/a\n"},
                     {"proc/self/mountinfo", unified("/", "/my\\040groups\\134x")},
                     {"my groups\\x/a/memory.max", mib(500)},
                     {"my groups\\x/a/memory.current", "0\n"}}
            << quint64(500) << "/my groups\\x/a/memory.max is 500 MiB";

        // Cgroup namespaces: names are hidden behind "/..".
        QTest::newRow("namespace, mounted outside")
            << Files{{"proc/self/cgroup", "0::/\n"},
                     {"proc/self/mountinfo", unified("/../..")},
                     {"sys/fs/cgroup/a/b/cgroup.procs", "1\n" + own()},
                     {"sys/fs/cgroup/a/b/memory.max", mib(500)},
                     {"sys/fs/cgroup/a/b/memory.current", "0\n"},
                     {"sys/fs/cgroup/a/memory.max", mib(300)},
                     {"sys/fs/cgroup/a/memory.current", "0\n"},
                     {"sys/fs/cgroup/c/memory.max", mib(1)},
                     {"sys/fs/cgroup/c/cgroup.procs", "1" + own()}}
            << quint64(300) << "/sys/fs/cgroup/a/memory.max is 300 MiB";
        QTest::newRow("namespace, moved to a sibling")
            << Files{{"proc/self/cgroup", "0::/../b\n"},
                     {"proc/self/mountinfo", unified("/..")},
                     {"sys/fs/cgroup/b/memory.max", mib(300)},
                     {"sys/fs/cgroup/b/memory.current", "0\n"}}
            << quint64(300) << "/sys/fs/cgroup/b/memory.max is 300 MiB";
        QTest::newRow("namespace, moved out of sight")
            << Files{{"proc/self/cgroup", "0::/../b\n"},
                     {"proc/self/mountinfo", unified()},
                     {"sys/fs/cgroup/memory.max", mib(300)},
                     {"sys/fs/cgroup/memory.current", "0\n"}}
            << quint64(300) << "/sys/fs/cgroup/memory.max is 300 MiB";
        QTest::newRow("the path is not told") << Files{{"proc/self/mountinfo", unified()},
                                                       {"sys/fs/cgroup/memory.max", mib(300)},
                                                       {"sys/fs/cgroup/memory.current", "0\n"}}
                                              << quint64(300) << "/sys/fs/cgroup/memory.max is 300 MiB";
    }

    void memory_isTheSmallestOnTheWay()
    {
        QFETCH(const Files, files);
        QFETCH(const quint64, leftMiB);
        QFETCH(const QString, limit);
        make(files);
        const AvailableMemory memory = availableMemory(root());
        QCOMPARE(QString::fromStdString(memory.limit), limit.isEmpty() ? limit : m_folder->path() + limit);
        const std::uint64_t left = leftMiB * kMiB;
        QCOMPARE(memory.bytes, left - left / 10);
        QVERIFY(memory.unread.empty());
        if (!limit.isEmpty())
            QVERIFY(memory.text().ends_with(" free (" + memory.limit + ")"));
    }

    /// What cannot be read is told, and hides no other limit.
    void memory_unreadableLimits_data()
    {
        QTest::addColumn<QString>("content");
        QTest::newRow("not a file") << kDirectory;
        QTest::newRow("empty") << "";
        QTest::newRow("no number") << "many\n";
        QTest::newRow("negative") << "-1\n";
        QTest::newRow("more than 64 bits") << "99999999999999999999\n";
    }

    void memory_unreadableLimits()
    {
        QFETCH(const QString, content);
        make({{"proc/self/cgroup", "0::/a/b\n"},
              {"proc/self/mountinfo", unified()},
              {"sys/fs/cgroup/a/b/memory.max", content},
              {"sys/fs/cgroup/a/memory.max", mib(300)},
              {"sys/fs/cgroup/a/memory.current", kDirectory}});
        const AvailableMemory memory = availableMemory(root());
        QCOMPARE(memory.unread, std::vector<std::string>{(root() / "sys/fs/cgroup/a/b/memory.max").string()});
        QCOMPARE(memory.bytes, (300 - 10) * kMiB - (300 - 10) * kMiB / 10); // what it holds itself is taken
    }

    void processors_followTheQuota_data()
    {
        QTest::addColumn<Files>("files");
        QTest::addColumn<int>("processors"); ///< 0: those of the mask
        const Files v2{{"proc/self/cgroup", "0::/a/b\n"}, {"proc/self/mountinfo", unified()}};
        const QString a = QStringLiteral("sys/fs/cgroup/a/cpu.max");
        const QString b = QStringLiteral("sys/fs/cgroup/a/b/cpu.max");
        QTest::newRow("no groups") << Files{} << 0;
        QTest::newRow("v2, none") << v2 + Files{{b, "max 100000\n"}} << 0;
        QTest::newRow("v2, one") << v2 + Files{{b, "100000 100000\n"}} << 1;
        QTest::newRow("v2, a half") << v2 + Files{{b, "25000 50000\n"}} << 1;
        QTest::newRow("v2, one above") << v2 + Files{{b, "max 100000\n"}, {a, "50000 100000\n"}} << 1;
        QTest::newRow("v2, more than there are") << v2 + Files{{b, "999999999 1000\n"}} << 0;
        QTest::newRow("v2, garbage") << v2 + Files{{b, "lots\n"}, {a, kDirectory}} << 0;
        QTest::newRow("v2, no period") << v2 + Files{{b, "1000\n"}} << 1;
        const Files v1{{"proc/self/cgroup", "5:cpuset:/\n3:cpu,cpuacct:/slurm/job\n"},
                       {"proc/self/mountinfo", first("cpuset") + first("cpu,cpuacct")}};
        const QString job = QStringLiteral("sys/fs/cgroup/cpu,cpuacct/slurm/job/cpu.cfs_");
        QTest::newRow("v1, none") << v1 + Files{{job + "quota_us", "-1\n"}, {job + "period_us", "100000\n"}}
                                  << 0;
        QTest::newRow("v1, one") << v1 + Files{{job + "quota_us", "90000\n"}, {job + "period_us", "100000\n"}}
                                 << 1;
        QTest::newRow("v1, one above") << v1
                + Files{{"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "1000\n"},
                        {"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"}}
                                       << 1;
        if (availableProcessors() > 1) {
            QTest::newRow("v2, two by rounding up") << v2 + Files{{b, "150000 100000\n"}} << 2;
            QTest::newRow("v1, two by rounding up")
                << v1 + Files{{job + "quota_us", "100001\n"}, {job + "period_us", "100000\n"}} << 2;
        }
    }

    void processors_followTheQuota()
    {
        QFETCH(const Files, files);
        QFETCH(const int, processors);
        make(files);
        cpu_set_t mask;
        QCOMPARE(::sched_getaffinity(0, sizeof mask, &mask), 0);
        QCOMPARE(int(availableProcessors(root())), processors > 0 ? processors : CPU_COUNT(&mask));
    }

    void processors_followTheMask()
    {
        cpu_set_t before;
        QCOMPARE(::sched_getaffinity(0, sizeof before, &before), 0);
        int cpu = 0;
        while (!CPU_ISSET(cpu, &before))
            ++cpu;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        QCOMPARE(::sched_setaffinity(0, sizeof one, &one), 0);
        const std::size_t seen = availableProcessors();
        const std::size_t threads = threadsFor(0);
        QCOMPARE(::sched_setaffinity(0, sizeof before, &before), 0);
        QCOMPARE(seen, std::size_t(1));
        QCOMPARE(threads, std::size_t(1));
        QCOMPARE(threadsFor(7), std::size_t(7));
    }
};

QTEST_APPLESS_MAIN(TstProcessLimits)
#include "tst_process_limits.moc"
