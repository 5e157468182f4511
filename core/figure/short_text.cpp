// SPDX-License-Identifier: Apache-2.0
#include "core/figure/short_text.h"

#include <pango/pango.h>
#include <vector>

namespace headwater {

std::string shortened(std::string_view text, std::size_t most, TextCut cut)
{
    if (text.size() <= most)
        return std::string(text);
    std::vector<std::size_t> starts; // of the characters, and the end
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80)
            starts.push_back(at);
    }
    const std::size_t count = starts.size();
    if (count <= most)
        return std::string(text);
    starts.push_back(text.size());
    std::vector<PangoLogAttr> attributes(count + 1);
    pango_get_log_attrs(text.data(), static_cast<int>(text.size()), -1, pango_language_from_string("en"),
                        attributes.data(), static_cast<int>(attributes.size()));
    std::size_t head = cut == TextCut::Middle ? most - most / 2 : most;
    while (head > 0 && !attributes[head].is_cursor_position)
        --head;
    std::size_t tail = cut == TextCut::Middle ? count - most / 2 : count;
    while (tail < count && !attributes[tail].is_cursor_position)
        ++tail;
    return std::string(text.substr(0, starts[head])) + "…" + std::string(text.substr(starts[tail]));
}

} // namespace headwater
