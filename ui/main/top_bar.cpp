// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/top_bar.h"

#include "core/trace/model_title.h"
#include "ui/main/action_button.h"
#include "ui/main/command_box.h"
#include "ui/main/command_table.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QMenu>
#include <QPushButton>
#include <QStyle>
#include <QToolButton>
#include <algorithm>
#include <utility>

namespace headwater {

namespace {

constexpr int kNarrow = 1600; ///< of a window: what is looked at needs the room more than words on buttons
constexpr int kLeastModel = 48; ///< pixels: less of a model's name says nothing
constexpr int kSureName = 200; ///< pixels that a file's name may take from the subject
constexpr int kLeastName = 96; ///< pixels that names have in the narrowest window
constexpr int kSpacing = 8;
constexpr int kReserve = 12; ///< pixels: a label asks for a little more than its text is wide
constexpr int kBoxWidth = 310;
constexpr int kNarrowBoxWidth = 190;

/// What is looked at, in so many pixels: the model's name gives way before tokens, selection and propagation.
QString shortSubject(QString subject, const QString& model, int space, const QFontMetrics& metrics)
{
    const int excess = metrics.horizontalAdvance(subject) - space;
    if (excess > 0 && !model.isEmpty()) {
        const int room = metrics.horizontalAdvance(model) - excess;
        if (room >= kLeastModel)
            subject.replace(model, metrics.elidedText(model, Qt::ElideRight, room));
        else
            subject.remove(model + QStringLiteral(" · "));
    }
    return metrics.elidedText(subject, Qt::ElideRight, space);
}

} // namespace

TopBar::TopBar(CommandTable& commands, const std::vector<WorkspaceType>& types, QWidget* window,
               QWidget* parent)
    : QFrame(parent)
    , m_commands(commands)
{
    setObjectName(QStringLiteral("top_bar"));
    setAccessibleName(tr("Top bar"));
    setFixedHeight(44);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed); // the subject shortens itself
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(12, 0, 12, 0);
    layout->setSpacing(kSpacing);
    layout->addWidget(makeMenuButton());
    for (const auto& [id, sign] :
         {std::pair("go.back", QStringLiteral("‹")), std::pair("go.forward", QStringLiteral("›"))}) {
        QToolButton* const button = makeActionButton(commands, QLatin1String(id), sign, this);
        button->setProperty("square", true);
        layout->addWidget(button);
    }
    layout->addSpacing(kSpacing);
    layout->addWidget(makeSubject(), 1);
    m_pill = new QPushButton(this);
    m_pill->setFocusPolicy(Qt::TabFocus); // a click leaves the keyboard where it is
    m_pill->setObjectName(QStringLiteral("verdict_pill"));
    m_pill->setAccessibleName(tr("How far to trust what is shown"));
    m_pill->setProperty("pill", QStringLiteral("good"));
    connect(m_pill, &QPushButton::clicked, commands.action(QStringLiteral("help.verdict")),
            &QAction::trigger);
    layout->addWidget(m_pill);
    layout->addWidget(makeTabs(types));
    m_box = new CommandBox(commands, window, this);
    layout->addWidget(m_box);
    setTrace(nullptr);
}

QWidget* TopBar::makeSubject()
{
    m_looked = new QWidget(this);
    m_looked->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_name = new ElidedLabel(m_looked, Qt::ElideMiddle);
    m_name->setObjectName(QStringLiteral("subject_file"));
    m_name->setFont(wordsFont(13, QFont::DemiBold));
    m_subject = new ElidedLabel(m_looked);
    m_subject->setObjectName(QStringLiteral("subject"));
    m_subject->setProperty("role", QStringLiteral("dim"));
    auto* const row = new QHBoxLayout(m_looked);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kSpacing);
    row->addWidget(m_name);
    row->addWidget(m_subject, 1);
    return m_looked;
}

QWidget* TopBar::makeTabs(const std::vector<WorkspaceType>& types)
{
    m_tabs = new QWidget(this);
    m_tabs->setObjectName(QStringLiteral("workspace_tabs"));
    m_tabs->setAccessibleName(tr("Workspaces"));
    auto* const row = new QHBoxLayout(m_tabs);
    row->setContentsMargins(kSpacing, 0, kSpacing, 0);
    row->setSpacing(kSpacing);
    for (const WorkspaceType& type : types)
        row->addWidget(makeActionButton(m_commands, workspaceCommand(type.id), type.title, m_tabs));
    m_hasTabs = types.size() > 1; // where there is but one there is nothing to choose
    return m_tabs;
}

QWidget* TopBar::makeMenuButton()
{
    auto* const button = new QToolButton(this);
    button->setObjectName(QStringLiteral("menu_button"));
    button->setAccessibleName(tr("Menu"));
    button->setText(QStringLiteral("☰"));
    button->setProperty("square", true);
    button->setFocusPolicy(Qt::TabFocus);
    button->setToolTip(tr("Menu (F10)"));
    button->setShortcut(QKeySequence(Qt::Key_F10));
    button->setPopupMode(QToolButton::InstantPopup);
    m_menu = new QMenu(button);
    m_menu->setObjectName(QStringLiteral("menu"));
    m_menu->setAccessibleName(tr("Menu"));
    m_commands.fillMenus(m_menu);
    button->setMenu(m_menu);
    return button;
}

void TopBar::setTrace(const Trace* trace)
{
    m_nameText =
        trace ? QString::fromStdString(trace->path().filename().string()) : QStringLiteral("Headwater");
    m_name->setToolTip(trace ? leftToRight(QString::fromStdString(trace->path().string())) : QString());
    m_subjectText = trace ? subjectOf(*trace) : QString();
    m_modelText = trace ? QString::fromStdString(modelTitleOf(trace->meta())) : QString();
    m_verdict = trace ? verdictTextOf(*trace) : std::nullopt;
    if (m_verdict) {
        m_pill->setProperty("pill", m_verdict->isGood ? QStringLiteral("good") : QStringLiteral("caution"));
        m_pill->style()->unpolish(m_pill);
        m_pill->style()->polish(m_pill);
        m_pill->setToolTip(m_verdict->held + QLatin1Char('\n') + m_verdict->behaviour);
    }
    showParts();
}

void TopBar::setWorkspaceShown(bool shown)
{
    m_isWorkspaceShown = shown;
    showParts();
}

void TopBar::showParts()
{
    m_pill->setVisible(m_isWorkspaceShown && m_verdict.has_value());
    m_tabs->setVisible(m_hasTabs && m_isWorkspaceShown);
    showSubject();
}

void TopBar::resizeEvent(QResizeEvent* event)
{
    QFrame::resizeEvent(event);
    showSubject();
}

bool TopBar::event(QEvent* event)
{
    // A part has become wider or narrower: another font, a longer pill.
    if (event->type() == QEvent::LayoutRequest)
        showSubject();
    return QFrame::event(event);
}

QSize TopBar::minimumSizeHint() const
{
    return {layout()->minimumSize().width() + kLeastName, height()};
}

void TopBar::showSubject()
{
    const bool isNarrow = width() < kNarrow;
    if (m_verdict)
        m_pill->setText(isNarrow ? m_verdict->shortPill : m_verdict->pill);
    m_box->setFixedWidth(isNarrow ? kNarrowBoxWidth : kBoxWidth);
    // The controls take what they need, and they come first: names share what is left.
    const int room = std::max(0, width() - layout()->minimumSize().width());
    m_name->setText(leftToRight(m_nameText));
    m_name->ensurePolished();
    const int subject = m_subject->fontMetrics().horizontalAdvance(m_subjectText) + kReserve + kSpacing;
    const int name =
        std::min(m_name->sizeHint().width(), std::max(std::min(kSureName, room / 2), room - subject));
    m_name->setFixedWidth(name);
    m_subject->setText(shortSubject(m_subjectText, m_modelText,
                                    std::max(0, room - name - kSpacing - kReserve),
                                    m_subject->fontMetrics()));
    m_subject->setToolTip(m_subjectText);
    if (const int least = minimumSizeHint().width(); std::exchange(m_leastWidth, least) != least)
        emit leastWidthChanged();
}

} // namespace headwater
