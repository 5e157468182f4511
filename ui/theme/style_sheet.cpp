// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/style_sheet.h"

#include "core/base/data_paths.h"

#include <QMap>

namespace headwater {

namespace {

/// %name% stands for a colour of the theme, its shade (dark, light) or the folder of icons.
constexpr const char* kTemplate = R"(
QDialog { background: %window%; }
QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget > QWidget { background: %dock%; }
QDockWidget::title { background: %dock%; color: %dim%; padding: 10px 12px 4px 12px; text-align: left; }

QMenuBar { background: %dock%; color: %text%; border-bottom: 1px solid %line%; padding: 2px 4px; }
QMenuBar::item { padding: 4px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: %raised%; }
QMenu { background: %dock%; color: %text%; border: 1px solid %line%; padding: 5px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 5px; }
QMenu::item:selected { background: %pressed%; }
QMenu::item:disabled { color: %faint%; }
QMenu::separator { height: 1px; background: %line%; margin: 5px 8px; }
QToolBar { background: %dock%; border: none; border-bottom: 1px solid %line%; spacing: 8px; padding: 6px 12px; }
QToolBar::separator { background: %line%; width: 1px; margin: 4px 4px; }
QStatusBar { background: %dock%; color: %dim%; border-top: 1px solid %line%; }
QStatusBar::item { border: none; }
QStatusBar QLabel { padding: 0px 7px; }
QLabel#status_engine_dot { padding: 0px 0px 0px 4px; }
QLabel#status_engine { padding-left: 0px; }

QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QPushButton, QToolButton { background: %raised%; color: %text%; border: 1px solid %line%; border-radius: 6px;
    padding: 4px 11px; min-height: 16px; }
QPushButton:hover, QToolButton:hover { border-color: %faint%; }
QPushButton:pressed, QToolButton:pressed { background: %pressed%; }
QPushButton:checked, QToolButton:checked { background: %pressed%; border-color: %selected%; color: %selectedText%; }
QPushButton:focus, QToolButton:focus { border-color: %selected%; }
QPushButton:disabled, QToolButton:disabled { color: %faint%; background: %dock%; }
QPushButton[primary="true"], QToolButton[primary="true"] { background: %primary%; color: #ffffff; border-color: %primary%; }
QPushButton[primary="true"]:hover { border-color: %text%; }
QPushButton[primary="true"]:disabled { background: %raised%; color: %faint%; border-color: %line%; }
QToolButton::menu-indicator { image: none; }
QPushButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox { background: %window%; color: %text%;
    border: 1px solid %line%; border-radius: 6px; padding: 4px 8px; selection-background-color: %selection%;
    selection-color: %text%; }
QTextEdit[words="true"] { background: transparent; border: none; border-radius: 0px; padding: 0px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus { border-color: %selected%; }
QLineEdit[invalid="true"] { border-color: %caution%; }
QComboBox { background: %raised%; color: %text%; border: 1px solid %line%; border-radius: 6px; padding: 4px 8px; min-height: 16px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow, QDateTimeEdit::down-arrow { image: url("%icons%/chevron-down-%shade%.png"); width: 12px; height: 12px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: none; background: transparent; width: 18px; }
QAbstractSpinBox::up-arrow { image: url("%icons%/chevron-up-%shade%.png"); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url("%icons%/chevron-down-%shade%.png"); width: 12px; height: 12px; }
QComboBox:hover { border-color: %faint%; }
QComboBox:focus { border-color: %selected%; }
QComboBox QAbstractItemView { background: %dock%; border: 1px solid %line%; padding: 4px; outline: none; }
QCheckBox, QRadioButton { color: %text%; spacing: 7px; }
QCheckBox::indicator { background: %window%; border: 1px solid %dim%; border-radius: 4px; width: 12px; height: 12px; }
QCheckBox::indicator:hover { border-color: %text%; }
QCheckBox::indicator:checked { background: %primary%; border-color: %primary%; image: url("%icons%/check.png"); }
QCheckBox::indicator:disabled { border-color: %line%; }
QCheckBox:focus { color: %selectedText%; }
QCheckBox::indicator:focus { border-color: %selected%; }

QAbstractItemView { background: %dock%; alternate-background-color: %raised%; color: %text%; border: none; outline: none;
    selection-background-color: %selection%; selection-color: %text%; gridline-color: %line%; }
QFrame[framed="true"] { border: 1px solid %text%; }
QHeaderView { background: %dock%; }
QHeaderView::section { background: %dock%; color: %dim%; border: none; padding: 3px 6px; }
QHeaderView::section:hover { color: %text%; }
QGroupBox { border: 1px solid %line%; border-radius: 7px; margin-top: 14px; padding: 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 8px; color: %dim%; }

QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: %line%; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: %faint%; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: %line%; }
QProgressBar { background: %line%; border: none; border-radius: 3px; height: 6px; text-align: center; color: transparent; }
QProgressBar::chunk { background: %selected%; border-radius: 3px; }
QSlider::groove:horizontal { background: %line%; height: 2px; border-radius: 1px; }
QSlider::handle:horizontal { background: %text%; width: 12px; height: 12px; margin: -5px 0; border-radius: 6px; }
QToolTip { background: %raised%; color: %text%; border: 1px solid %line%; padding: 5px 8px; }

#map_bar[compact="true"] QToolButton { padding: 4px 5px; }
#top_bar { background: %dock%; border: none; border-bottom: 1px solid %line%; }
#command_list { border: 1px solid %line%; border-radius: 7px; padding: 3px; }
#model_list { border: 1px solid %line%; border-radius: 7px; padding: 3px; }
#model_list::item { height: 24px; padding: 0px 4px; border: 0px solid transparent; background: transparent; }
#model_list::item:selected { background: %selection%; }
QPushButton[fold="true"] { background: transparent; border: none; border-radius: 3px; padding: 1px 2px; min-height: 14px;
    text-align: left; color: %dim%; font-size: 11px; font-weight: 500; letter-spacing: 0.6px; }
QPushButton[fold="true"]:hover { color: %text%; }
QPushButton[fold="true"]:focus { color: %text%; background: %pressed%; }
QToolButton[square="true"] { padding: 0; min-width: 26px; max-width: 26px; min-height: 26px; max-height: 26px; }

QFrame[card="true"] { background: %raised%; border: 1px solid %line%; border-radius: 7px; }
QFrame[card="true"] QLabel { background: transparent; border: none; }
QFrame[card="true"] QLabel[pill] { border: 1px solid %line%; border-radius: 8px; }
QLabel[role="title"] { color: %dim%; font-size: 11px; font-weight: 500; letter-spacing: 0.6px; }
QLabel[role="dim"] { color: %dim%; }
QLabel[ground="true"] { background: %window%; padding: 0px 6px; }
QLabel[role="number"] { font-size: 26px; font-weight: 600; }
QLabel[role="mono"] { font-family: "Headwater Mono"; }
QLabel[role="good"] { color: %good%; }
QLabel[role="caution"] { color: %caution%; }
QLabel[role="query"] { color: %query%; }
QLabel[role="key"] { color: %key%; }
QLabel[pill] { color: %dim%; border: 1px solid %line%; border-radius: 8px; padding: 0px 7px; font-size: 11px; }
QLabel[pill="good"], QPushButton[pill="good"] { color: %good%; border-color: %good%; }
QLabel[pill="caution"], QPushButton[pill="caution"] { color: %caution%; border-color: %caution%; }
QPushButton[pill] { background: transparent; border-radius: 9px; padding: 0px 8px; font-size: 11px; min-height: 17px; }
)";

QString mix(const QColor& a, const QColor& b, double share)
{
    const auto part = [&](int x, int y) { return qRound(x + (y - x) * share); };
    return QColor(part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue())).name();
}

} // namespace

QString windowSheet()
{
    return QStringLiteral(
        "QMainWindow::separator { background: rgba(128, 136, 152, 72); width: 1px; height: 1px; }"
        "QMainWindow::separator:hover { background: #4f7de8; }"
        // Of docks that lie on each other: Qt makes their tab bar when they do, as a child of the window.
        "QTabBar::tab { background: transparent; color: palette(text); padding: 5px 12px;"
        " border-bottom: 2px solid transparent; }"
        "QTabBar::tab:selected { border-bottom-color: #4f7de8; }");
}

QString styleSheetOf(const Theme& theme)
{
    const QMap<QString, QString> values{
        {QStringLiteral("window"), theme.window.name()},
        {QStringLiteral("dock"), theme.dock.name()},
        {QStringLiteral("raised"), theme.raised.name()},
        {QStringLiteral("line"), theme.line.name()},
        {QStringLiteral("text"), theme.text.name()},
        {QStringLiteral("dim"), theme.dim.name()},
        {QStringLiteral("faint"), theme.faint.name()},
        {QStringLiteral("query"), theme.query.name()},
        {QStringLiteral("key"), theme.key.name()},
        {QStringLiteral("selected"), theme.selected.name()},
        {QStringLiteral("good"), theme.good.name()},
        {QStringLiteral("caution"), theme.caution.name()},
        {QStringLiteral("pressed"), mix(theme.raised, theme.selected, theme.dark ? 0.18 : 0.12)},
        {QStringLiteral("selection"), mix(theme.dock, theme.selected, theme.dark ? 0.35 : 0.22)},
        {QStringLiteral("selectedText"), mix(theme.selected, theme.text, theme.dark ? 0.25 : 0.1)},
        {QStringLiteral("primary"), QStringLiteral("#2f5fd0")},
        {QStringLiteral("shade"), theme.dark ? QStringLiteral("dark") : QStringLiteral("light")},
        {QStringLiteral("icons"), QString::fromStdString(findResource("icons").string())},
    };
    QString sheet = QString::fromUtf8(kTemplate);
    for (auto value = values.begin(); value != values.end(); ++value)
        sheet.replace(QLatin1Char('%') + value.key() + QLatin1Char('%'), value.value());
    return sheet;
}

} // namespace headwater
