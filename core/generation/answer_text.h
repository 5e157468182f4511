// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// The text of an answer as its tokens come. What is given away is never taken back: it is whole UTF-8 (bytes
/// that cannot become any are passed on as they are), and no part of a stop string, wherever its tokens end.
class AnswerText {
public:
    /// The stop strings hold one byte at least each.
    explicit AnswerText(std::vector<std::string> stops);

    /// A token's bytes. Value: what may be shown now; often nothing, or more than the token. Cost: O(bytes of
    /// the token and of the stop strings).
    std::string add(std::string_view bytes);

    /// No token follows: the rest that was held back.
    std::string finish();

    /// The stop string that is reached; empty while none is. Nothing is added after it.
    const std::string& stoppedBy() const { return m_stoppedBy; }

    /// So far, what is held back too; ends before the stop string.
    const std::string& whole() const { return m_whole; }

private:
    /// Where what may begin a stop string begins.
    std::size_t beginOfPossibleStop() const;
    std::string shownUpTo(std::size_t end);

    std::vector<std::string> m_stops;
    std::size_t m_longest = 0; ///< bytes of a stop string
    std::string m_whole;
    std::size_t m_shown = 0; ///< bytes
    std::string m_stoppedBy;
};

} // namespace headwater
