// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_bar.h"

#include "ui/run/run_session.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/fonts.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr int kProgressSteps = 1000;
constexpr qsizetype kShownTail = 60;

} // namespace

RunBar::RunBar(RunSession& session, QWidget* parent)
    : QFrame(parent)
    , m_session(session)
{
    setObjectName(QStringLiteral("run_bar"));
    setAccessibleName(tr("Progress of the run"));
    auto* const outer = new QVBoxLayout(this);
    outer->setContentsMargins(8, 8, 8, 0);
    auto* const card = new QFrame(this);
    card->setProperty("card", true);
    outer->addWidget(card);
    // What a model is called and what it generates is of any length: each has its third.
    m_text = new ElidedLabel(card);
    m_text->setObjectName(QStringLiteral("run_bar_text"));
    m_generated = new ElidedLabel(card, Qt::ElideLeft);
    m_generated->setObjectName(QStringLiteral("run_bar_generated"));
    m_generated->setFont(tokensFont(12));
    m_progress = new QProgressBar(card);
    m_progress->setObjectName(QStringLiteral("run_bar_progress"));
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setTextVisible(false);
    m_progress->setMinimumWidth(160);
    m_progress->setFixedHeight(6);
    m_cancel = new QPushButton(tr("Cancel"), card);
    m_cancel->setObjectName(QStringLiteral("run_bar_cancel"));
    m_cancel->setAccessibleName(tr("Cancel the run"));
    connect(m_cancel, &QPushButton::clicked, &session, &RunSession::cancel);
    auto* const layout = new QHBoxLayout(card);
    layout->setContentsMargins(12, 6, 8, 6);
    layout->setSpacing(12);
    for (QLabel* const words : {m_text, m_generated})
        words->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_progress, 1);
    layout->addWidget(m_generated, 1);
    layout->addWidget(m_cancel);
    connect(&session, &RunSession::progressChanged, this, &RunBar::update);
    connect(&session, &RunSession::runningChanged, this, &RunBar::update);
    update();
}

void RunBar::update()
{
    setVisible(m_session.isRunning());
    if (!m_session.isRunning())
        return;
    const EngineProgress& progress = m_session.progress();
    m_text->setText(m_session.isCancelling() ? tr("Cancelling…") : progressText(progress));
    m_cancel->setEnabled(!m_session.isCancelling());
    m_progress->setRange(0, progress.total > 0 ? kProgressSteps : 0); // 0, 0: busy
    if (progress.total > 0)
        m_progress->setValue(static_cast<int>(
            std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total))
            * kProgressSteps));
    const QString generated = m_session.generated();
    m_generated->setVisible(!generated.isEmpty());
    m_generated->setText(QString(generated.right(kShownTail)).replace(QLatin1Char('\n'), QChar(0x23ce)));
}

} // namespace headwater
