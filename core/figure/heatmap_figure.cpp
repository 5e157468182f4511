// SPDX-License-Identifier: Apache-2.0
#include "core/figure/heatmap_figure.h"

#include "core/base/bidi_text.h"
#include "core/base/file_content.h"
#include "core/base/file_name.h"
#include "core/base/mapped_file.h"
#include "core/base/text.h"
#include "core/base/whole_file.h"
#include "core/figure/cairo_painter.h"
#include "core/figure/heatmap_caption.h"
#include "core/figure/heatmap_layout.h"
#include "core/figure/heatmap_mask.h"
#include "core/figure/heatmap_panels.h"
#include "core/figure/token_name.h"
#include "core/tiles/tile_geometry.h"
#include "core/trace/trace_place.h"

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace headwater {

namespace {

constexpr const char* kSidecarFormat = "headwater figure 1";

Result<TokenRange> rangeWithin(const std::optional<TokenRange>& asked, std::uint32_t seqLen, const char* axis)
{
    if (seqLen == 0)
        return Error{ErrorCode::InvalidArgument, "the trace has no tokens", {}};
    const TokenRange range = asked.value_or(TokenRange{0, seqLen});
    if (range.begin < range.end && range.end <= seqLen)
        return range;
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{} range {}:{} is not within the trace's {} tokens", axis, range.begin,
                             range.end, seqLen),
                 {}};
}

/// The level to draw at: what the page resolves, but no finer than the blocks where these are many (finer
/// cells show nothing more), nor than what the trace has of a head whose edges are not stored.
Result<std::uint32_t> levelOf(const Trace& trace, const HeadInfo& head, double widthMm, TokenRange queries,
                              TokenRange keys)
{
    constexpr std::uint32_t kManyCells = 100;
    std::uint32_t level = levelFor(queries, keys, mostCellsFor(widthMm));
    const std::uint32_t blocks = blockLevel({trace.seqLen(), head.blockQ, head.blockK});
    if (std::min(queries.end - queries.begin, keys.end - keys.begin) >> blocks >= kManyCells)
        level = std::max(level, blocks);
    if (!trace.hasEdges(head.layer, head.head) && !trace.overviewSides().empty()) {
        HEADWATER_TRY_ASSIGN(const Overview finest,
                             trace.loadOverview(head.layer, head.head, trace.overviewSides().back()));
        level = std::max(level, finest.level);
    }
    return level;
}

/// The heads of a figure, as the trace has them.
Result<std::vector<const HeadInfo*>> headsOf(const Trace& trace, const HeatmapFigureOptions& options)
{
    std::vector<HeadId> ids = options.heads;
    if (ids.empty())
        ids.push_back({options.layer, options.head});
    std::vector<const HeadInfo*> heads;
    for (const HeadId& id : ids) {
        heads.push_back(trace.findHead(id.layer, id.head));
        if (!heads.back())
            return Error{ErrorCode::NotFound,
                         fmt::format("the trace has no finished head {} in layer {}", id.head, id.layer),
                         trace.path().string()};
    }
    return heads;
}

/// What a figure draws of one head.
Result<HeatmapContent> contentOf(const std::shared_ptr<const Trace>& trace, const HeadInfo& head,
                                 const HeatmapFigureOptions& options, std::uint32_t level, TokenRange queries,
                                 TokenRange keys, const std::stop_token& stop)
{
    const TraceReading reading = readingOf(trace, SIZE_MAX); // of one head, for as long as this takes
    const TraceHeadSource source(trace);
    HeatmapContent content;
    HEADWATER_TRY_ASSIGN(
        content.cells,
        gatherCells(source, *reading.heads, head.layer, head.head, level, queries, keys, stop));
    content.hidden = hiddenCells(content.cells, {trace->seqLen(), head.blockQ, head.blockK},
                                 trace->sinks(head.layer, head.head), options);
    content.blockQ = head.blockQ;
    content.blockK = head.blockK;
    content.title = fmt::format("L{} · H{}", head.layer, head.head);
    content.quantityName = quantityTitle(*trace, head, options.quantity);
    content.model = captionModel(*trace);
    content.caption = heatmapCaption(*trace, head, options.quantity, level);
    HEADWATER_TRY_ASSIGN(std::string notKept, notKeptPhrase(*trace, head, options, level));
    if (!notKept.empty())
        content.caption.push_back(std::move(notKept));
    if (options.quantity == CellQuantity::Max) {
        HEADWATER_TRY_ASSIGN(std::vector<std::string> phrases, closeUpPhrases(*trace, head, content.cells));
        std::move(phrases.begin(), phrases.end(), std::back_inserter(content.caption));
    }
    HEADWATER_TRY_ASSIGN(content.marks, gatherMarks(reading, head, content.cells, options, stop));
    std::ranges::copy(content.marks.phrases, std::back_inserter(content.caption));
    if (std::string masked = maskPhrase(options); !masked.empty())
        content.caption.push_back(std::move(masked));
    content.tokenName = [trace](std::uint32_t token) { return isolated(tokenName(*trace, token)); };
    return content;
}

nlohmann::json sidecarOf(const Trace& trace, const HeatmapFigureOptions& options, const FigureSpec& spec,
                         const std::filesystem::path& figure)
{
    std::error_code failed;
    const std::filesystem::path folder = std::filesystem::absolute(figure, failed).parent_path();
    const std::filesystem::path from = std::filesystem::proximate(trace.path(), folder, failed);
    return {{"format", kSidecarFormat},
            {"program", "headwater " HEADWATER_VERSION},
            {"trace", textOfPath(failed ? trace.path() : from)},
            {"tokens", trace.seqLen()},
            {"options", toJson(options)},
            {"dropped", spec.dropped},
            {"caption", spec.caption}};
}

} // namespace

Result<FigureSpec> heatmapFigure(const std::shared_ptr<const Trace>& trace,
                                 const HeatmapFigureOptions& options, FigureFonts& fonts,
                                 const std::stop_token& stop)
{
    HEADWATER_TRY(checkHeatmapOptions(options));
    HEADWATER_TRY_ASSIGN(const std::vector<const HeadInfo*> heads, headsOf(*trace, options));
    HEADWATER_TRY_ASSIGN(const TokenRange queries, rangeWithin(options.queries, trace->seqLen(), "query"));
    HEADWATER_TRY_ASSIGN(const TokenRange keys, rangeWithin(options.keys, trace->seqLen(), "key"));
    const bool isOfPanels = !options.heads.empty();
    std::uint32_t level = options.level.value_or(0);
    for (const HeadInfo* head : options.level ? std::vector<const HeadInfo*>() : heads) {
        const double width =
            options.widthMm / (isOfPanels ? static_cast<double>(panelColumns(options, heads.size())) : 1);
        HEADWATER_TRY_ASSIGN(const std::uint32_t own, levelOf(*trace, *head, width, queries, keys));
        level = std::max(level, own);
    }
    std::vector<HeatmapContent> contents;
    for (const HeadInfo* head : heads) {
        HEADWATER_TRY_ASSIGN(HeatmapContent content,
                             contentOf(trace, *head, options, level, queries, keys, stop));
        contents.push_back(std::move(content));
    }
    if (!isOfPanels && !options.title.empty())
        contents.front().title = printable(options.title);
    HEADWATER_TRY_ASSIGN(FigureSpec spec,
                         isOfPanels ? layOutPanels(contents, options, fonts)
                                    : layOutHeatmap(contents.front(), options, fonts));
    if (const auto created = trace->meta().find("created");
        created != trace->meta().end() && created->is_string())
        spec.createDate = printable(created->get<std::string>());
    return spec;
}

Result<FigureWritten> exportHeatmap(const std::shared_ptr<const Trace>& trace,
                                    const HeatmapFigureOptions& options, const std::filesystem::path& path,
                                    const std::stop_token& stop)
{
    HEADWATER_TRY_ASSIGN(const FigureFormat format, figureFormatOf(path));
    HEADWATER_TRY(refuseTracePlace(path));
    HEADWATER_TRY_ASSIGN(FigureFonts fonts, FigureFonts::load());
    HEADWATER_TRY_ASSIGN(FigureSpec spec, heatmapFigure(trace, options, fonts, stop));
    HEADWATER_TRY_ASSIGN(const std::string bytes,
                         paintFigure(spec, fonts, format, {options.pngDpi, options.hasLiveText}));
    const nlohmann::json sidecar = sidecarOf(*trace, options, spec, path);
    // Both or neither: a figure that cannot be made again is none.
    HEADWATER_TRY_ASSIGN(WholeFile figure, WholeFile::create(path));
    HEADWATER_TRY(figure.write(bytes));
    HEADWATER_TRY_ASSIGN(WholeFile description, WholeFile::create(sidecarPathOf(path)));
    HEADWATER_TRY(
        description.write(sidecar.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n'));
    HEADWATER_TRY(description.finish());
    HEADWATER_TRY(figure.finish());
    return FigureWritten{std::move(spec.dropped), std::move(spec.caption)};
}

std::filesystem::path sidecarPathOf(const std::filesystem::path& figure)
{
    std::filesystem::path sidecar = figure;
    sidecar += ".json";
    return sidecar;
}

Result<FigureSidecar> readFigureSidecar(const std::filesystem::path& path)
{
    const auto inFile = [&](Error error) {
        error.context = error.context.empty() ? path.string() : path.string() + ": " + error.context;
        return error;
    };
    constexpr std::size_t kLargest = 1 << 20;
    auto text = readFile(path, kLargest);
    if (!text)
        return text.error();
    const auto content = contentOf(std::string_view(*text).substr(0, kContentBytes), text->size());
    const nlohmann::json json = nlohmann::json::parse(*text, nullptr, false);
    if (!json.is_object() || json.value("format", nlohmann::json()) != kSidecarFormat
        || !json.contains("options") || !json.value("trace", nlohmann::json()).is_string()) {
        return inFile(
            {ErrorCode::BadFormat,
             fmt::format(
                 "{} (a JSON object with \"format\": \"{}\"), which stands beside every figure as F.pdf.json",
                 foundContent(content, "a figure's description"), kSidecarFormat),
             {}});
    }
    auto options = heatmapOptionsFromJson(json["options"]);
    if (!options)
        return inFile(options.error());
    const auto trace = pathOfText(json["trace"].get<std::string>());
    if (!trace)
        return inFile(trace.error());
    const nlohmann::json seqLen = json.value("tokens", nlohmann::json());
    if (!seqLen.is_number_unsigned() || seqLen > UINT32_MAX)
        return inFile(
            {ErrorCode::BadFormat, "'tokens' is not the number of tokens of the figure's trace", {}});
    return FigureSidecar{std::move(*options), path.parent_path() / *trace, seqLen.get<std::uint32_t>()};
}

} // namespace headwater
