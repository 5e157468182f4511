// SPDX-License-Identifier: Apache-2.0
// A run onto a disk that is too small for its trace: a tmpfs in a mount namespace of its own.
#include "tests/cli/headwater_run.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace headwater::test;

class TstFullDisk : public QObject {
    Q_OBJECT

private:
    QByteArray read(const QString& name) const
    {
        QFile file(m_folder.filePath(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    /// Runs a script where it may mount: as root, else as the root of a user namespace.
    Outcome runWithMounts(const QString& script) const
    {
        for (const char* how : {"-m", "-rm"}) {
            QProcess process;
            process.setWorkingDirectory(m_folder.path());
            process.start("unshare", {how, "sh", "-c", script, headwaterProgram()});
            const Outcome outcome = outcomeOf(process);
            if (outcome.code == 0)
                return outcome;
        }
        return {};
    }

    QTemporaryDir m_folder;

private slots:
    void run_ends74_finishedLayersAreReadOnTheFullDisk()
    {
        QCOMPARE(runHeadwater({"bench", "--make-prompt", "40000", "-o", "p.txt"}, m_folder.path()).code, 0);
        QVERIFY(QDir(m_folder.path()).mkdir("disk"));
        const Outcome outcome = runWithMounts(
            "mount -t tmpfs -o size=600k tmpfs disk || exit 1\n"
            "$0 run --model builtin:needle --prompt p.txt --select tree --block-q 8 --block-k 8 "
            "-o disk/full.hwt 2>err.txt; echo $? >code.txt\n"
            "$0 info disk/full.hwt --json >info.json\n"
            "$0 verify disk/full.hwt --json >verify.json\n"
            "exit 0\n");
        if (outcome.code != 0)
            QSKIP("this system lets nobody mount a small tmpfs");
        QCOMPARE(read("code.txt").trimmed(), QByteArray("74"));
        static const QRegularExpression needs("^error: disk/full\\.hwt: cannot write layer \\d.*: it needs "
                                              "[0-9.]+ MiB \\(\\d{7} bytes\\), .* are free");
        QVERIFY2(needs.match(QString::fromUtf8(read("err.txt"))).hasMatch(), read("err.txt").constData());
        const int layers = QJsonDocument::fromJson(read("info.json"))["finished_layers"].toInt();
        QVERIFY2(layers >= 1, read("info.json").constData());
        const QJsonDocument verified = QJsonDocument::fromJson(read("verify.json"));
        QCOMPARE(verified["finished_layers"].toInt(), layers);
        QVERIFY2(verified["damage"].toArray().isEmpty(), read("verify.json").constData());
    }
};

QTEST_GUILESS_MAIN(TstFullDisk)
#include "tst_full_disk.moc"
