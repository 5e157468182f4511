// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QProcess>
#include <QString>
#include <QStringList>

namespace headwater {

struct PythonRun {
    int code = -1;
    QString out;
    QString err;
};

/// Runs a script in Debian's Python, with the tree's python/ on its path.
inline PythonRun python(const QString& script, const QStringList& arguments)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("PYTHONPATH", HEADWATER_SOURCE_DIR "/python");
    environment.insert("PYTHONDONTWRITEBYTECODE", "1");
    process.setProcessEnvironment(environment);
    process.start("/usr/bin/python3", QStringList{"-c", script} + arguments);
    const bool hasEnded = process.waitForFinished(-1);
    return {hasEnded ? process.exitCode() : -1, QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
}

} // namespace headwater
