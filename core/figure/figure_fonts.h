// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/figure/figure_spec.h"

#include <memory>
#include <string_view>

typedef struct _PangoLayout PangoLayout;

namespace headwater {

/// The bundled fonts (Inter and JetBrains Mono without ligatures, packaging/plain_faces.py) as an application
/// font configuration, so that a figure looks the same on every machine. Text with characters that they lack
/// takes the machine's fonts for those alone, without ligatures too: a token looks like itself.
/// Threads: one at a time.
class FigureFonts {
public:
    /// Errors: NotFound when a bundled file is missing: a figure without its fonts is not made.
    static Result<FigureFonts> load();
    FigureFonts(FigureFonts&&) noexcept;
    FigureFonts& operator=(FigureFonts&&) noexcept;
    ~FigureFonts();

    struct Unref {
        void operator()(PangoLayout* layout) const;
    };
    using Layout = std::unique_ptr<PangoLayout, Unref>;

    /// One line of text, laid out without hinting (the same in every format). Units: points.
    Layout layOut(std::string_view text, FigureFont font, double sizePt);

    /// The same with the text's own lines.
    Layout layOut(const FigureText& text);

private:
    struct State;
    explicit FigureFonts(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace headwater
