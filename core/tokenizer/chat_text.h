// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/tokenizer/tokenizer.h"

#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// A conversation as it is tokenized: the format's own marks and between them what was said.
class ChatText {
public:
    void mark(std::string_view text) { m_text += text; }
    void say(std::string_view content)
    {
        if (!content.empty())
            m_said.push_back({m_text.size(), m_text.size() + content.size()});
        m_text += content;
    }

    const std::string& text() const { return m_text; }
    /// The bytes of the text that somebody said, in order; none is empty.
    const std::vector<PlainRange>& said() const { return m_said; }

    bool namesDay = false; ///< the format has written the day

private:
    std::string m_text;
    std::vector<PlainRange> m_said;
};

/// Without white space at its ends, as Jinja's trim and Python's strip have it.
std::string_view stripped(std::string_view text);
/// The same at the end alone.
std::string_view strippedAtEnd(std::string_view text);
/// Without line feeds at the beginning.
std::string_view withoutFirstLines(std::string_view text);
/// What stands behind the last "</think>"; the whole text where it has none.
std::string_view behindThoughts(std::string_view text);
/// Every `part` of the text left out.
std::string without(std::string text, std::string_view part);

} // namespace headwater
