// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>

namespace headwater {

/// What a workspace can take back, and the places visited in it (Alt+Left, Alt+Right), as a browser keeps
/// them.
class History : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    virtual bool canUndo() const = 0;
    virtual bool canRedo() const = 0;
    virtual void undo() = 0;
    virtual void redo() = 0;
    virtual bool canGoBack() const = 0;
    virtual bool canGoForward() const = 0;
    virtual void goBack() = 0;
    virtual void goForward() = 0;

signals:
    void changed(); ///< what can be taken back, or where one can go
};

} // namespace headwater
