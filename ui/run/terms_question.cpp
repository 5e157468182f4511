// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/terms_question.h"

#include "ui/bridge/engine_client.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace headwater {

namespace {

constexpr int kTextWidth = 420; ///< in pixels, before the font's scale

} // namespace

TermsQuestion::TermsQuestion(const EngineModel& model, QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("terms_question"));
    setWindowTitle(tr("Terms of %1").arg(model.name));
    const QString url = model.terms->url.toHtmlEscaped();
    auto* const text = new QLabel(
        tr("<p><b>%1</b> comes under the <b>%2</b>:</p><p><a href=\"%3\">%3</a></p>"
           "<p>Read them before you accept. You are asked once; that you accepted is kept beside the "
           "model.</p>")
            .arg(model.name.toHtmlEscaped(), model.terms->name.toHtmlEscaped(), url),
        this);
    text->setObjectName(QStringLiteral("terms_text"));
    text->setAccessibleName(tr("The terms that the model comes under"));
    text->setTextFormat(Qt::RichText);
    text->setWordWrap(true);
    text->setMinimumWidth(kTextWidth);
    text->setTextInteractionFlags(Qt::TextBrowserInteraction); // the link has its place in the tab order
    text->setOpenExternalLinks(true);

    auto* const buttons = new QDialogButtonBox(this);
    QPushButton* const accept = buttons->addButton(tr("&Accept and fetch"), QDialogButtonBox::AcceptRole);
    accept->setObjectName(QStringLiteral("terms_accept"));
    accept->setAutoDefault(false);
    QPushButton* const cancel = buttons->addButton(QDialogButtonBox::Cancel);
    cancel->setObjectName(QStringLiteral("terms_cancel"));
    cancel->setDefault(true);
    cancel->setFocus();
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(16);
    layout->addWidget(text);
    layout->addWidget(buttons);
}

} // namespace headwater
