// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/top_bar.h"

#include "core/trace/model_title.h"
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

/// A button that is another face of a command: its own short text, everything else the action's.
QToolButton* actionButton(CommandTable& commands, const char* id, const QString& text, QWidget* parent)
{
    QAction* const action = commands.action(QLatin1String(id));
    auto* const button = new QToolButton(parent);
    button->setObjectName(QStringLiteral("button.") + QLatin1String(id));
    button->setAccessibleName(action->text());
    button->setText(text);
    button->setToolTip(action->toolTip());
    button->setCheckable(action->isCheckable());
    button->setChecked(action->isChecked());
    button->setEnabled(action->isEnabled());
    button->setFocusPolicy(Qt::TabFocus);
    QObject::connect(button, &QToolButton::clicked, action, [action, button] {
        action->trigger();
        button->setChecked(action->isChecked());
    });
    QObject::connect(action, &QAction::changed, button, [action, button] {
        button->setChecked(action->isChecked());
        button->setEnabled(action->isEnabled());
    });
    return button;
}

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

TopBar::TopBar(CommandTable& commands, QWidget* window, QWidget* parent)
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
        QToolButton* const button = actionButton(commands, id, sign, this);
        button->setProperty("square", true);
        layout->addWidget(button);
    }
    layout->addSpacing(kSpacing);
    layout->addWidget(makeSubject(), 1);
    m_pill = new QPushButton(this);
    m_pill->setObjectName(QStringLiteral("verdict_pill"));
    m_pill->setAccessibleName(tr("How far to trust this map"));
    m_pill->setProperty("pill", QStringLiteral("good"));
    connect(m_pill, &QPushButton::clicked, commands.action(QStringLiteral("help.verdict")),
            &QAction::trigger);
    layout->addWidget(m_pill);
    layout->addWidget(makeModes());
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

QWidget* TopBar::makeModes()
{
    m_modes = new QWidget(this);
    auto* const modes = new QHBoxLayout(m_modes);
    modes->setContentsMargins(8, 0, 0, 0);
    modes->setSpacing(kSpacing);
    modes->addWidget(actionButton(m_commands, "view.mode.max", tr("Max"), m_modes));
    modes->addWidget(actionButton(m_commands, "view.mode.count", tr("Count"), m_modes));
    modes->addWidget(actionButton(m_commands, "view.mode.missed", tr("Missed"), m_modes));
    modes->addSpacing(8);
    m_maskSinks = actionButton(m_commands, "view.mask.sinks", {}, m_modes);
    m_maskDiagonal = actionButton(m_commands, "view.mask.diagonal", {}, m_modes);
    modes->addWidget(m_maskSinks);
    modes->addWidget(m_maskDiagonal);
    return m_modes;
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
    m_hasTrace = trace != nullptr;
    if (m_verdict) {
        m_pill->setProperty("pill", m_verdict->isGood ? QStringLiteral("good") : QStringLiteral("caution"));
        m_pill->style()->unpolish(m_pill);
        m_pill->style()->polish(m_pill);
        m_pill->setToolTip(m_verdict->held + QLatin1Char('\n') + m_verdict->behaviour);
    }
    showParts();
}

void TopBar::setMapShown(bool shown)
{
    m_isMapShown = shown;
    showParts();
}

void TopBar::showParts()
{
    m_pill->setVisible(m_isMapShown && m_verdict.has_value());
    m_modes->setVisible(m_isMapShown && m_hasTrace);
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
    m_maskSinks->setText(isNarrow ? tr("Sink") : tr("Mask sink"));
    m_maskDiagonal->setText(isNarrow ? tr("Diagonal") : tr("Mask diagonal"));
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
