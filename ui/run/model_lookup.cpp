// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/model_lookup.h"

#include "ui/bridge/json_access.h"

#include <QProcess>
#include <algorithm>
#include <utility>

namespace headwater {

namespace {

constexpr int kKillingMs = 2000;

SeenModel seenModelOf(const nlohmann::json& json)
{
    SeenModel model;
    model.name = jsonText(json, "name");
    model.description = jsonText(json, "description");
    model.license = jsonText(json, "license");
    model.path = jsonText(json, "path");
    model.revision = jsonText(json, "revision");
    model.architecture = jsonText(json, "architecture");
    model.storedAs = jsonText(json, "stored_as");
    model.bytes = static_cast<quint64>(std::max<qint64>(0, jsonInteger(json, "bytes", 0)));
    model.isPresent = jsonBool(json, "present", false);
    model.isSeen = !jsonText(json, "container").isEmpty();
    model.runs = jsonBool(json, "runs", false);
    model.refusal = jsonText(json, "refusal");
    return model;
}

} // namespace

ModelLookup::ModelLookup(QString program, QObject* parent)
    : QObject(parent)
    , m_program(std::move(program))
{
}

ModelLookup::~ModelLookup()
{
    for (QProcess* const process : findChildren<QProcess*>()) { // those that were cancelled, too
        process->disconnect(this);
        process->kill();
        if (!process->waitForFinished(kKillingMs))
            process->setParent(nullptr); // stuck in a disk's driver: QProcess's own end would wait for it
    }
}

void ModelLookup::start(const QStringList& names)
{
    cancel();
    m_process = new QProcess(this);
    connect(m_process, &QProcess::finished, this, &ModelLookup::end);
    connect(m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) // any other one is told by its end
            end();
    });
    QStringList arguments{QStringLiteral("models"), QStringLiteral("--json")};
    if (!names.isEmpty())
        arguments += QStringList{QStringLiteral("--")} + names;
    m_process->start(m_program, arguments, QProcess::ReadOnly);
    emit runningChanged();
}

void ModelLookup::cancel()
{
    if (!m_process)
        return;
    QProcess* const old = std::exchange(m_process, nullptr);
    old->disconnect(this);
    connect(old, &QProcess::finished, old, &QObject::deleteLater);
    if (old->state() == QProcess::NotRunning)
        old->deleteLater();
    old->kill(); // it only reads
    emit runningChanged();
}

void ModelLookup::end()
{
    QProcess* const done = std::exchange(m_process, nullptr);
    done->deleteLater();
    std::vector<SeenModel> models;
    const nlohmann::json answer =
        nlohmann::json::parse(done->readAllStandardOutput().toStdString(), nullptr, false);
    if (answer.is_array())
        for (const nlohmann::json& model : answer)
            models.push_back(seenModelOf(model));
    emit runningChanged();
    emit found(models);
}

} // namespace headwater
