// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_request.h"

#include "core/base/data_paths.h"
#include "core/base/file_name.h"
#include "ui/bridge/path_text.h"

#include <QDateTime>
#include <QFileInfo>
#include <QRegularExpression>

namespace headwater {

nlohmann::json paramsOf(const RunRequest& request)
{
    nlohmann::json params{{"model", request.model.toStdString()}};
    if (request.promptFile.isEmpty() && !request.text.isEmpty())
        params["text"] = request.text.toStdString();
    else if (!request.promptFile.isEmpty())
        params["prompt_file"] = textOfPath(pathOf(request.promptFile));
    if (!request.output.isEmpty())
        params["output"] = textOfPath(pathOf(request.output));
    const auto unlessAuto = [&params](const char* name, const QString& value) {
        if (value != QLatin1String("auto"))
            params[name] = value.toStdString();
    };
    unlessAuto("chat", request.chat);
    unlessAuto("encoding", request.encoding);
    unlessAuto("text_tokens", request.textTokens);
    unlessAuto("select", request.select);
    unlessAuto("propagation", request.propagation);
    unlessAuto("predictions", request.predictions);
    params["keep_keys"] = request.keepKeys;
    if (request.keepPeak >= 0)
        params["keep_peak"] = request.keepPeak;
    if (request.blockQ > 0)
        params["block_q"] = request.blockQ;
    if (request.blockK > 0)
        params["block_k"] = request.blockK;
    params["generate"] = request.generate;
    if (request.check)
        params["check"] = true;
    if (request.keepSession)
        params["keep_session"] = true;
    return params;
}

QString defaultTracePath(const QString& model)
{
    QString name = QFileInfo(model).completeBaseName();
    name.replace(QRegularExpression(QStringLiteral("[^A-Za-z0-9._-]+")), QStringLiteral("-"));
    if (model.startsWith(QLatin1String("builtin:")))
        name = model.mid(8);
    if (name.isEmpty())
        name = QStringLiteral("trace");
    const QString time = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz"));
    const QString file = name + QLatin1Char('-') + time + QStringLiteral(".hwt");
    return pathText(userDataDirectory() / "traces" / file.toStdString());
}

} // namespace headwater
