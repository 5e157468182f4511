// SPDX-License-Identifier: Apache-2.0
#include "core/figure/svg_ids.h"

#include "core/base/hash.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <vector>

namespace headwater {

namespace {

constexpr std::size_t kHashDigits = 24;

/// Every place of a document that holds an id, in the order of the text: views
/// into it.
class IdPlaces {
public:
    explicit IdPlaces(std::string_view svg)
        : m_svg(svg)
    {
        for (std::size_t at = 0; (at = m_svg.find('<', at)) != std::string_view::npos;) {
            if (m_svg.substr(at).starts_with("<!--"))
                at = std::min(m_svg.find("-->", at), m_svg.size());
            else
                at = readTag(at + 1);
        }
    }

    const std::vector<std::string_view>& places() const { return m_places; }

private:
    /// The attributes of the tag whose text begins at `at`; where it ends. Quotes
    /// may hold a '>'.
    std::size_t readTag(std::size_t at)
    {
        for (;;) {
            const std::size_t next = m_svg.find_first_of("\"'>", at);
            if (next == std::string_view::npos || m_svg[next] == '>')
                return std::min(next, m_svg.size());
            const std::size_t end = m_svg.find(m_svg[next], next + 1);
            if (end == std::string_view::npos)
                return m_svg.size();
            readAttribute(nameBefore(at, next), m_svg.substr(next + 1, end - next - 1));
            at = end + 1;
        }
    }

    /// The name in `  name = ` between two places.
    std::string_view nameBefore(std::size_t from, std::size_t to) const
    {
        constexpr std::string_view kSpace = " \t\r\n=";
        std::string_view name = m_svg.substr(from, to - from);
        name = name.substr(0, name.find_last_not_of(kSpace) + 1);
        return name.substr(name.find_last_of(kSpace) + 1);
    }

    void readAttribute(std::string_view name, std::string_view value)
    {
        if (name == "id")
            return m_places.push_back(value);
        if ((name == "href" || name.ends_with(":href")) && value.starts_with('#'))
            return m_places.push_back(value.substr(1));
        constexpr std::string_view kUrl = "url(";
        for (std::size_t at = 0; (at = value.find(kUrl, at)) != std::string_view::npos;) {
            at = std::min(value.find_first_not_of(" \"'", at + kUrl.size()), value.size());
            const std::size_t end = std::min(value.find_first_of(" \"')", at), value.size());
            if (at < end && value[at] == '#')
                m_places.push_back(value.substr(at + 1, end - at - 1));
            at = end;
        }
    }

    std::string_view m_svg;
    std::vector<std::string_view> m_places;
};

/// The document with what `nameOf` says at each place in turn.
std::string withNames(std::string_view svg, const std::vector<std::string_view>& places,
                      const std::function<std::string(std::string_view)>& nameOf)
{
    std::string named;
    named.reserve(svg.size());
    const char* from = svg.data();
    for (const std::string_view place : places) {
        named.append(from, place.data()).append(nameOf(place));
        from = place.data() + place.size();
    }
    return named.append(from, svg.data() + svg.size());
}

} // namespace

std::string nameSvgIds(std::string_view svg)
{
    const IdPlaces found(svg);
    std::map<std::string_view, std::string> numbers;
    for (const std::string_view id : found.places())
        numbers.try_emplace(id, std::to_string(numbers.size() + 1));
    const std::string numbered =
        withNames(svg, found.places(), [&](std::string_view id) { return numbers.at(id); });
    const std::string prefix = 'f' + sha256(std::as_bytes(std::span(numbered))).substr(0, kHashDigits) + '-';
    return withNames(svg, found.places(), [&](std::string_view id) { return prefix + numbers.at(id); });
}

} // namespace headwater
