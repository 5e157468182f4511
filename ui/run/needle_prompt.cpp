// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/needle_prompt.h"

#include <algorithm>
#include <random>

namespace headwater {

namespace {

constexpr const char* kWho[] = {"The lock keeper", "A ferryman",   "The postman",
                                "Her uncle",       "The surveyor", "A child of the mill"};
constexpr const char* kDid[] = {"measured", "forgot", "painted", "described", "crossed", "drew on the map"};
constexpr const char* kWhat[] = {"the old sluice", "the reed bed",       "the second footbridge",
                                 "the alder wood", "the boundary stone", "the gauge house"};
constexpr const char* kWhen[] = {"before the flood", "on a Tuesday", "in a dry summer", "after the market",
                                 "while it rained"};

template <std::size_t Count> const char* pick(const char* const (&words)[Count], std::mt19937& random)
{
    return words[random() % Count];
}

} // namespace

QString needlePrompt(int bytes)
{
    std::mt19937 random(7421);
    QString text;
    const int size = std::max(bytes, 200);
    bool planted = false;
    while (text.size() < size - 20) {
        if (!planted && text.size() > size / 3) {
            text += QStringLiteral("@gauge=7421. ");
            planted = true;
        }
        text += QStringLiteral("%1 %2 %3 %4. ")
                    .arg(QLatin1String(pick(kWho, random)), QLatin1String(pick(kDid, random)),
                         QLatin1String(pick(kWhat, random)), QLatin1String(pick(kWhen, random)));
    }
    return text + QStringLiteral("\n@gauge=");
}

} // namespace headwater
