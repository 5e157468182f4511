// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/map/view_geometry.h"

#include <QString>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace headwater {

/// What an axis strip shows, from far to near.
enum class StripDetail { Ticks, Sentences, Words };

/// One thing on an axis strip. Units: pixels along the axis.
struct StripItem {
    enum class Kind { Tick, Bracket, Sentence, Word, Locked };
    Kind kind = Kind::Tick;
    double from = 0; ///< what it stands for
    double to = 0;
    /// The room of its text; never overlaps that of another number, or of another sentence. Empty (from ==
    /// to) without a text.
    double textFrom = 0;
    double textTo = 0;
    QString text;
    std::uint32_t token = 0; ///< the token, or the first one of the sentence
};

struct StripLayout {
    StripDetail detail = StripDetail::Ticks;
    std::vector<StripItem> items;
};

/// What to lay out. Positions are tokens; the strip begins at `origin` and is `length` pixels long.
struct StripRequest {
    double origin = 0;
    double tokensPerPixel = 1;
    double length = 0;
    std::uint32_t seqLen = 0;
    bool keyAxis =
        true; ///< text runs along the axis (words are turned); on the query axis it stands across it
    double lineHeight = 14;
    double wordsFrom = 15; ///< pixels a token needs before words are shown
    std::optional<std::uint32_t> locked; ///< on the query axis its number is shown in any case
    std::span<const std::uint32_t> sentences; ///< first token of each sentence, ascending
    std::function<QString(std::uint32_t token)> wordOf;
    std::function<QString(std::uint32_t token, std::uint32_t end)> sentenceOf;
    std::function<double(const QString& text)> widthOf;
};

/// Ticks with brackets of sentences (from afar of several together); sentences with their first words; words.
/// Numbers and sentences stand beside each other; texts never overlap.
StripLayout layOutStrip(const StripRequest& request);

/// 1, 2 or 5 times a power of ten, at least `least`.
std::uint32_t niceStep(double least);

/// First tokens of the sentences that begin at the given byte offsets. Shape: offsets [sentences + 1],
/// tokens' offsets [seqLen + 1]. Cost: O(sentences + tokens).
std::vector<std::uint32_t> sentenceTokens(std::span<const std::uint32_t> sentenceOffsets,
                                          std::span<const std::uint32_t> tokenOffsets);

} // namespace headwater
