// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/token_range.h"

#include <QObject>
#include <vector>

namespace headwater {

/// What shades the words of the prompt: what the locked row reads, or the loss of each word, −ln of the
/// probability that the row before it gave to it.
enum class TextShade { Reads, Loss };

/// How the text shows what is looked at (Subject), and which part of it is seen. Lives in the UI thread.
/// Setters do nothing when the value does not change.
class TextLook : public QObject {
    Q_OBJECT
public:
    explicit TextLook(QObject* parent = nullptr);

    TextShade shade() const { return m_shade; }
    /// The tokens that the text shows, while it is shaded by loss and seen.
    const std::vector<TokenRange>& inView() const { return m_inView; }

    void setShade(TextShade shade);
    void setInView(std::vector<TokenRange> tokens);

signals:
    void shadeChanged();
    void inViewChanged();

private:
    TextShade m_shade = TextShade::Reads;
    std::vector<TokenRange> m_inView;
};

} // namespace headwater
