// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/main/command_line.h"
#include "ui/state/location.h"

#include <QLineEdit>
#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

class QListWidget;

namespace headwater {

class CommandTable;
struct CommandSpec;

/// The box at the top right: a command, a text to find, a place. What was typed is read in all three ways,
/// and the list under the box says which; Enter takes the marked one.
class CommandBox : public QLineEdit {
    Q_OBJECT
public:
    /// The list floats over `window`, so that it is part of it in screenshots and needs no grab.
    CommandBox(CommandTable& commands, QWidget* window, QWidget* parent = nullptr);

    /// Which reading stands first where several are possible. "7421" is a place to one who types into the
    /// box, a text to one who asked to find (or has just found it).
    enum class Prefer { Places, Text, Commands };
    void openFor(Prefer prefer);
    /// Places beyond so many tokens are shown, but not gone to.
    void setTextLength(std::uint32_t tokens) { m_textLength = tokens; }
    /// The text of the search whose marks are shown: it stays in the box, and Enter on it goes on. Empty: no
    /// search.
    void setSearched(const QString& text);

    /// Whether a text is found as it is typed, capitals and all; the other way is offered beside it.
    void setMatchesCase(bool matches) { m_matchesCase = matches; }

    /// One line of the list: what Enter would do.
    struct Offer {
        enum class Kind { Command, Place, Text } kind = Kind::Command;
        QString text;
        QString hint; ///< shortcut, or what kind of thing it is
        QString id; ///< of the command
        CommandArguments arguments; ///< "view.goto layer=3" may be typed whole
        Location place;
        bool matchesCase = false; ///< of a text
        bool enabled = true; ///< false: shown dim, because it is there but not now
    };
    /// The offers for a text, best first.
    std::vector<Offer> offersFor(const QString& text) const;

    QListWidget* list() const { return m_list; }
    /// Whether the palette's keys stand in the empty box beside its placeholder.
    bool isHintShown() const;

signals:
    void placeChosen(const headwater::Location& place);
    void textChosen(const QString& text, bool matchesCase);
    void failed(const headwater::Error& error);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QString paletteKeys() const;
    QString hintOf(const CommandSpec& spec) const;
    /// True while the command of an offer lacks what it needs: it is typed on, not run.
    bool asksFor(const Offer& offer) const;
    void showOffers();
    void hideOffers();
    void placeList();
    void take(int row);
    Offer placeOffer(const Location& place) const;
    Offer textOffer(const QString& text, bool matchesCase) const;
    void addCommands(const QString& plain, std::vector<Offer>& offers) const;

    CommandTable& m_commands;
    QWidget* m_window;
    QListWidget* m_list;
    std::vector<Offer> m_offers;
    Prefer m_prefer = Prefer::Places;
    QString m_searched;
    bool m_matchesCase = false;
    std::optional<std::uint32_t> m_textLength;
};

} // namespace headwater
