// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "support/patience.h"

#include <QApplication>
#include <QEvent>
#include <QLibrary>
#include <QProcess>
#include <QTest>
#include <array>
#include <optional>
#include <vector>

namespace headwater::testing {

/// The keyboard of an X display, pressed through its XTest extension. The libraries are those that Qt's own
/// plugin brings along and libXtst; they are looked up, so that no header of X stands beside Qt's.
class XKeyboard : public QObject {
public:
    /// A key with what is held down for it, in the order of pressing.
    using Strokes = std::vector<unsigned>;
    /// AllAtOnce: everything is sent before anything is handled.
    enum class Pace { OneByOne, AllAtOnce };

    ~XKeyboard() override
    {
        if (m_display)
            m_close(m_display);
    }

    bool open()
    {
        const auto find = [](QLibrary& library, const char* name, auto& function) {
            function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(library.resolve(name));
            return function != nullptr;
        };
        const bool isThere = find(m_x11, "XOpenDisplay", m_open) && find(m_x11, "XCloseDisplay", m_close)
            && find(m_x11, "XSync", m_sync) && find(m_x11, "XAutoRepeatOff", m_repeatOff)
            && find(m_x11, "XkbKeycodeToKeysym", m_symbol) && find(m_xtst, "XTestFakeKeyEvent", m_fake);
        if (!isThere)
            return fail(m_x11.errorString() + ' ' + m_xtst.errorString());
        m_display = m_open(nullptr);
        if (!m_display)
            return fail("no X display");
        m_repeatOff(m_display);
        return true;
    }

    QString failure() const { return m_failure; }

    /// "de", "us(intl)".
    bool setLayout(const QString& layout)
    {
        const QStringList parts = QString(layout).remove(')').split('(');
        QStringList words{"-layout", parts.at(0), "-variant", parts.value(1)};
        if (QProcess::execute("setxkbmap", words) != 0)
            return fail("setxkbmap " + words.join(' '));
        if (m_display)
            m_close(m_display); // a new one has the new map
        m_display = m_open(nullptr);
        qApp->installEventFilter(this); // before those of a window that was made meanwhile
        return m_display != nullptr;
    }

    /// How this layout types a Latin character: alone, with Shift, with AltGr, with both.
    std::optional<Strokes> strokesFor(char16_t character) const
    {
        constexpr unsigned long kShift = 0xffe1;
        constexpr unsigned long kAltGr = 0xfe03; // ISO_Level3_Shift
        const std::array<std::vector<unsigned long>, 4> levels{{{}, {kShift}, {kAltGr}, {kShift, kAltGr}}};
        for (int level = 0; level < 4; ++level) {
            const std::optional<unsigned> key = keyOf(character, level);
            if (!key)
                continue;
            Strokes strokes;
            for (const unsigned long held : levels[static_cast<std::size_t>(level)]) {
                if (const auto code = keyOf(held, 0))
                    strokes.push_back(*code);
            }
            strokes.push_back(*key);
            return strokes;
        }
        return std::nullopt;
    }

    /// Presses and releases, and waits until this program has had it all.
    bool press(const Strokes& strokes, Pace pace)
    {
        m_seen = 0;
        int sent = 0;
        const auto send = [&](unsigned code, bool down) {
            m_fake(m_display, code, down, 0);
            m_sync(m_display, 0);
            ++sent;
            return pace == Pace::AllAtOnce || arrived(sent);
        };
        for (const unsigned code : strokes) {
            if (!send(code, true))
                return false;
        }
        for (auto code = strokes.rbegin(); code != strokes.rend(); ++code) {
            if (!send(*code, false))
                return false;
        }
        return arrived(sent);
    }

protected:
    /// Counts what the window is told of the keys.
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        // Of a press the first a widget hears is the question whether it wants it for itself.
        const bool isKey = event->type() == QEvent::ShortcutOverride || event->type() == QEvent::KeyRelease;
        if (isKey && watched == QApplication::focusWidget())
            ++m_seen;
        return false;
    }

private:
    bool fail(const QString& why)
    {
        m_failure = why;
        return false;
    }

    bool arrived(int sent)
    {
        return QTest::qWaitFor([&] { return m_seen >= sent; }, headwater::test::kPatienceMs);
    }

    std::optional<unsigned> keyOf(unsigned long symbol, int level) const
    {
        constexpr unsigned kFirst = 9;
        constexpr unsigned kLast = 110;
        for (unsigned code = kFirst; code < kLast; ++code) {
            if (m_symbol(m_display, static_cast<unsigned char>(code), 0, level) == symbol)
                return code;
        }
        return std::nullopt;
    }

    QLibrary m_x11{"X11", 6};
    QLibrary m_xtst{"Xtst", 6};
    void* (*m_open)(const char*) = nullptr;
    int (*m_close)(void*) = nullptr;
    int (*m_sync)(void*, int) = nullptr;
    int (*m_repeatOff)(void*) = nullptr;
    unsigned long (*m_symbol)(void*, unsigned char, int, int) = nullptr;
    int (*m_fake)(void*, unsigned, int, unsigned long) = nullptr;
    void* m_display = nullptr;
    int m_seen = 0;
    QString m_failure;
};

} // namespace headwater::testing
