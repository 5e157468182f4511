// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

namespace headwater {

/// The wheel changes a field's value or a choice only while that has the keyboard; before, it scrolls what
/// the field lies in. (Qt's own fields take the wheel wherever the cursor happens to pass.)
class FocusedWheel : public QObject {
public:
    /// Watches the whole application until `parent` goes.
    explicit FocusedWheel(QObject* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace headwater
