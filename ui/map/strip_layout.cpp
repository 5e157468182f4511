// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/strip_layout.h"

#include "ui/theme/fonts.h"

#include <algorithm>
#include <cmath>

namespace headwater {

namespace {

constexpr double kGap = 6; ///< between two texts
constexpr double kLeastBracket = 3; ///< sentences smaller than this in the mean are bracketed together
constexpr double kMergedBracket = 8; ///< pixels that such a bracket has at least
constexpr double kSlack = 0.5; ///< pixels that a word may stand beyond an end
constexpr double kLeastSentenceText = 56; ///< pixels along the key axis

double pixelOf(const StripRequest& request, double token)
{
    return (token - request.origin) / request.tokensPerPixel;
}

/// Tokens [begin, end) that the strip shows at least in part.
TokenRange shownTokens(const StripRequest& request)
{
    const double last = request.origin + request.length * request.tokensPerPixel;
    const double end = request.seqLen;
    return {static_cast<std::uint32_t>(std::clamp(std::floor(request.origin), 0.0, end)),
            static_cast<std::uint32_t>(std::clamp(std::ceil(last), 0.0, end))};
}

/// The token behind the last of some neighbouring sentences.
std::uint32_t endOf(const StripRequest& request, std::span<const std::uint32_t> sentences)
{
    const std::uint32_t* const next = sentences.data() + sentences.size();
    return next == request.sentences.data() + request.sentences.size() ? request.seqLen : *next;
}

bool overlaps(const StripItem& a, double from, double to)
{
    return a.textTo > a.textFrom && from < a.textTo + kGap && to > a.textFrom - kGap;
}

/// The room of a line of text across the query axis: about its place, moved in at the ends.
void placeLine(const StripRequest& request, double centre, StripItem& item)
{
    const double most = std::max(0.0, request.length - request.lineHeight);
    item.textFrom = std::clamp(centre - request.lineHeight / 2, 0.0, most);
    item.textTo = item.textFrom + request.lineHeight;
}

void addLocked(const StripRequest& request, StripLayout& layout)
{
    // The key axis has a caption for it, with its word.
    if (request.keyAxis || !request.locked || *request.locked >= request.seqLen)
        return;
    StripItem item;
    item.kind = StripItem::Kind::Locked;
    item.token = *request.locked;
    item.from = pixelOf(request, item.token);
    item.to = pixelOf(request, item.token + 1.0);
    if (item.to < 0 || item.from > request.length)
        return;
    item.text = thousandsOf(item.token);
    placeLine(request, (item.from + item.to) / 2, item);
    layout.items.push_back(item);
}

void addTicks(const StripRequest& request, StripLayout& layout)
{
    const TokenRange shown = shownTokens(request);
    if (shown.begin >= shown.end)
        return;
    const double widest = request.widthOf(thousandsOf(shown.end));
    const double room = request.keyAxis ? std::max(60.0, widest * 2) : std::max(44.0, 3 * request.lineHeight);
    const std::uint32_t step = niceStep(room * request.tokensPerPixel);
    const std::uint32_t first = (shown.begin + step - 1) / step * step;
    // The locked number comes first: a tick in its way gives up its text.
    for (std::uint64_t token = first; token < shown.end; token += step) {
        StripItem item;
        item.token = static_cast<std::uint32_t>(token);
        item.from = pixelOf(request, item.token);
        item.to = item.from;
        item.text = thousandsOf(token);
        const double extent = request.keyAxis ? request.widthOf(item.text) : 0;
        item.textFrom = item.from - extent / 2;
        item.textTo = item.from + extent / 2;
        if (!request.keyAxis)
            placeLine(request, item.from, item);
        const bool blocked =
            std::any_of(layout.items.begin(), layout.items.end(), [&item](const StripItem& other) {
                return overlaps(other, item.textFrom, item.textTo);
            });
        if (blocked) {
            item.text.clear();
            item.textFrom = item.textTo = item.from;
        }
        layout.items.push_back(item);
    }
}

/// Brackets of as many whole sentences as make one of a size that can be seen. Cost: O(brackets · log
/// sentences).
void mergeSentences(const StripRequest& request, std::span<const std::uint32_t> sentences,
                    StripLayout& layout)
{
    for (auto at = sentences.begin(); at != sentences.end();) {
        StripItem item;
        item.kind = StripItem::Kind::Bracket;
        item.token = *at;
        item.from = pixelOf(request, *at);
        const double wanted = *at + kMergedBracket * request.tokensPerPixel;
        at = std::lower_bound(at + 1, sentences.end(), wanted);
        item.to = pixelOf(request, at == sentences.end() ? endOf(request, sentences) : *at);
        item.textFrom = item.textTo = item.from;
        layout.items.push_back(item);
    }
}

void addSentences(const StripRequest& request, StripLayout& layout)
{
    const TokenRange shown = shownTokens(request);
    if (request.sentences.empty() || shown.begin >= shown.end)
        return;
    auto first = std::upper_bound(request.sentences.begin(), request.sentences.end(), shown.begin);
    if (first != request.sentences.begin())
        --first;
    const auto last = std::lower_bound(first, request.sentences.end(), shown.end);
    const double count = static_cast<double>(last - first);
    if (count == 0)
        return;
    if (request.length / count < kLeastBracket) {
        mergeSentences(request, {first, last}, layout);
        return;
    }
    const double leastText = request.keyAxis ? kLeastSentenceText : request.lineHeight;
    double textEnd = -1e300;
    bool anyText = false;
    for (auto at = first; at != last; ++at) {
        const std::uint32_t end = at + 1 == request.sentences.end() ? request.seqLen : *(at + 1);
        StripItem item;
        item.kind = StripItem::Kind::Bracket;
        item.token = *at;
        item.from = pixelOf(request, *at);
        item.to = pixelOf(request, end);
        const double visibleFrom = std::max(item.from, 0.0);
        const double visibleTo = std::min(item.to, request.length);
        const double start = std::max(visibleFrom, textEnd);
        item.textFrom = item.textTo = item.from;
        if (request.sentenceOf && visibleTo - start >= leastText) {
            item.kind = StripItem::Kind::Sentence;
            item.text = request.sentenceOf(*at, end);
            item.textFrom = start + (request.keyAxis ? 3 : 0);
            const double wanted = request.keyAxis ? request.widthOf(item.text) : request.lineHeight;
            item.textTo = std::min(item.textFrom + wanted, visibleTo - (request.keyAxis ? 3 : 0));
            textEnd = item.textTo + (request.keyAxis ? kGap : 0);
            anyText = true;
        }
        layout.items.push_back(item);
    }
    if (anyText)
        layout.detail = StripDetail::Sentences;
}

void addWords(const StripRequest& request, StripLayout& layout)
{
    const TokenRange shown = shownTokens(request);
    layout.detail = StripDetail::Words;
    for (std::uint32_t token = shown.begin; token < shown.end; ++token) {
        StripItem item;
        item.kind = StripItem::Kind::Word;
        item.token = token;
        item.from = pixelOf(request, token);
        item.to = pixelOf(request, token + 1.0);
        item.text = request.wordOf(token);
        const double centre = (item.from + item.to) / 2;
        const double half = std::min(request.wordsFrom, item.to - item.from) / 2;
        item.textFrom = centre - half;
        item.textTo = centre + half;
        // A word half outside would be cut through its letters.
        if (item.textFrom < -kSlack || item.textTo > request.length + kSlack) {
            item.text.clear();
            item.textFrom = item.textTo = item.from;
        }
        layout.items.push_back(item);
    }
}

} // namespace

StripLayout layOutStrip(const StripRequest& request)
{
    StripLayout layout;
    if (request.seqLen == 0 || request.length <= 0)
        return layout;
    if (request.wordOf && 1 / request.tokensPerPixel >= request.wordsFrom) {
        addWords(request, layout);
        return layout;
    }
    StripLayout sentences;
    addSentences(request, sentences);
    layout.detail = sentences.detail;
    addLocked(request, layout);
    // Numbers keep a row of their own on the key axis, a column of their own on the query axis.
    addTicks(request, layout);
    layout.items.insert(layout.items.end(), sentences.items.begin(), sentences.items.end());
    return layout;
}

std::uint32_t niceStep(double least)
{
    double step = 1;
    while (true) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (step * factor >= least)
                return static_cast<std::uint32_t>(step * factor);
        }
        step *= 10;
        if (step > 1e9)
            return 1000000000;
    }
}

std::vector<std::uint32_t> sentenceTokens(std::span<const std::uint32_t> sentenceOffsets,
                                          std::span<const std::uint32_t> tokenOffsets)
{
    std::vector<std::uint32_t> tokens;
    if (sentenceOffsets.empty() || tokenOffsets.size() < 2)
        return tokens;
    std::size_t token = 0;
    for (std::size_t i = 0; i + 1 < sentenceOffsets.size(); ++i) {
        // The sentence's first token is the one that ends behind its first byte.
        while (token + 2 < tokenOffsets.size() && tokenOffsets[token + 1] <= sentenceOffsets[i])
            ++token;
        const auto first = static_cast<std::uint32_t>(i == 0 ? 0 : token);
        if (tokens.empty() || tokens.back() < first)
            tokens.push_back(first);
    }
    return tokens;
}

} // namespace headwater
