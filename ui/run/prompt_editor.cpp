// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/prompt_editor.h"

#include "core/base/text.h"
#include "ui/theme/fonts.h"
#include "ui/theme/wrapped_label.h"

#include <QPlainTextEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr int kFileLines = 3; ///< how long it is and where it lies

} // namespace

PromptEditor::PromptEditor(QWidget* parent)
    : QWidget(parent)
{
    m_pages = new QStackedWidget(this);
    m_edit = new QPlainTextEdit(m_pages);
    m_edit->setObjectName(QStringLiteral("run_prompt"));
    m_edit->setAccessibleName(tr("Prompt"));
    m_edit->setPlaceholderText(tr("Type or paste a prompt, or drop a text file on the window"));
    m_edit->setFont(tokensFont(13));
    m_edit->setTabChangesFocus(true);
    m_edit->setMinimumHeight(120);
    // It takes what is left: the twelve lines it would like push the buttons off a laptop's screen.
    m_edit->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored);
    m_edit->setAcceptDrops(false); // files dropped here are for the window to open
    connect(m_edit, &QPlainTextEdit::textChanged, this, &PromptEditor::changed);

    auto* const filePage = new QFrame(m_pages);
    filePage->setProperty("card", true);
    auto* const layout = new QVBoxLayout(filePage);
    m_fileText = new WrappedLabel(filePage);
    m_fileText->setObjectName(QStringLiteral("run_prompt_file"));
    m_fileText->setAlignment(Qt::AlignCenter);
    m_fileText->setLines(kFileLines, kFileLines);
    m_type = new QPushButton(tr("Type a prompt instead"), filePage);
    m_type->setObjectName(QStringLiteral("run_prompt_type"));
    m_type->setAccessibleName(m_type->text());
    connect(m_type, &QPushButton::clicked, this, [this] { setText({}); });
    layout->addStretch();
    layout->addWidget(m_fileText);
    layout->addWidget(m_type, 0, Qt::AlignHCenter);
    layout->addStretch();

    m_pages->addWidget(m_edit);
    m_pages->addWidget(filePage);
    auto* const outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_pages);
    showPage(m_edit);
}

void PromptEditor::showPage(QWidget* control)
{
    // Before the page: one that is hidden would hold the Tab key in front of it.
    setFocusProxy(control);
    m_pages->setCurrentIndex(control == m_edit ? 0 : 1);
}

QString PromptEditor::text() const
{
    return m_file.isEmpty() ? m_edit->toPlainText() : QString();
}

void PromptEditor::setText(const QString& text)
{
    m_file.clear();
    showPage(m_edit);
    m_edit->setPlainText(text); // emits changed() through textChanged
}

void PromptEditor::setFile(const QString& path, qint64 bytes)
{
    m_file = path;
    const QString what = bytes < 0
        ? tr("text of unknown length, read by the engine")
        : tr("%1 of text, read by the engine")
              .arg(QString::fromStdString(humanBytes(static_cast<std::uint64_t>(bytes))));
    m_fileText->setText(what + QLatin1Char('\n') + path);
    m_fileText->setToolTip(path);
    showPage(m_type);
    emit changed();
}

} // namespace headwater
