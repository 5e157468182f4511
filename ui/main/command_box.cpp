// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/main/command_box.h"

#include "core/base/text.h"
#include "ui/main/command_table.h"
#include "ui/main/fuzzy_match.h"
#include "ui/theme/fonts.h"
#include "ui/theme/quoted_text.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QFocusEvent>
#include <QKeyEvent>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <algorithm>

namespace headwater {

namespace {

constexpr int kMaxOffers = 200;
constexpr int kShownRows = 12;
constexpr int kListWidth = 420; ///< pixels: what will be done must be read, however narrow the box
constexpr int kListMargin = 8; ///< to the edges of the window
constexpr int kHintRole = Qt::UserRole;
constexpr int kHintSpace = 26; // around the placeholder and the shortcut

/// The name at the left, the shortcut at the right.
class OfferDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override
    {
        return {option.rect.width(), 28};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Theme& theme = themeOf(option.palette);
        painter->save();
        if (option.state & (QStyle::State_Selected | QStyle::State_MouseOver))
            painter->fillRect(option.rect,
                              option.state & QStyle::State_Selected
                                  ? option.palette.color(QPalette::Highlight)
                                  : theme.raised);
        const QRect inside = option.rect.adjusted(12, 0, -12, 0);
        const QString hint = index.data(kHintRole).toString();
        painter->setFont(tokensFont(11));
        painter->setPen(theme.dim);
        painter->drawText(inside, Qt::AlignRight | Qt::AlignVCenter, hint);
        const int hintWidth = hint.isEmpty() ? 0 : QFontMetrics(painter->font()).horizontalAdvance(hint) + 12;
        painter->setFont(wordsFont(13));
        painter->setPen(option.state & QStyle::State_Enabled ? theme.text : theme.dim);
        const QString name =
            QFontMetrics(painter->font())
                .elidedText(index.data().toString(), Qt::ElideMiddle, inside.width() - hintWidth);
        painter->drawText(inside, Qt::AlignLeft | Qt::AlignVCenter, name);
        painter->restore();
    }
};

QString placeText(const Location& place)
{
    QStringList parts;
    if (place.head)
        parts.append(QStringLiteral("L%1 H%2").arg(place.head->layer).arg(place.head->head));
    if (place.query)
        parts.append(QObject::tr("query %1").arg(QString::fromStdString(withThousands(*place.query))));
    if (place.key)
        parts.append(QObject::tr("key %1").arg(QString::fromStdString(withThousands(*place.key))));
    return parts.join(QStringLiteral(", "));
}

} // namespace

CommandBox::CommandBox(CommandTable& commands, QWidget* window, QWidget* parent)
    : QLineEdit(parent)
    , m_commands(commands)
    , m_window(window)
    , m_list(new QListWidget(window))
{
    setObjectName(QStringLiteral("command_box"));
    setAccessibleName(tr("Command, token text, head or position"));
    setPlaceholderText(tr("Command, text, L12H5, position…"));
    setMaxLength(4096);
    setMaximumWidth(380);
    m_list->setObjectName(QStringLiteral("command_list"));
    m_list->setAccessibleName(tr("What Enter will do"));
    m_list->setItemDelegate(new OfferDelegate(m_list));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setProperty("floating", true);
    m_list->hide();
    connect(m_list, &QListWidget::itemClicked, this,
            [this](QListWidgetItem* item) { take(m_list->row(item)); });
    connect(this, &QLineEdit::textEdited, this, &CommandBox::showOffers);
}

void CommandBox::openFor(Prefer prefer)
{
    setFocus(Qt::ShortcutFocusReason);
    m_prefer = prefer;
    // Commands are asked for, not the text of the last search; Esc brings that back.
    if (prefer == Prefer::Commands && text().trimmed() == m_searched)
        clear();
    selectAll();
    showOffers();
}

QString CommandBox::hintOf(const CommandSpec& spec) const
{
    if (spec.palette == CommandSpec::Palette::AsksArguments)
        return spec.parameters.join(QStringLiteral("= ")) + QLatin1Char('=');
    const QString keys = m_commands.action(spec.id)->shortcut().toString(QKeySequence::NativeText);
    return keys.isEmpty() ? spec.id : keys;
}

bool CommandBox::asksFor(const Offer& offer) const
{
    const CommandSpec* const spec = m_commands.find(offer.id);
    if (!spec || spec->palette != CommandSpec::Palette::AsksArguments)
        return false;
    const QMap<QString, QString>& values = offer.arguments.values();
    return values.isEmpty()
        || std::any_of(values.begin(), values.end(), [](const QString& value) { return value.isEmpty(); });
}

CommandBox::Offer CommandBox::placeOffer(const Location& place) const
{
    Offer offer{Offer::Kind::Place, tr("Go to %1").arg(placeText(place)), tr("place"), {}, {}, place};
    const std::uint32_t last = std::max(place.query.value_or(0), place.key.value_or(0));
    if (m_textLength && last >= *m_textLength) {
        offer.hint = tr("the text has %1").arg(QString::fromStdString(withThousands(*m_textLength)));
        offer.enabled = false;
    }
    return offer;
}

CommandBox::Offer CommandBox::textOffer(const QString& text, bool matchesCase) const
{
    const bool isUsual = matchesCase == m_matchesCase;
    return {Offer::Kind::Text,
            (isUsual           ? tr("Find “%1” in the text")
                 : matchesCase ? tr("Find “%1” as it is written")
                               : tr("Find “%1” in capitals or small letters"))
                .arg(isolated(text)),
            matchesCase ? tr("case matched") : tr("case ignored"),
            {},
            {},
            {},
            matchesCase};
}

void CommandBox::addCommands(const QString& plain, std::vector<Offer>& offers) const
{
    std::vector<std::pair<int, const CommandSpec*>> found;
    for (const CommandSpec& spec : m_commands.specs()) {
        if (spec.id == QLatin1String("-") || spec.palette == CommandSpec::Palette::ScriptsOnly)
            continue;
        const QAction* const action = m_commands.action(spec.id);
        if (!action->isVisible())
            continue;
        const int score = std::max(fuzzyScore(plain, action->text()) * 2, fuzzyScore(plain, spec.id));
        if (score >= 0)
            found.emplace_back(score, &spec);
    }
    if (!plain.isEmpty())
        std::stable_sort(found.begin(), found.end(),
                         [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [score, spec] : found) {
        const QAction* const action = m_commands.action(spec->id);
        offers.push_back({Offer::Kind::Command,
                          action->text(),
                          action->isEnabled() ? hintOf(*spec) : tr("not now"),
                          spec->id,
                          {},
                          {},
                          false,
                          action->isEnabled()});
        if (offers.size() >= kMaxOffers)
            break;
    }
}

std::vector<CommandBox::Offer> CommandBox::offersFor(const QString& text) const
{
    const QString plain = text.trimmed();
    std::vector<Offer> offers;
    if (plain.isEmpty()) {
        if (m_prefer == Prefer::Commands)
            addCommands(plain, offers);
        return offers;
    }
    std::vector<Offer> finds{textOffer(plain, m_matchesCase)};
    if (plain.toUpper() != plain.toLower())
        finds.push_back(textOffer(plain, !m_matchesCase));
    const bool findFirst = m_prefer == Prefer::Text || (m_prefer == Prefer::Places && plain == m_searched);
    if (findFirst)
        offers.push_back(finds.front());
    const std::optional<Location> place = parseLocation(plain);
    const std::optional<Offer> toPlace = place ? std::optional(placeOffer(*place)) : std::nullopt;
    if (toPlace && toPlace->enabled)
        offers.push_back(*toPlace);
    if (const Result<CommandCall> call = parseCommandCall(plain); call) {
        const CommandSpec* const spec = m_commands.find(call->id);
        if (spec && spec->palette != CommandSpec::Palette::ScriptsOnly) {
            const bool isNow = m_commands.action(spec->id)->isEnabled();
            offers.push_back({Offer::Kind::Command,
                              plain,
                              isNow ? hintOf(*spec) : tr("not now"),
                              call->id,
                              call->arguments,
                              {},
                              false,
                              isNow});
        }
    }
    const auto restOfFinds = finds.begin() + (findFirst ? 1 : 0);
    if (m_prefer != Prefer::Commands)
        offers.insert(offers.end(), restOfFinds, finds.end());
    addCommands(plain, offers);
    if (m_prefer == Prefer::Commands)
        offers.insert(offers.end(), restOfFinds, finds.end());
    if (toPlace && !toPlace->enabled)
        offers.insert(offers.begin() + 1, *toPlace); // never what Enter takes
    return offers;
}

void CommandBox::setSearched(const QString& text)
{
    const bool isShown = this->text().trimmed() == m_searched;
    m_searched = text;
    if (isShown && !hasFocus())
        setText(text);
}

void CommandBox::showOffers()
{
    m_offers = offersFor(text());
    m_list->clear();
    for (const Offer& offer : m_offers) {
        auto* const item = new QListWidgetItem(offer.text, m_list);
        item->setData(kHintRole, offer.hint);
        if (const CommandSpec* const spec = m_commands.find(offer.id))
            item->setToolTip(spec->help);
        if (!offer.enabled)
            item->setFlags(item->flags() & ~Qt::ItemIsEnabled);
    }
    if (m_offers.empty()) {
        m_list->hide();
        return;
    }
    m_list->setCurrentRow(0);
    placeList();
    m_list->show();
    m_list->raise();
}

void CommandBox::placeList()
{
    // Under the box; where it must be wider, to the left, as the box stands at the window's right.
    const QPoint corner = mapTo(m_window, QPoint(width(), height() + 4));
    const int wide = std::min(std::max(width(), kListWidth), m_window->width() - 2 * kListMargin);
    const int left = std::max(kListMargin, corner.x() - wide);
    const int rows = std::min<int>(kShownRows, static_cast<int>(m_offers.size()));
    m_list->setGeometry(left, corner.y(), wide, rows * 28 + 8);
}

void CommandBox::hideOffers()
{
    m_list->hide();
    m_prefer = Prefer::Places;
}

void CommandBox::take(int row)
{
    if (row < 0 || row >= static_cast<int>(m_offers.size()))
        return;
    const Offer offer = m_offers[static_cast<std::size_t>(row)];
    if (!offer.enabled)
        return;
    if (offer.kind == Offer::Kind::Command && asksFor(offer)) {
        // Its arguments are typed here: the line begins with the first.
        if (offer.arguments.isEmpty())
            setText(offer.id + QLatin1Char(' ') + m_commands.find(offer.id)->parameters.front()
                    + QLatin1Char('='));
        showOffers();
        return;
    }
    const QString typed = text().trimmed();
    hideOffers();
    // What is shown gets the keyboard back, but the text stays to be searched again.
    if (offer.kind != Offer::Kind::Text)
        clear();
    clearFocus();
    switch (offer.kind) {
    case Offer::Kind::Command:
        if (offer.arguments.isEmpty())
            m_commands.action(offer.id)->trigger();
        else if (const Result<void> done = m_commands.run(offer.id, offer.arguments); !done)
            emit failed(done.error());
        break;
    case Offer::Kind::Place:
        emit placeChosen(offer.place);
        break;
    case Offer::Kind::Text:
        emit textChosen(typed, offer.matchesCase);
        break;
    }
}

QString CommandBox::paletteKeys() const
{
    return m_commands.action(QStringLiteral("view.palette"))->shortcut().toString(QKeySequence::NativeText);
}

bool CommandBox::isHintShown() const
{
    const int taken = QFontMetrics(font()).horizontalAdvance(placeholderText())
        + QFontMetrics(tokensFont(11)).horizontalAdvance(paletteKeys());
    return text().isEmpty() && taken + kHintSpace <= width();
}

void CommandBox::paintEvent(QPaintEvent* event)
{
    QLineEdit::paintEvent(event);
    if (!isHintShown())
        return;
    QPainter painter(this);
    painter.setFont(tokensFont(11));
    painter.setPen(themeOf(palette()).dim);
    painter.drawText(rect().adjusted(0, 0, -10, 0), Qt::AlignRight | Qt::AlignVCenter, paletteKeys());
}

bool CommandBox::event(QEvent* event)
{
    // Keys this box uses itself must not run the window's shortcuts (Esc clears the selection there).
    if (event->type() == QEvent::ShortcutOverride) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Escape || key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_Return) {
            event->accept();
            return true;
        }
    }
    return QLineEdit::event(event);
}

void CommandBox::keyPressEvent(QKeyEvent* event)
{
    const int rows = m_list->count();
    switch (event->key()) {
    case Qt::Key_Escape:
        // What was typed is given up; a search goes on, and so does its text.
        setText(m_searched);
        hideOffers();
        clearFocus();
        return;
    case Qt::Key_Down:
    case Qt::Key_Up: {
        if (m_list->isHidden())
            showOffers();
        const int step = event->key() == Qt::Key_Down ? 1 : -1;
        if (rows > 0)
            m_list->setCurrentRow((m_list->currentRow() + step + rows) % rows);
        return;
    }
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_list->isHidden())
            showOffers();
        take(m_list->currentRow());
        return;
    default:
        QLineEdit::keyPressEvent(event);
    }
}

void CommandBox::focusInEvent(QFocusEvent* event)
{
    QLineEdit::focusInEvent(event);
    if (event->reason() == Qt::MouseFocusReason && !text().isEmpty())
        showOffers();
}

void CommandBox::focusOutEvent(QFocusEvent* event)
{
    QLineEdit::focusOutEvent(event);
    if (event->reason() != Qt::PopupFocusReason)
        hideOffers();
}

} // namespace headwater
