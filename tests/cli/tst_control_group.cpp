// SPDX-License-Identifier: Apache-2.0
// A job's limits as the program meets them: in a real control group, seen through a cgroup namespace, and in
// a mount namespace where a fixture stands in for the groups. Needs the rights to make one of them.
#include "core/base/control_group.h"
#include "core/base/processors.h"
#include "tests/cli/headwater_run.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

using namespace headwater;
using namespace headwater::test;

namespace fs = std::filesystem;

namespace {

bool put(const fs::path& file, const std::string& text)
{
    std::ofstream out(file);
    out << text;
    out.close();
    return bool(out);
}

/// A group with another one in it, where the program runs: the limit is the outer one's.
class NestedGroup {
public:
    /// Below the first group on the way up where groups of this controller can be made; none: `isThere`
    /// false.
    explicit NestedGroup(const std::string& controller)
    {
        for (const ControlGroup& group : controlGroupsOf(controller)) {
            m_isUnified = group.isUnified;
            m_outer = group.folder / ("headwater-test-" + std::to_string(::getpid()));
            std::error_code error;
            if (fs::create_directory(m_outer, error) && fs::exists(limitFile(controller))) {
                if (m_isUnified)
                    put(m_outer / "cgroup.subtree_control", "+" + controller);
                m_isThere = fs::create_directory(inner(), error);
                return;
            }
            fs::remove(m_outer, error);
        }
    }
    ~NestedGroup()
    {
        std::error_code error;
        if (m_isThere) {
            fs::remove(inner(), error);
            fs::remove(m_outer, error);
        }
    }
    NestedGroup(const NestedGroup&) = delete;
    NestedGroup& operator=(const NestedGroup&) = delete;

    bool isThere() const { return m_isThere; }
    fs::path limitFile(const std::string& controller) const
    {
        if (controller == "cpu")
            return m_outer / (m_isUnified ? "cpu.max" : "cpu.cfs_quota_us");
        return m_outer / (m_isUnified ? "memory.max" : "memory.limit_in_bytes");
    }
    fs::path inner() const { return m_outer / "step"; }

private:
    fs::path m_outer;
    bool m_isUnified = false;
    bool m_isThere = false;
};

/// Puts the calling process into the group; for a child before its program starts.
void join(const std::string& members)
{
    const int file = ::open(members.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0 || ::write(file, "0", 1) != 1)
        ::_exit(99);
    ::close(file);
}

} // namespace

class TstControlGroup : public QObject {
    Q_OBJECT

private:
    static constexpr int kLimitMiB = 300;
    QTemporaryDir m_folder;

    /// Refused by the limit of `file`, and what is suggested instead runs under it to its end.
    void refusedThenRuns(const QStringList& wrapper, const std::function<void()>& before, const QString& file)
    {
        const auto run = [&](const QString& prompt) {
            const QStringList all = wrapper
                + QStringList{headwaterProgram(),
                              "run",
                              "--model",
                              "builtin:needle",
                              "--threads",
                              "1",
                              "--prompt",
                              prompt,
                              "-o",
                              "t.hwt",
                              "--json",
                              "--generate",
                              "0"};
            QProcess process;
            process.setWorkingDirectory(m_folder.path());
            if (before)
                process.setChildProcessModifier(before);
            process.start(all.first(), all.mid(1));
            return outcomeOf(process);
        };
        const Outcome refused = run("large.txt");
        QVERIFY2(refused.code == 71, refused.err.constData());
        const QRegularExpressionMatch match =
            QRegularExpression("iB free \\((.*) is 300(\\.0)? MiB\\); try a prompt of at most (\\d+) tokens")
                .match(refused.err);
        QVERIFY2(match.hasMatch(), refused.err.constData());
        QCOMPARE(match.captured(1), file);
        QFile large(m_folder.filePath("large.txt"));
        QVERIFY(large.open(QIODevice::ReadOnly));
        QFile fits(m_folder.filePath("fits.txt"));
        QVERIFY(fits.open(QIODevice::WriteOnly | QIODevice::Truncate));
        fits.write(large.read(match.captured(3).toLongLong() - 1)); // the first token is no byte of it
        fits.close();
        const Outcome worked = run("fits.txt");
        QVERIFY2(worked.code == 0, worked.err.constData());
        QVERIFY(QFile::remove(m_folder.filePath("t.hwt")));
    }

    /// How many threads a run would take.
    static int threadsOf(const QStringList& wrapper, const std::function<void()>& before)
    {
        const QByteArray body = R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocol":1}})";
        QProcess engine;
        if (before)
            engine.setChildProcessModifier(before);
        const QStringList all = wrapper + QStringList{headwaterProgram(), "serve"};
        engine.start(all.first(), all.mid(1));
        engine.write("Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body);
        engine.closeWriteChannel();
        return QRegularExpression("\"threads\":(\\d+)").match(outcomeOf(engine).out).captured(1).toInt();
    }

    /// How a command may be started in namespaces of its own; empty: not at all.
    static QStringList unshared(const QString& kinds)
    {
        for (const QString& rights : {QStringLiteral("-"), QStringLiteral("-r")}) {
            const QStringList command{"unshare", rights + kinds};
            QProcess process;
            process.start(command[0], command.mid(1) + QStringList{"true"});
            if (outcomeOf(process).code == 0)
                return command;
        }
        return {};
    }

private slots:
    void initTestCase()
    {
        const Outcome made =
            runHeadwater({"bench", "--make-prompt", "400000", "-o", "large.txt"}, m_folder.path());
        QCOMPARE(made.code, 0);
    }

    void memory_ofARealGroup_data()
    {
        QTest::addColumn<bool>("inNamespace");
        QTest::newRow("seen whole") << false;
        QTest::newRow("through a cgroup namespace") << true;
    }

    void memory_ofARealGroup()
    {
        QFETCH(const bool, inNamespace);
        const NestedGroup group("memory");
        if (!group.isThere())
            QSKIP("no memory group can be made here");
        const QStringList wrapper = inNamespace ? unshared("C") : QStringList();
        if (inNamespace && wrapper.isEmpty())
            QSKIP("no cgroup namespace can be made here");
        QVERIFY(put(group.limitFile("memory"), std::to_string(kLimitMiB << 20)));
        refusedThenRuns(
            wrapper, [members = (group.inner() / "cgroup.procs").string()] { join(members); },
            QString::fromStdString(group.limitFile("memory").string()));
    }

    /// The kernel's files are hidden under a folder of ours that says the same in the same places.
    void memory_ofAMountedFixture()
    {
        const std::vector<ControlGroup> groups = controlGroupsOf("memory");
        if (groups.empty())
            QSKIP("there are no memory groups here");
        const QStringList wrapper = unshared("m");
        if (wrapper.isEmpty())
            QSKIP("no mount namespace can be made here");
        const fs::path top = groups.back().folder;
        const fs::path fixture = m_folder.filePath("groups").toStdString();
        fs::create_directories(fixture / groups.front().folder.lexically_relative(top));
        const bool isUnified = groups.back().isUnified;
        const char* const limit = isUnified ? "memory.max" : "memory.limit_in_bytes";
        QVERIFY(put(fixture / limit, std::to_string(kLimitMiB << 20) + "\n"));
        QVERIFY(put(fixture / (isUnified ? "memory.current" : "memory.usage_in_bytes"), "0\n"));
        refusedThenRuns(wrapper
                            + QStringList{"sh", "-c", R"(mount --bind "$0" "$1" && shift && exec "$@")",
                                          QString::fromStdString(fixture.string()),
                                          QString::fromStdString(top.string())},
                        {}, QString::fromStdString((top / limit).string()));
    }

    void processors_ofARealGroup()
    {
        const NestedGroup group("cpu");
        if (!group.isThere())
            QSKIP("no CPU group can be made here");
        const auto inGroup = [members = (group.inner() / "cgroup.procs").string()] { join(members); };
        QCOMPARE(threadsOf({}, inGroup), int(availableProcessors()));
        QVERIFY(put(group.limitFile("cpu"), "50000"));
        QCOMPARE(threadsOf({}, inGroup), 1);
    }
};

QTEST_GUILESS_MAIN(TstControlGroup)
#include "tst_control_group.moc"
