// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// A text in Unicode's form C, and where its bytes come from. Text that is so already, or is no UTF-8, is
/// itself.
class NormalForm {
public:
    /// Borrows `text`. Errors: Internal (ICU gave up).
    static Result<NormalForm> of(std::string_view text);
    /// The same where nothing is to be changed.
    static NormalForm asItIs(std::string_view text);

    std::string_view view() const { return m_isChanged ? std::string_view(m_text) : m_source; }
    bool isChanged() const { return m_isChanged; }
    /// The byte of the source that byte `at` of view() comes from; inside what became something else, where
    /// that begins.
    std::uint32_t sourceOf(std::uint32_t at) const;

private:
    /// Bytes [begin, end) of the text that came from `source` on; unchanged ones keep their distances.
    struct Span {
        std::uint32_t begin;
        std::uint32_t source;
        bool isChanged;
    };

    std::string_view m_source;
    std::string m_text;
    std::vector<Span> m_spans; ///< ascending
    bool m_isChanged = false;
};

} // namespace headwater
