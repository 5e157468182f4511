// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/turns_editor.h"

#include "core/base/mapped_file.h"
#include "ui/bridge/path_text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/wrapped_label.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFontMetrics>
#include <QHBoxLayout>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>
#include <algorithm>
#include <initializer_list>
#include <utility>

namespace headwater {

namespace {

constexpr int kLines = 2; ///< of a turn; more scroll

/// In the order of the list's items.
constexpr ChatTurn::Role kSpeakers[] = {ChatTurn::Role::User, ChatTurn::Role::Assistant};

QToolButton* button(const char* name, const QString& text, const QString& toolTip, QWidget* parent)
{
    auto* const made = new QToolButton(parent);
    made->setObjectName(QLatin1String(name));
    made->setText(text);
    made->setAccessibleName(text);
    made->setToolTip(toolTip);
    made->setAutoRaise(true);
    made->setFocusPolicy(Qt::StrongFocus);
    return made;
}

/// The conversation of a file. Errors: those of readFile and chatTurnsOfJson; InvalidArgument (too many turns
/// for a form).
Result<std::vector<ChatTurn>> conversationIn(const QString& path)
{
    HEADWATER_TRY_ASSIGN(const std::string json, readFile(pathOf(path), TurnsEditor::kLargestFile));
    HEADWATER_TRY_ASSIGN(std::vector<ChatTurn> turns, chatTurnsOfJson(json));
    if (turns.size() > TurnsEditor::kMostTurns)
        return Error{ErrorCode::InvalidArgument,
                     TurnsEditor::tr("%1 turns, the form shows at most %2: run it with --turns FILE")
                         .arg(turns.size())
                         .arg(TurnsEditor::kMostTurns)
                         .toStdString(),
                     "turns"};
    return turns;
}

/// The one file that is dragged, where it may be a conversation by its name and size.
QString fileIn(const QMimeData& dragged)
{
    if (dragged.urls().size() != 1 || !dragged.urls().front().isLocalFile())
        return {};
    const QFileInfo file(dragged.urls().front().toLocalFile());
    const bool isJson = file.suffix().compare(QLatin1String("json"), Qt::CaseInsensitive) == 0;
    return isJson && file.isFile() && file.size() <= TurnsEditor::kLargestFile ? file.filePath() : QString();
}

} // namespace

TurnsEditor::TurnsEditor(QHBoxLayout& head, QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("run_earlier_turns"));
    m_add = button("run_add_turn", tr("Add earlier turn"), tr("Something that was said before the prompt"),
                   parent);
    m_open = button("run_open_turns", tr("Conversation…"),
                    tr("A JSON list of turns, the last of which becomes the prompt (--turns)"), parent);
    head.addWidget(m_add);
    head.addWidget(m_open);
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(6);
    m_error = new WrappedLabel(this);
    m_error->setObjectName(QStringLiteral("run_turns_error"));
    m_error->setProperty("role", QStringLiteral("caution"));
    m_error->hide();
    m_layout->addWidget(m_error);
    connect(m_open, &QToolButton::clicked, this, &TurnsEditor::choose);
    connect(this, &TurnsEditor::changed, this, [this] {
        m_ofFile.clear();
        showError();
    });
    connect(m_add, &QToolButton::clicked, this, [this] {
        const bool isAnswer = m_rows.size() % 2 == 1;
        append({isAnswer ? ChatTurn::Role::Assistant : ChatTurn::Role::User, {}})
            .text->setFocus(Qt::OtherFocusReason);
        emit changed();
    });
}

std::vector<ChatTurn> TurnsEditor::turns() const
{
    std::vector<ChatTurn> turns;
    for (const Row& row : m_rows)
        turns.push_back(
            {kSpeakers[std::max(0, row.role->currentIndex())], row.text->toPlainText().toStdString()});
    return turns;
}

void TurnsEditor::setTurns(std::span<const ChatTurn> turns)
{
    for (const Row& row : m_rows)
        delete row.box;
    m_rows.clear();
    for (const ChatTurn& turn : turns)
        append(turn);
    emit changed();
}

TurnsEditor::Row& TurnsEditor::append(const ChatTurn& turn)
{
    Row row;
    row.box = new QWidget(this);
    row.role = new QComboBox(row.box);
    row.role->addItems({tr("User"), tr("Assistant")});
    row.role->setCurrentIndex(turn.role == ChatTurn::Role::Assistant ? 1 : 0);
    row.text = new QPlainTextEdit(QString::fromStdString(turn.content), row.box);
    row.text->setFont(tokensFont(12));
    row.text->setTabChangesFocus(true);
    row.text->setAcceptDrops(false);
    row.text->setFixedHeight(kLines * QFontMetrics(row.text->font()).lineSpacing() + 12);
    row.remove = button("", QStringLiteral("×"), tr("Remove this turn"), row.box);
    auto* const line = new QHBoxLayout(row.box);
    line->setContentsMargins(0, 0, 0, 0);
    line->addWidget(row.role, 0, Qt::AlignTop);
    line->addWidget(row.text, 1);
    line->addWidget(row.remove, 0, Qt::AlignTop);
    connect(row.role, &QComboBox::currentIndexChanged, this, &TurnsEditor::changed);
    connect(row.text, &QPlainTextEdit::textChanged, this, &TurnsEditor::changed);
    connect(row.remove, &QToolButton::clicked, this, [this, box = row.box] { removeRow(box); });
    m_layout->insertWidget(static_cast<int>(m_rows.size()), row.box);
    row.box->show(); // now: the layout would at the next event, and what is hidden gets no keyboard
    m_rows.push_back(row);
    nameRows();
    return m_rows.back();
}

void TurnsEditor::removeRow(const QWidget* box)
{
    const auto row = std::ranges::find(m_rows, box, &Row::box);
    const auto at = row - m_rows.begin();
    row->box->hide();
    row->box->deleteLater(); // its button is being clicked
    m_rows.erase(row);
    nameRows();
    if (m_rows.empty())
        m_add->setFocus(Qt::OtherFocusReason);
    else
        m_rows[static_cast<std::size_t>(std::min<std::ptrdiff_t>(at, std::ssize(m_rows) - 1))].text->setFocus(
            Qt::OtherFocusReason);
    emit changed();
}

/// What assistive programs and tests call the rows, and when Tab reaches them: by their places, all before
/// the prompt.
void TurnsEditor::nameRows()
{
    QWidget* before = m_open;
    for (const Row& row : m_rows)
        for (QWidget* const next : std::initializer_list<QWidget*>{row.role, row.text, row.remove})
            setTabOrder(std::exchange(before, next), next);
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const QString number = QString::number(i + 1);
        m_rows[i].role->setObjectName(QStringLiteral("run_turn_role_") + number);
        m_rows[i].role->setAccessibleName(tr("Who says turn %1").arg(number));
        m_rows[i].text->setObjectName(QStringLiteral("run_turn_") + number);
        m_rows[i].text->setAccessibleName(tr("Turn %1").arg(number));
        m_rows[i].remove->setObjectName(QStringLiteral("run_turn_remove_") + number);
        m_rows[i].remove->setAccessibleName(tr("Remove turn %1").arg(number));
    }
    m_add->setEnabled(std::ssize(m_rows) < kMostTurns);
}

void TurnsEditor::choose()
{
    const QString path = QFileDialog::getOpenFileName(this, tr("Open a conversation"), {},
                                                      tr("Conversations (*.json);;All files (*)"));
    if (!path.isEmpty())
        openFile(path);
}

void TurnsEditor::openFile(const QString& path)
{
    const Result<std::vector<ChatTurn>> turns = conversationIn(path);
    if (turns) {
        emit opened(*turns);
        return;
    }
    m_ofFile = tr("%1: %2").arg(QFileInfo(path).fileName(), QString::fromStdString(turns.error().message));
    showError();
}

bool TurnsEditor::isConversation(const QMimeData& dragged)
{
    const QString path = fileIn(dragged);
    return !path.isEmpty() && conversationIn(path).has_value();
}

void TurnsEditor::openDropped(const QMimeData& dropped)
{
    if (const QString path = fileIn(dropped); !path.isEmpty())
        openFile(path);
}

void TurnsEditor::setError(const QString& error)
{
    m_ofEngine = error;
    showError();
}

void TurnsEditor::showError()
{
    const QString& error = m_ofFile.isEmpty() ? m_ofEngine : m_ofFile;
    m_error->setText(error);
    m_error->setToolTip(error);
    m_error->setVisible(!error.isEmpty());
}

} // namespace headwater
