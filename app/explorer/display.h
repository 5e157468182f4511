// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace headwater {

/// Where Qt finds no display that works it ends the program with an abort, and it waits for ever for one that
/// does not answer. While an object of this class lives, in which the application is to be made, a script
/// (`needsWindow` false) begins again off screen instead and says why, and a person gets one sentence and
/// exit code
/// 69. What Qt says meanwhile is held back, and printed only if the application comes to be.
/// One object, in main, before the application; the process is replaced or ended from its handlers.
class DisplayGuard {
public:
    /// `arguments`: the program's own, for beginning again.
    DisplayGuard(char** arguments, bool needsWindow);
    ~DisplayGuard();
    DisplayGuard(const DisplayGuard&) = delete;
    DisplayGuard& operator=(const DisplayGuard&) = delete;

    /// Whether a platform can be asked for at all; without one a person has been told.
    bool hasPlatform() const { return m_hasPlatform; }

private:
    bool m_hasPlatform = true;
};

} // namespace headwater
