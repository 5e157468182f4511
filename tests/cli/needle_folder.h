// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cli/headwater_run.h"

#include <QFile>
#include <QJsonArray>
#include <QObject>
#include <QTemporaryDir>
#include <cstring>
#include <vector>

namespace headwater::test {

/// A test that asks the program about one trace, p.hwt in a folder of its own: builtin:needle on a prompt of
/// 2 000 tokens, with generated ones.
class NeedleFolder : public QObject {
protected:
    QTemporaryDir m_folder;
    QJsonObject m_info; ///< of the trace: `info --json`

    /// Makes the trace. False, with a warning, where that fails.
    bool record()
    {
        for (const QStringList& arguments :
             {QStringList{"bench", "--make-prompt", "2000", "-o", "p.txt", "--json"},
              QStringList{"run", "--model", "builtin:needle", "--prompt", "p.txt", "-o", "p.hwt"}}) {
            if (const Outcome outcome = run(arguments); outcome.code != 0) {
                qWarning("%s", outcome.err.constData());
                return false;
            }
        }
        m_info = run({"info", "p.hwt", "--json"}).json();
        return tokens() > 2000;
    }

    Outcome run(const QStringList& arguments, const std::function<void()>& before = {}) const
    {
        return runHeadwater(arguments, m_folder.path(), {}, before);
    }
    /// The list that a command prints; empty, with a warning, where it fails.
    QJsonArray list(const QStringList& arguments) const
    {
        const Outcome outcome = run(arguments);
        if (outcome.code != 0)
            qWarning("%s", outcome.err.constData());
        return QJsonDocument::fromJson(outcome.out).array();
    }

    int tokens() const { return m_info["tokens"].toInt(); }
    int numHeads() const { return static_cast<int>(m_info["heads"].toArray().size()); }
    /// "--layer L --head H" of the first head of a kind.
    QStringList headOf(const QString& kind) const
    {
        for (const QJsonValue& head : m_info["heads"].toArray()) {
            if (head["kind"].toString() == kind)
                return {"--layer", QString::number(head["layer"].toInt()), "--head",
                        QString::number(head["head"].toInt())};
        }
        return {};
    }

    /// The float32 values at the end of a .npy. Shape: [count]; empty where the file is shorter.
    std::vector<float> numbersOf(const QString& name, std::size_t count) const
    {
        QFile file(m_folder.filePath(name));
        const auto bytes = static_cast<qsizetype>(4 * count);
        if (!file.open(QIODevice::ReadOnly) || file.size() < bytes)
            return {};
        std::vector<float> values(count);
        std::memcpy(values.data(), file.readAll().last(bytes).constData(), 4 * count);
        return values;
    }
};

} // namespace headwater::test
