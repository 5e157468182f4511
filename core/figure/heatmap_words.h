// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/figure/figure_fonts.h"
#include "core/figure/figure_spec.h"

#include <optional>
#include <string>
#include <vector>

namespace headwater {

/// A text as a page of some width takes it.
struct PageText {
    std::optional<FigureText> text; ///< its box begins at its x and at the y of the page's margin, or at 0
    std::string dropped; ///< what of it had no room, by name; empty: nothing
};

/// The title, at the page's upper margin: from the map's edge on where it ends before the page does, else
/// from the left margin on, in three lines at most.
PageText titleOn(double pageWidth, double mapX, const std::string& title, FigureFonts& fonts);

/// The caption as a text to copy, whole.
std::string captionText(const std::string& model, const std::vector<std::string>& phrases);

/// The caption with its upper edge at 0: the model's name, 80 characters of it at most, and the phrases.
PageText captionOn(double pageWidth, const std::string& model, const std::vector<std::string>& phrases,
                   FigureFonts& fonts);

} // namespace headwater
