// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/state/text_look.h"

#include <utility>

namespace headwater {

TextLook::TextLook(QObject* parent)
    : QObject(parent)
{
}

void TextLook::setShade(TextShade shade)
{
    if (shade == m_shade)
        return;
    m_shade = shade;
    emit shadeChanged();
}

void TextLook::setInView(std::vector<TokenRange> tokens)
{
    if (tokens == m_inView)
        return;
    m_inView = std::move(tokens);
    emit inViewChanged();
}

} // namespace headwater
