// SPDX-License-Identifier: Apache-2.0
#include "core/base/scratch_file.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <sys/vfs.h>

using namespace headwater;

class TstScratchFile : public QObject {
    Q_OBJECT

private:
    /// Beside the test: the system's folder for temporary files may lie in memory.
    QTemporaryDir m_folder{QDir::currentPath() + "/scratch-XXXXXX"};
    std::filesystem::path folder() const { return m_folder.path().toStdString(); }

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        if (scratchSpace(folder()) == 0)
            QSKIP("the tests run in a folder that lies in memory");
    }

    void takenMemory_isApartAlignedAndOutlivesItsFile()
    {
        auto file = ScratchFile::create(folder(), 1000);
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        const auto first = (*file)->take(100);
        const auto second = (*file)->take(800);
        QVERIFY(first && second);
        QCOMPARE(reinterpret_cast<std::uintptr_t>(first->get()) % ScratchFile::kAlignment, 0u);
        QCOMPARE(second->get() - first->get(), std::ptrdiff_t(128));
        const auto third = (*file)->take(200);
        QVERIFY(!third);
        QCOMPARE(third.error().code, ErrorCode::OutOfMemory);
        file->reset();
        std::memset(first->get(), 1, 100);
        std::memset(second->get(), 2, 800);
        QCOMPARE(first->get()[99], std::byte{1});
        QCOMPARE(second->get()[799], std::byte{2});
    }

    void noNameIsLeft_evenWhileItIsThere()
    {
        const auto file = ScratchFile::create(folder() / "made" / "for it", 1 << 20);
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        QVERIFY(QDir(m_folder.filePath("made/for it"))
                    .isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
    }

    void fullDisk_isToldAtOnce()
    {
        const std::uint64_t space = scratchSpace(folder());
        QVERIFY(space > 0);
        const auto file = ScratchFile::create(folder(), space * 2 + (std::uint64_t{1} << 40));
        QVERIFY(!file);
        QCOMPARE(file.error().code, ErrorCode::CannotCreate);
        QVERIFY2(file.error().text().find("has no place") != std::string::npos, file.error().text().c_str());
        QVERIFY(file.error().text().find("XDG_CACHE_HOME") != std::string::npos);
    }

    /// The file system says no although the disk has room: a quota, a limit of the process.
    void placeThatIsNotGiven_isToldAtOnce()
    {
        ::signal(SIGXFSZ, SIG_IGN);
        rlimit before = {};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        rlimit small = before;
        small.rlim_cur = 1 << 16;
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
        const auto file = ScratchFile::create(folder(), 1 << 20);
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
        QVERIFY(!file);
        QCOMPARE(file.error().code, ErrorCode::CannotCreate);
        QVERIFY2(file.error().text().find("1.0 MiB has no place: File too large") != std::string::npos,
                 file.error().text().c_str());
        QVERIFY(ScratchFile::create(folder(), 1 << 20));
    }

    void folderThatCannotBe_isNamed()
    {
        const auto file = ScratchFile::create("/proc/no such folder", 100);
        QVERIFY(!file);
        QCOMPARE(file.error().code, ErrorCode::CannotCreate);
        QCOMPARE(file.error().context, std::string("/proc/no such folder"));
    }

    void memoryDisguisedAsDisk_isRefused()
    {
        struct statfs system = {};
        if (::statfs("/dev/shm", &system) != 0 || system.f_type != 0x01021994)
            QSKIP("/dev/shm is no tmpfs here");
        QCOMPARE(scratchSpace("/dev/shm"), 0u);
        QCOMPARE(scratchSpace("/dev/shm/not there/yet"), 0u);
        const auto file = ScratchFile::create("/dev/shm", 100);
        QVERIFY(!file);
        QCOMPARE(file.error().code, ErrorCode::Unavailable);
    }

    void spaceOfAFolderThatIsNotThere_isThatOfTheOneAbove()
    {
        const std::uint64_t here = scratchSpace(folder());
        const std::uint64_t below = scratchSpace(folder() / "not" / "there");
        QVERIFY(below > here / 2 && below < here * 2);
        QVERIFY(!QDir(m_folder.filePath("not")).exists());
    }
};

QTEST_GUILESS_MAIN(TstScratchFile)
#include "tst_scratch_file.moc"
