// SPDX-License-Identifier: Apache-2.0
// What a session is said to need, what is chosen where memory is short, and what is refused in which words.
#include "core/base/text.h"
#include "core/engine/memory_need.h"
#include "core/engine/open_session.h"
#include "support/recorded_needle.h"

#include <QDir>
#include <QTest>
#include <fmt/format.h>

using namespace headwater;
using namespace headwater::test;

class TstOpenSession : public QObject {
    Q_OBJECT

private:
    RecordedNeedle m_needle;
    std::shared_ptr<const Trace> m_trace;

    /// Without a disk, unless one is given.
    SessionNeed need(const AvailableMemory& memory, const ScratchPlace& scratch = {"/no disk", 0}) const
    {
        return needOfSession(*m_needle.backend, *m_needle.model.model, *m_trace, memory, scratch);
    }
    std::uint64_t stateBytes(ElementType keysAs) const
    {
        return forwardStateBytes(m_needle.model.model->config, m_trace->seqLen(), keysAs);
    }
    Result<std::unique_ptr<WarmSession>> open(const SessionNeed& need, bool force) const
    {
        return openSession(*m_needle.backend, m_needle.model, m_trace, need, force);
    }

    /// The smallest memory in which such a session fits, or a more exact one; to 4 KiB.
    std::uint64_t leastMemoryFor(ElementType keysAs) const
    {
        std::uint64_t least = 0;
        std::uint64_t enough = std::uint64_t{1} << 40;
        while (enough - least > 4096) {
            const std::uint64_t middle = least + (enough - least) / 2;
            const SessionEstimate estimate = need(middle).memory;
            const bool is = estimate.fits && (keysAs == ElementType::F16 || estimate.keysAs == keysAs);
            (is ? enough : least) = middle;
        }
        return enough;
    }

private slots:
    void initTestCase()
    {
        const auto loaded = m_needle.load();
        QVERIFY2(loaded, loaded ? "" : loaded.error().text().c_str());
        auto trace = m_needle.record(Selection::Exact, Propagation::Observed, 1500, 4);
        QVERIFY2(trace, trace ? "" : trace.error().text().c_str());
        m_trace = *trace;
    }

    /// The most exact session that fits is named, opened and what it is said to be.
    void memory_choosesTheMostExact()
    {
        const SessionNeed roomy = need(std::uint64_t{1} << 40);
        QVERIFY(roomy.refusal.empty());
        QVERIFY(roomy.memory.fits);
        QCOMPARE(roomy.memory.keysAs, ElementType::F32);
        QCOMPARE(roomy.memory.stateBytes, stateBytes(ElementType::F32));
        QCOMPARE(roomy.memoryAvailable, std::uint64_t{1} << 40);
        QVERIFY(roomy.memory.openingBytes > roomy.memory.stateBytes + kProgramBytes);
        QVERIFY(roomy.seconds > 0 && roomy.seconds < 60);

        const std::uint64_t saved = stateBytes(ElementType::F32) - stateBytes(ElementType::F16);
        QVERIFY(saved > 0);
        const std::uint64_t enoughForF32 = leastMemoryFor(ElementType::F32);
        const std::uint64_t enoughForF16 = leastMemoryFor(ElementType::F16);
        QVERIFY2(enoughForF32 - enoughForF16 >= saved - 8192 && enoughForF32 - enoughForF16 <= saved + 8192,
                 fmt::format("{} - {}, saved {}", enoughForF32, enoughForF16, saved).c_str());

        const SessionNeed tight = need(enoughForF16);
        QVERIFY(tight.refusal.empty());
        QCOMPARE(tight.memory.keysAs, ElementType::F16);
        QCOMPARE(tight.memory.stateBytes, stateBytes(ElementType::F16));
        for (const SessionNeed* one : {&roomy, &tight}) {
            const auto session = open(*one, false);
            QVERIFY2(session, session ? "" : session.error().text().c_str());
            QCOMPARE((*session)->isExact(), one->memory.keysAs == ElementType::F32);
            QCOMPARE((*session)->bytes(), one->memory.stateBytes);
        }
        QVERIFY(!need(enoughForF16 - 8192).refusal.empty());
    }

    void refusal_saysWhatIsMissingAndWhatToDo()
    {
        AvailableMemory memory(std::uint64_t{100} << 20);
        memory.limit = "/group/memory.max is 200 MiB";
        const SessionNeed refused = need(memory);
        QVERIFY(!refused.memory.fits);
        QCOMPARE(refused.memory.keysAs, ElementType::F16); // the least there is
        const QString needs = QString("needs %1, 100 MiB free (/group/memory.max is 200 MiB); ")
                                  .arg(QString::fromStdString(humanBytes(refused.memory.openingBytes)));
        QCOMPARE(
            QString::fromStdString(refused.refusal),
            needs
                + "no scratch file may lie in /no disk (it is in memory, or its disk is full); close other "
                  "programs, name a folder on a disk in XDG_CACHE_HOME, or ask a shorter trace");
        const QString state = QString::fromStdString(humanBytes(stateBytes(ElementType::F16)));
        const QString beside = QString::fromStdString(humanBytes(refused.memory.besideScratchBytes));
        QCOMPARE(
            QString::fromStdString(need(memory, {"/small disk", 1 << 20}).refusal),
            needs
                + QString(
                      "with %1 on the disk of /small disk it needs %2, but 1.0 MiB may be taken there (half "
                      "of what is free); close other programs, free that disk, or ask a shorter trace")
                      .arg(state, beside));
        QVERIFY(refused.memory.besideScratchBytes < refused.memory.openingBytes);

        const auto session = open(refused, false);
        QVERIFY(!session);
        QCOMPARE(session.error().code, ErrorCode::OutOfMemory);
        QCOMPARE(session.error().message, refused.refusal);
    }

    /// A disk goes before rounding; one that has filled since is an error, and the backend is as good as
    /// before.
    void scratchFile_goesBeforeRounding()
    {
        QTemporaryDir folder(QDir::currentPath() + "/scratch-XXXXXX");
        const ScratchPlace disk{folder.path().toStdString(), std::uint64_t{1} << 40};
        if (scratchSpace(disk.folder) == 0)
            QSKIP("the tests run in a folder that lies in memory");
        const std::uint64_t least = leastMemoryFor(ElementType::F32) - 8192;
        QVERIFY(need(least).memory.fits && need(least).memory.keysAs == ElementType::F16);
        const SessionNeed onDisk = need(least, disk);
        QVERIFY(onDisk.refusal.empty() && onDisk.memory.inScratch);
        QCOMPARE(onDisk.memory.keysAs, ElementType::F32);
        QVERIFY(onDisk.memory.openingBytes <= least);
        const auto session = open(onDisk, false);
        QVERIFY2(session, session ? "" : session.error().text().c_str());
        QVERIFY((*session)->isExact() && (*session)->isInScratch());
        SessionNeed filled = onDisk;
        filled.scratchFolder = "/proc/no such folder";
        const auto refused = open(filled, false);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::CannotCreate);
        QVERIFY(open(onDisk, false));
    }

    /// Who says --force has the session that was refused, as it was named.
    void force_opensWhatWasRefused()
    {
        const SessionNeed refused = need(std::uint64_t{1} << 20);
        QVERIFY(!refused.refusal.empty());
        const auto session = open(refused, true);
        QVERIFY2(session, session ? "" : session.error().text().c_str());
        QVERIFY(!(*session)->isExact());
        QVERIFY((*session)->row(2, m_needle.heads(2), 1499));
    }

    /// Another model is told as such, whatever the memory, and forcing does not help.
    void otherModel_isToldBeforeTheMemory()
    {
        LoadedModel other = m_needle.model;
        auto renamed = std::make_shared<Model>(*other.model);
        renamed->identity.headerSha256 = std::string(64, '0');
        other.model = renamed;
        for (const bool force : {false, true}) {
            const auto session =
                openSession(*m_needle.backend, other, m_trace, need(std::uint64_t{1} << 20), force);
            QVERIFY(!session);
            QCOMPARE(session.error().code, ErrorCode::InvalidArgument);
        }
    }

    void opening_stops()
    {
        std::stop_source source;
        source.request_stop();
        const auto session = openSession(*m_needle.backend, m_needle.model, m_trace,
                                         need(std::uint64_t{1} << 40), false, {}, source.get_token());
        QVERIFY(!session);
        QCOMPARE(session.error().code, ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TstOpenSession)
#include "tst_open_session.moc"
