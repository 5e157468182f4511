// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/welcome_page.h"

#include "ui/main/command_table.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"

#include <QAction>
#include <QFileInfo>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

namespace headwater {

namespace {

constexpr int kMaxShown = 6;
constexpr int kColumnWidth = 620;
constexpr int kRecentWidth = 540; ///< pixels of the words on a recent trace's button
constexpr int kMostName = 360; ///< of them for the file's name, where its folder needs the rest

/// "story.hwt   /home/…/traces", in the room there is whatever they are called.
QString recentText(const QFileInfo& file, const QFontMetrics& metrics)
{
    const QString gap = QStringLiteral("   ");
    const int folderWidth = metrics.horizontalAdvance(gap + file.path());
    const QString name =
        metrics.elidedText(file.fileName(), Qt::ElideMiddle, std::max(kMostName, kRecentWidth - folderWidth));
    const int left = kRecentWidth - metrics.horizontalAdvance(name + gap);
    return name + gap + metrics.elidedText(file.path(), Qt::ElideMiddle, left);
}

QPushButton* commandButton(CommandTable& commands, const QString& id, QWidget* parent)
{
    QAction* const action = commands.action(id);
    auto* const button = new QPushButton(action->text(), parent);
    button->setObjectName(QStringLiteral("welcome.") + id);
    button->setAccessibleName(action->text());
    button->setToolTip(action->toolTip());
    QObject::connect(button, &QPushButton::clicked, action, &QAction::trigger);
    return button;
}

} // namespace

WelcomePage::WelcomePage(CommandTable& commands, QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("welcome_page"));
    setAccessibleName(tr("Welcome"));
    auto* const column = new QWidget(this);
    column->setFixedWidth(kColumnWidth);
    auto* const layout = new QVBoxLayout(column);
    layout->setSpacing(12);

    m_invitation = new QLabel(column);
    m_invitation->setObjectName(QStringLiteral("welcome_invitation"));
    m_invitation->setFont(wordsFont(22, QFont::DemiBold));
    m_invitation->setAlignment(Qt::AlignHCenter);
    auto* const help = new QLabel(
        tr("A trace shows every head of a model on one prompt; a model or a text begins a new one."), column);
    help->setProperty("role", QStringLiteral("dim"));
    help->setAlignment(Qt::AlignHCenter);

    auto* const buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch();
    QPushButton* const sample = commandButton(commands, QStringLiteral("file.sample"), column);
    sample->setProperty("primary", true);
    setFocusProxy(sample);
    buttons->addWidget(sample);
    buttons->addWidget(commandButton(commands, QStringLiteral("run.needle"), column));
    buttons->addStretch();

    m_recentTitle = new QLabel(tr("RECENT"), column);
    m_recentTitle->setProperty("role", QStringLiteral("title"));
    m_recent = new QVBoxLayout;
    m_recent->setSpacing(4);

    layout->addWidget(m_invitation);
    layout->addWidget(help);
    layout->addSpacing(8);
    layout->addLayout(buttons);
    layout->addSpacing(20);
    layout->addWidget(m_recentTitle);
    layout->addLayout(m_recent);

    auto* const outer = new QVBoxLayout(this);
    outer->addStretch(2);
    outer->addWidget(column, 0, Qt::AlignHCenter);
    outer->addStretch(3);
    setDropWelcome(false);
    setRecent({});
}

void WelcomePage::setDropWelcome(bool over)
{
    m_invitation->setText(over ? tr("Let go to open it") : tr("Drop a trace, a model or a text here"));
}

void WelcomePage::setRecent(const QStringList& paths)
{
    while (QLayoutItem* const item = m_recent->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_recentTitle->setVisible(!paths.isEmpty());
    for (const QString& path : paths.mid(0, kMaxShown)) {
        const QFileInfo file(path);
        auto* const button = new QPushButton(this);
        button->setObjectName(QStringLiteral("welcome.recent"));
        button->setAccessibleName(tr("Open %1").arg(path));
        button->setToolTip(leftToRight(path));
        button->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        button->setStyleSheet(QStringLiteral("text-align: left;"));
        // As high as a button with letters of ours: those of another font may be higher.
        button->setText(QStringLiteral("x"));
        button->ensurePolished();
        button->setFixedHeight(button->sizeHint().height());
        button->setText(leftToRight(recentText(file, QFontMetrics(wordsFont(13))))
                            .replace(QLatin1Char('&'), QLatin1String("&&")));
        connect(button, &QPushButton::clicked, this, [this, path] { emit openRequested(path); });
        m_recent->addWidget(button);
    }
}

} // namespace headwater
