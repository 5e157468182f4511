// SPDX-License-Identifier: Apache-2.0
#include "core/figure/figure_command.h"

#include <fmt/format.h>

namespace headwater {

namespace {

class Arguments {
public:
    void option(const char* name, std::string value)
    {
        m_all.emplace_back(name);
        m_all.push_back(std::move(value));
    }
    template <class Value> void number(const char* name, Value value, Value usual)
    {
        if (value != usual)
            option(name, fmt::format("{}", value)); // the shortest digits that give it back
    }
    void range(const char* name, const std::optional<TokenRange>& range)
    {
        if (range)
            option(name, fmt::format("{}:{}", range->begin, range->end));
    }
    void ranges(const char* name, const std::vector<TokenRange>& ranges)
    {
        std::string list;
        for (const TokenRange& range : ranges)
            list += fmt::format("{}{}:{}", list.empty() ? "" : ",", range.begin, range.end);
        if (!list.empty())
            option(name, std::move(list));
    }
    void flag(bool value, bool usual, const char* yes, const char* no)
    {
        if (value != usual)
            m_all.emplace_back(value ? yes : no);
    }

    std::vector<std::string> take() { return std::move(m_all); }

private:
    std::vector<std::string> m_all;
};

} // namespace

std::vector<std::string> figureArguments(const HeatmapFigureOptions& options)
{
    const HeatmapFigureOptions usual;
    Arguments all;
    if (options.heads.empty()) {
        all.option("--layer", std::to_string(options.layer));
        all.option("--head", std::to_string(options.head));
    } else {
        std::string heads;
        for (const HeadId& head : options.heads)
            heads += fmt::format("{}L{}H{}", heads.empty() ? "" : ",", head.layer, head.head);
        all.option("--heads", std::move(heads));
    }
    all.number("--columns", options.columns, usual.columns);
    all.range("--query", options.queries);
    all.range("--key", options.keys);
    if (options.level)
        all.option("--level", std::to_string(*options.level));
    if (options.quantity != usual.quantity)
        all.option("--mode", nameOf(options.quantity));
    if (options.colormap != usual.colormap)
        all.option("--colours", nameOf(options.colormap));
    all.flag(options.isReversed, usual.isReversed, "--reversed", "--not-reversed");
    all.number("--low", options.limits.low, usual.limits.low);
    all.number("--high", options.limits.high, usual.limits.high);
    all.flag(options.limits.isLogarithmic, usual.limits.isLogarithmic, "--logarithmic", "--linear");
    if (options.widthMm != usual.widthMm)
        all.option("--width", fmt::format("{}mm", options.widthMm));
    all.number("--dpi", options.pngDpi, usual.pngDpi);
    all.flag(options.hasLiveText, usual.hasLiveText, "--live-text", "--outlines");
    all.flag(options.maskSinks, usual.maskSinks, "--mask-sinks", "--show-sinks");
    all.flag(options.maskDiagonal, usual.maskDiagonal, "--mask-diagonal", "--show-diagonal");
    all.ranges("--mark-query", options.markedQueries);
    all.ranges("--mark-key", options.markedKeys);
    all.flag(options.hasRowMargin, usual.hasRowMargin, "--margin-query", "--no-margin-query");
    all.flag(options.hasKeyMargin, usual.hasKeyMargin, "--margin-key", "--no-margin-key");
    if (!options.title.empty())
        all.option("--title", options.title);
    all.flag(options.hasTitle, usual.hasTitle, "--with-title", "--no-title");
    all.flag(options.hasCaption, usual.hasCaption, "--with-caption", "--no-caption");
    all.flag(options.hasBar, usual.hasBar, "--with-bar", "--no-bar");
    return all.take();
}

} // namespace headwater
