// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "support/dense_trace.h"

#include <QDir>
#include <QFileInfo>
#include <QObject>
#include <QTemporaryDir>

namespace headwater::test {

/// A test over traces by seed. They lie in memory where the system has such a folder: each is synced, and a
/// disk would take most of the time.
class MadeTraces : public QObject {
protected:
    Result<DenseTrace> made(std::uint32_t seed) const
    {
        return DenseTrace::make(m_folder.filePath("made.hwt").toStdString(), seed);
    }

private:
    static QString place()
    {
        const QFileInfo memory(QStringLiteral("/dev/shm"));
        return (memory.isDir() && memory.isWritable() ? memory.filePath() : QDir::tempPath())
            + QStringLiteral("/headwater-XXXXXX");
    }

    QTemporaryDir m_folder{place()};
};

} // namespace headwater::test
