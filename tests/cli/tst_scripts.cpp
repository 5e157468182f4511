// SPDX-License-Identifier: Apache-2.0
// What run.sh and test.sh decide by: the functions of packaging/setup.sh, in a small repository of their own.
#include "tests/cli/headwater_run.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <sys/resource.h>

using namespace headwater::test;

class TstScripts : public QObject {
    Q_OBJECT

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }

    void write(const QString& name, const QByteArray& content)
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(content), content.size());
    }

    /// What bash says of `script` after sourcing setup.sh.
    Outcome bash(const QString& script)
    {
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("PATH", path("fake") + ':' + environment.value("PATH"));
        environment.insert("HOME", m_folder.path());
        process.setProcessEnvironment(environment);
        process.start("bash", {"-c", ". packaging/setup.sh; " + script});
        return outcomeOf(process);
    }

    QByteArray hash() { return bash("source_hash").out.trimmed(); }

    QTemporaryDir m_folder;

private slots:
    void initTestCase()
    {
        const QDir folder(m_folder.path());
        QVERIFY(folder.mkpath("packaging") && folder.mkpath("build/release/bin") && folder.mkpath("fake"));
        QVERIFY(QFile::copy(QStringLiteral(HEADWATER_SOURCE_DIR "/packaging/setup.sh"),
                            path("packaging/setup.sh")));
        QVERIFY(QFile::link(headwaterProgram(), path("build/release/bin/headwater")));
        write(".gitignore", "build/\n");
        write("a.cpp", "int a;\n");
        const Outcome made =
            bash("git init -q && git add -A && git -c user.name=n -c user.email=e commit -qm first");
        QVERIFY2(made.code == 0, made.err.constData());
    }

    void isWhole_wantsASealedTrace()
    {
        const QString folder = m_folder.path();
        QCOMPARE(runHeadwater({"bench", "--make-prompt", "20000", "-o", "build/p.txt"}, folder).code, 0);
        const QStringList run{"run",         "--model",  "builtin:needle", "--prompt",
                              "build/p.txt", "--select", "tree",           "-o"};
        // A file size limit stops this one after its first layers.
        const auto limit = [] {
            const rlimit bytes{768 << 10, 768 << 10};
            ::setrlimit(RLIMIT_FSIZE, &bytes);
        };
        QCOMPARE(runHeadwater(run + QStringList{"build/cut.hwt", "--block-q", "8", "--block-k", "8"}, folder,
                              {}, limit)
                     .code,
                 74);
        QCOMPARE(runHeadwater({"verify", "build/cut.hwt"}, folder).code, 0);
        QCOMPARE(runHeadwater(run + QStringList{"build/whole.hwt"}, folder).code, 0);
        QCOMPARE(bash("is_whole build/cut.hwt").code, 1);
        QCOMPARE(bash("is_whole build/none.hwt").code, 1);
        QCOMPARE(bash("is_whole a.cpp").code, 1);
        QCOMPARE(bash("is_whole build/whole.hwt").code, 0);
    }

    void sourceHash_seesEveryFile()
    {
        const QByteArray first = hash();
        QCOMPARE(first.size(), 16);
        QCOMPARE(hash(), first);
        write("a.cpp", "int b;\n");
        const QByteArray edited = hash();
        QVERIFY(edited != first);
        write("new.cpp", "int c;\n");
        const QByteArray untracked = hash();
        QVERIFY(untracked != edited);
        write("new.cpp", "int d;\n");
        QVERIFY(hash() != untracked);
        write("build/object", "ignored");
        QFile::remove(path("new.cpp"));
        QCOMPARE(hash(), edited);
        QFile::remove(path("a.cpp"));
        const QByteArray deleted = hash();
        QVERIFY(deleted.size() == 16 && deleted != edited);
        write("a.cpp", "int a;\n");
        QCOMPARE(hash(), first);
    }

    void passSlowTest_stampsWhatPassed_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("stamped");
        // The lines are ctest's own (3.25).
        QTest::newRow("passed") << QByteArray(
            "1/1 Test #82: tst_x ............................   Passed   12.21 sec")
                                << 0 << 0 << true;
        QTest::newRow("skipped") << QByteArray(
            "1/1 Test #82: tst_x ............................***Skipped   0.01 sec")
                                 << 0 << 0 << false;
        QTest::newRow("failed") << QByteArray(
            "1/1 Test #82: tst_x ............................***Failed   0.01 sec")
                                << 8 << 1 << false;
        QTest::newRow("none of that name") << QByteArray("No tests were found!!!") << 0 << 0 << false;
        QTest::newRow("another passed")
            << QByteArray("1/1 Test #82: tst_xy ...........................   Passed   12.21 sec") << 0 << 0
            << false;
    }

    void passSlowTest_stampsWhatPassed()
    {
        QFETCH(QByteArray, line);
        QFETCH(int, exitCode);
        QFETCH(int, code);
        QFETCH(bool, stamped);
        write("fake/ctest", "#!/bin/sh\necho '" + line + "'\nexit " + QByteArray::number(exitCode) + '\n');
        QFile::setPermissions(path("fake/ctest"), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        QFile::remove(path("build/stamp"));
        const Outcome outcome = bash("pass_slow_test tst_x build/stamp");
        QVERIFY2(outcome.code == code, outcome.err.constData());
        QVERIFY(outcome.err.contains(line)); // shown while it runs
        QCOMPARE(QFile::exists(path("build/stamp")), stamped);
    }
};

QTEST_GUILESS_MAIN(TstScripts)
#include "tst_scripts.moc"
