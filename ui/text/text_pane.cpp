// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/text/text_pane.h"

#include "core/reading/predicted_rows.h"
#include "ui/map/quantity_text.h"
#include "ui/map/tooltip_card.h"
#include "ui/text/loss_legend.h"
#include "ui/theme/elided_label.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

/// "of the model", "of the sparse forward" or "of the decoding".
QString ofWhat(PredictedBy by)
{
    switch (by) {
    case PredictedBy::Model:
        return TextPane::tr("of the model");
    case PredictedBy::SparseForward:
        return TextPane::tr("of the sparse forward");
    case PredictedBy::Decoding:
        break;
    }
    return TextPane::tr("of the decoding");
}

} // namespace

TextPane::TextPane(Subject* subject, MapLook* mapLook, TextLook* textLook, ViewReader* reader,
                   QWidget* parent)
    : QWidget(parent)
    , m_subject(subject)
    , m_mapLook(mapLook)
    , m_textLook(textLook)
    , m_reader(reader)
    , m_job(new BackgroundJob(this, BackgroundJob::Urgency::Hand))
    , m_shade(new WhenSeen(this, [this] { readShade(); }))
    , m_caption(new ElidedLabel(this))
    , m_gap(new QLabel(this))
    , m_legend(new LossLegend(mapLook, this))
    , m_keyProse(new ProseView(subject, mapLook, this))
    , m_prose(new ProseView(subject, mapLook, this))
{
    setObjectName(QStringLiteral("textPane"));
    setAccessibleName(tr("Text"));
    m_caption->setObjectName(QStringLiteral("textCaption"));
    m_caption->setAccessibleName(tr("What shades the text"));
    m_caption->setProperty("role", QStringLiteral("dim"));
    m_caption->setFont(wordsFont(11));
    m_caption->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_prose->setObjectName(QStringLiteral("prose"));
    m_prose->viewport()->setObjectName(QStringLiteral("proseView"));
    m_prose->verticalScrollBar()->setObjectName(QStringLiteral("proseScroll"));
    m_keyProse->setObjectName(QStringLiteral("keyProse"));
    m_keyProse->setAccessibleName(tr("Text around the locked key"));
    m_keyProse->viewport()->setObjectName(QStringLiteral("keyProseView"));
    m_keyProse->verticalScrollBar()->setObjectName(QStringLiteral("keyProseScroll"));
    m_keyProse->hide();
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(12, 0, 8, 8);
    column->setSpacing(4);
    m_gap->setObjectName(QStringLiteral("textGap"));
    m_gap->setAccessibleName(tr("Tokens between the two columns"));
    m_gap->setProperty("role", QStringLiteral("dim"));
    m_gap->setFont(wordsFont(11));
    m_gap->hide();
    auto* const heading = new QHBoxLayout;
    heading->setSpacing(20);
    m_legend->hide();
    heading->addWidget(m_legend);
    heading->addWidget(m_caption, 1);
    heading->addWidget(m_gap, 1);
    column->addLayout(heading);
    auto* const columns = new QHBoxLayout;
    columns->setSpacing(20);
    columns->addWidget(m_keyProse, 1);
    columns->addWidget(m_prose, 1);
    column->addLayout(columns, 1);
    connectView(m_prose);
    connectView(m_keyProse);
    for (ProseView* const view : {m_prose, m_keyProse})
        connect(view, &ProseView::viewMoved, this, [this] {
            showGap();
            tellView();
        });
    connect(subject, &Subject::traceChanged, this, &TextPane::takeTrace);
    connect(subject, &Subject::lockedChanged, this, &TextPane::follow);
    connect(subject, &Subject::shownHeadChanged, m_shade, &WhenSeen::ask);
    connect(reader, &ViewReader::readingChanged, m_shade, &WhenSeen::ask);
    connect(reader, &ViewReader::exactChanged, this, [this, reader](const ExactPart& part) {
        const bool isByRow = m_textLook->shade() == TextShade::Reads;
        if (isByRow
            && tellsOfRow(part, *reader->reading().trace, m_subject->shownHead(), m_subject->locked().query))
            m_shade->ask();
    });
    connect(textLook, &TextLook::shadeChanged, m_shade, &WhenSeen::ask);
    connect(textLook, &TextLook::shadeChanged, this, &TextPane::tellView);
    connect(subject, &Subject::predictionsChanged, m_shade, &WhenSeen::ask);
    connect(subject, &Subject::hoveredChanged, this, [this] {
        if (m_textLook->shade() == TextShade::Loss && isVisible())
            say(lossCaption());
    });
    takeTrace();
}

void TextPane::connectView(ProseView* view)
{
    connect(view, &ProseView::tokenClicked, this,
            [this](std::uint32_t token, Qt::KeyboardModifiers modifiers) {
                const std::optional<std::uint32_t> row = m_subject->locked().query;
                if (modifiers & (Qt::ControlModifier | Qt::ShiftModifier)) {
                    if (row && token <= *row)
                        m_subject->setLocked({row, token});
                } else {
                    m_subject->setLocked({token > 0 ? token - 1 : 0, std::nullopt});
                }
            });
    connect(view, &ProseView::tokenHovered, this, [this](std::optional<std::uint32_t> token) {
        const std::optional<std::uint32_t> row = m_subject->locked().query;
        // A word is a key of the locked row where it may be one.
        m_subject->setHovered({token && row && *token <= *row ? row : std::nullopt, token});
    });
}

QString TextPane::caption() const
{
    return m_caption->text();
}

QString TextPane::gap() const
{
    return m_gap->isHidden() ? QString() : m_gap->text();
}

void TextPane::showGap()
{
    if (m_keyProse->isHidden())
        return m_gap->hide();
    const std::uint32_t end = m_keyProse->tokensInView().second;
    const std::uint32_t begin = m_prose->tokensInView().first;
    const bool isApart = begin > end;
    if (isApart)
        m_gap->setText(tr("… %1 tokens …").arg(thousandsOf(begin - end)));
    m_gap->setVisible(isApart);
}

void TextPane::tellView()
{
    std::vector<TokenRange> seen;
    if (isVisible() && m_textLook->shade() == TextShade::Loss) {
        for (const ProseView* const view : {m_prose, m_keyProse}) {
            const auto [begin, end] = view->tokensInView();
            if (!view->isHidden() && begin < end)
                seen.push_back({begin, end});
        }
    }
    m_textLook->setInView(std::move(seen));
    if (m_textLook->shade() == TextShade::Loss && isVisible())
        say(lossCaption());
}

void TextPane::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    tellView();
}

void TextPane::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    tellView();
}

void TextPane::setFindHits(const std::vector<TokenRange>& hits)
{
    const auto shared = std::make_shared<const std::vector<TokenRange>>(hits);
    m_prose->setFindHits(shared);
    m_keyProse->setFindHits(shared);
}

void TextPane::showHit(const TokenRange& hit)
{
    m_prose->setCurrentHit(hit);
    m_keyProse->setCurrentHit(hit);
    m_prose->reveal(hit.begin);
}

void TextPane::takeTrace()
{
    follow();
}

void TextPane::follow()
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const TokenPair locked = m_subject->locked();
    bool isFar = false;
    if (trace && locked.query && locked.key && *locked.query < trace->seqLen()
        && *locked.key < trace->seqLen()) {
        const std::uint32_t a = trace->tokenOffsets()[std::min(*locked.query, *locked.key)];
        const std::uint32_t b = trace->tokenOffsets()[std::max(*locked.query, *locked.key)];
        isFar = b - a > m_prose->pageBytes(width()) / 2;
    }
    m_keyProse->setVisible(isFar);
    if (isFar)
        m_keyProse->reveal(*locked.key);
    else if (trace && locked.key)
        m_prose->reveal(*locked.key);
    if (trace && locked.query)
        m_prose->reveal(*locked.query);
    showGap();
    m_shade->ask();
}

/// By loss, which no row and no head has a part in.
void TextPane::showLosses()
{
    m_job->cancel();
    m_legend->setVisible(m_subject->predictions() != nullptr);
    m_legend->setPartial(!m_subject->trace() || !m_subject->trace()->hasPredictions());
    for (ProseView* const view : {m_prose, m_keyProse}) {
        view->setShade(nullptr);
        view->setLosses(m_subject->predictions());
    }
    say(lossCaption());
}

std::pair<std::uint32_t, std::uint32_t> TextPane::unknownInView() const
{
    const std::shared_ptr<const Predictions> predictions = m_subject->predictions();
    std::uint32_t unknown = 0;
    std::uint32_t words = 0;
    for (const TokenRange& seen : m_textLook->inView()) {
        for (std::uint32_t token = std::max(seen.begin, 1u); predictions && token < seen.end; ++token) {
            ++words;
            unknown += isPredicted(*predictions, token - 1) ? 0 : 1;
        }
    }
    return {unknown, words};
}

QString TextPane::lossOf(std::uint32_t token, const Predictions& predictions) const
{
    const QString word = isolated(tokenLabel(m_subject->trace()->tokenText(token)));
    if (token == 0)
        return tr("“%1” has no loss: nothing comes before it").arg(word);
    if (!isPredicted(predictions, token - 1))
        return tr("“%1”: its loss is not computed yet").arg(word);
    const auto logprob = static_cast<double>(predictions.logprobOf(token));
    return tr("“%1”: loss %2 nat (p %3), %4")
        .arg(word, QString::number(-logprob, 'f', 2), probabilityText(std::exp(logprob)),
             ofWhat(predictions.by(token - 1)));
}

QString TextPane::lossCaption() const
{
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const std::shared_ptr<const Predictions> predictions = m_subject->predictions();
    if (!trace)
        return {};
    if (const std::optional<Error>& failure = m_subject->predictionsFailure())
        return tr("the losses cannot be read: %1").arg(QString::fromStdString(failure->text()));
    if (!predictions)
        return trace->hasPredictions()
            ? tr("reading the losses…")
            : tr("this trace holds no losses: a run with --predictions on keeps them, an open session "
                 "computes those in view");
    const std::optional<std::uint32_t> token = m_subject->hovered().key;
    if (token && *token < predictions->rows.size())
        return lossOf(*token, *predictions);
    const QString shaded = tr("shaded by loss, −ln p of each word");
    if (trace->hasPredictions())
        return tr("%1 · mean %2 nat over the prompt · %3")
            .arg(shaded, QString::number(predictions->meanLoss(), 'f', 2), ofWhat(predictions->prompt));
    const auto [unknown, words] = unknownInView();
    const QString known = unknown == 0 ? tr("of those in view, from the engine")
                                       : tr("of %1 of the %2 in view, the others hatched")
                                             .arg(thousandsOf(words - unknown), thousandsOf(words));
    return QStringLiteral("%1 · %2 · %3").arg(shaded, known, ofWhat(predictions->prompt));
}

void TextPane::readShade()
{
    if (m_textLook->shade() == TextShade::Loss)
        return showLosses();
    m_legend->hide();
    m_prose->setLosses(nullptr);
    m_keyProse->setLosses(nullptr);
    const TraceReading& reading = m_reader->reading();
    const std::optional<std::uint32_t> row = m_subject->locked().query;
    if (!row || !m_reader->shownHeadInfo() || *row >= reading.trace->seqLen()) {
        m_job->cancel();
        m_prose->setShade(nullptr);
        m_keyProse->setShade(nullptr);
        say(reading ? tr("click a word to lock the row before it") : QString());
        return;
    }
    m_job->start(
        [reading, head = m_subject->shownHead(), row = *row,
         headStop = m_reader->headStop()](const std::stop_token& stop) {
            return stop.stop_requested() ? Profile{} : readRowProfile(reading, head, row, headStop);
        },
        [this](Profile profile) { takeShade(std::move(profile)); });
}

void TextPane::takeShade(Profile profile)
{
    if (profile.failure)
        m_reader->report(*profile.failure);
    say(captionOf(profile));
    const auto shade = std::make_shared<const RowShade>(std::move(profile));
    m_prose->setShade(shade);
    m_keyProse->setShade(shade);
}

QString TextPane::captionOf(const Profile& profile) const
{
    if (profile.failure)
        return tr("row %1 of %2 cannot be read: %3")
            .arg(thousandsOf(profile.token), headLabel(profile.head),
                 leftToRight(QString::fromStdString(profile.failure->message)));
    const std::shared_ptr<const Trace> trace = m_subject->trace();
    const HeadInfo* const info = trace->findHead(profile.head.layer, profile.head.head);
    if (profile.bars.empty())
        return tr("row %1: this trace holds only the overview of %2")
            .arg(thousandsOf(profile.token), headLabel(profile.head));
    QString text = tr("shaded by what row %1 reads").arg(thousandsOf(profile.token));
    // What is not shaded may be read too: only the heaviest keys of a row are recorded.
    if (profile.ofTokens() && !profile.isWhole)
        text += tr(", its %1 heaviest keys").arg(profile.bars.size());
    text += QStringLiteral(" · ") + headLabel(profile.head);
    if (info)
        text += QStringLiteral(" · ") + rowQuantityOf(*trace, *info, profile.source);
    if (!profile.ofTokens())
        text +=
            tr(" · mean of %1 rows (its block), spread over the tokens of each key block").arg(profile.block);
    return text;
}

void TextPane::say(const QString& text)
{
    m_caption->setText(text);
    m_caption->setToolTip(
        tr("%1\nClick a word: lock the row before it, which it follows. Ctrl+click: lock it as the key.\n"
           "By keyboard: arrows, Return, Shift+Return for the key; Shift+arrows and Ctrl+C copy.\n"
           "Amber: the locked query. Cyan: the locked key. Underlined: generated.")
            .arg(text));
}

} // namespace headwater
