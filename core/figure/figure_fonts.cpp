// SPDX-License-Identifier: Apache-2.0
#include "core/figure/figure_fonts.h"

#include "core/base/data_paths.h"
#include "core/figure/figure_length.h"

#include <array>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <string>

namespace headwater {

namespace {

constexpr std::array kFontFiles{"fonts/HeadwaterSans-Regular.otf", "fonts/HeadwaterSans-Medium.otf",
                                "fonts/HeadwaterSans-SemiBold.otf", "fonts/HeadwaterMono-Regular.ttf"};

struct UnrefContext {
    void operator()(PangoContext* context) const { g_object_unref(context); }
};
struct UnrefMap {
    void operator()(PangoFontMap* map) const
    {
        // Pango 1.50 keeps its reference to the configuration for ever unless it is taken back.
        pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), nullptr);
        g_object_unref(map);
    }
};
struct DestroyConfig {
    void operator()(FcConfig* config) const { FcConfigDestroy(config); }
};
struct UnrefAttributes {
    void operator()(PangoAttrList* attributes) const { pango_attr_list_unref(attributes); }
};
struct DestroyOptions {
    void operator()(cairo_font_options_t* options) const { cairo_font_options_destroy(options); }
};
struct FreeDescription {
    void operator()(PangoFontDescription* description) const { pango_font_description_free(description); }
};

/// A font map over one fontconfig configuration, and the context that lays text out with it.
struct FontSet {
    std::unique_ptr<FcConfig, DestroyConfig> config;
    std::unique_ptr<PangoFontMap, UnrefMap> map;
    std::unique_ptr<PangoContext, UnrefContext> context;

    explicit FontSet(FcConfig* given)
        : config(given)
        , map(pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT))
        , context(
              (pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map.get()), given), // before the first context
               pango_font_map_create_context(map.get())))
    {
        const std::unique_ptr<cairo_font_options_t, DestroyOptions> options(cairo_font_options_create());
        cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
        cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
        pango_cairo_context_set_font_options(context.get(), options.get());
        pango_cairo_context_set_resolution(context.get(), 72); // one unit is one point
        pango_context_set_round_glyph_positions(context.get(), FALSE);
        pango_context_set_base_dir(context.get(), PANGO_DIRECTION_LTR);
        pango_context_set_language(context.get(), pango_language_from_string("en"));
    }
};

bool addBundledFonts(FcConfig* config, std::string& missing)
{
    for (const char* const file : kFontFiles) {
        const std::filesystem::path path = findResource(file);
        if (path.empty() || !FcConfigAppFontAddFile(config, reinterpret_cast<const FcChar8*>(path.c_str()))) {
            missing = file;
            return false;
        }
    }
    return true;
}

/// What to switch off so that each character keeps its own glyph, whatever font draws it. Arabic letters join
/// by features of their own; the scripts of India and its neighbours are left alone, for syllables are built
/// of ligatures there.
const char* tasteOf(GUnicodeScript script)
{
    switch (script) {
    case G_UNICODE_SCRIPT_COMMON:
    case G_UNICODE_SCRIPT_INHERITED:
    case G_UNICODE_SCRIPT_LATIN:
    case G_UNICODE_SCRIPT_GREEK:
    case G_UNICODE_SCRIPT_CYRILLIC:
    case G_UNICODE_SCRIPT_ARMENIAN:
    case G_UNICODE_SCRIPT_GEORGIAN:
    case G_UNICODE_SCRIPT_HEBREW:
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_HANGUL:
        return "calt=0, liga=0, clig=0, dlig=0, hlig=0";
    case G_UNICODE_SCRIPT_ARABIC:
        return "liga=0, clig=0, dlig=0, hlig=0";
    default:
        return nullptr;
    }
}

/// The attributes of a text: one for each stretch of characters with the same features.
std::unique_ptr<PangoAttrList, UnrefAttributes> withoutTaste(std::string_view text)
{
    std::unique_ptr<PangoAttrList, UnrefAttributes> attributes(pango_attr_list_new());
    const char* const end = text.data() + text.size();
    const char* from = text.data();
    const char* features = nullptr;
    const auto close = [&](const char* to) {
        if (!features || from == to)
            return;
        PangoAttribute* const attribute = pango_attr_font_features_new(features);
        attribute->start_index = static_cast<guint>(from - text.data());
        attribute->end_index = static_cast<guint>(to - text.data());
        pango_attr_list_insert(attributes.get(), attribute);
    };
    for (const char* at = text.data(); at < end;) {
        const gunichar character = g_utf8_get_char_validated(at, end - at);
        const bool isValid = character < 0x110000;
        const char* const next = tasteOf(isValid ? g_unichar_get_script(character) : G_UNICODE_SCRIPT_COMMON);
        if (next != features) {
            close(at);
            from = at;
            features = next;
        }
        at = isValid ? g_utf8_next_char(at) : at + 1;
    }
    close(end);
    return attributes;
}

Error missingFont(const std::string& file)
{
    return {ErrorCode::NotFound, "the bundled font is missing or unreadable; reinstall headwater",
            "resources/" + file};
}

} // namespace

struct FigureFonts::State {
    FontSet bundled;
    std::unique_ptr<FontSet> withSystem; ///< made when the first text needs it
};

FigureFonts::FigureFonts(std::unique_ptr<State> state)
    : m_state(std::move(state))
{
}
FigureFonts::FigureFonts(FigureFonts&&) noexcept = default;
FigureFonts& FigureFonts::operator=(FigureFonts&&) noexcept = default;
FigureFonts::~FigureFonts() = default;

Result<FigureFonts> FigureFonts::load()
{
    std::unique_ptr<FcConfig, DestroyConfig> config(FcConfigCreate());
    std::string missing;
    if (!config || !addBundledFonts(config.get(), missing))
        return missingFont(missing);
    return FigureFonts(std::unique_ptr<State>(new State{FontSet(config.release()), nullptr}));
}

void FigureFonts::Unref::operator()(PangoLayout* layout) const
{
    g_object_unref(layout);
}

FigureFonts::Layout FigureFonts::layOut(std::string_view text, FigureFont font, double sizePt)
{
    const std::unique_ptr<PangoFontDescription, FreeDescription> description(pango_font_description_new());
    pango_font_description_set_family_static(description.get(),
                                             font == FigureFont::Mono ? "Headwater Mono" : "Headwater Sans");
    const PangoWeight weight = font == FigureFont::SansMedium ? PANGO_WEIGHT_MEDIUM
        : font == FigureFont::SansSemiBold                    ? PANGO_WEIGHT_SEMIBOLD
                                                              : PANGO_WEIGHT_NORMAL;
    pango_font_description_set_weight(description.get(), weight);
    pango_font_description_set_absolute_size(description.get(), sizePt * PANGO_SCALE);

    const auto attributes = withoutTaste(text);
    const auto layOutWith = [&](FontSet& fonts) {
        Layout layout(pango_layout_new(fonts.context.get()));
        pango_layout_set_font_description(layout.get(), description.get());
        pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
        pango_layout_set_auto_dir(layout.get(), FALSE); // sentences of ours; quotations are isolated
        pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
        pango_layout_set_attributes(layout.get(), attributes.get());
        return layout;
    };
    Layout layout = layOutWith(m_state->bundled);
    if (pango_layout_get_unknown_glyphs_count(layout.get()) == 0)
        return layout;
    if (!m_state->withSystem) {
        std::unique_ptr<FcConfig, DestroyConfig> config(FcInitLoadConfigAndFonts());
        std::string missing;
        if (!config || !addBundledFonts(config.get(), missing))
            return layout;
        m_state->withSystem = std::make_unique<FontSet>(config.release());
    }
    return layOutWith(*m_state->withSystem);
}

FigureFonts::Layout FigureFonts::layOut(const FigureText& text)
{
    Layout layout = layOut(text.text, text.font, text.sizePt);
    if (text.wrapMm > 0) {
        pango_layout_set_width(layout.get(), static_cast<int>(text.wrapMm * kPtPerMm * PANGO_SCALE));
        pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    }
    if (text.mostLines > 0) {
        pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
        pango_layout_set_height(layout.get(), -text.mostLines);
    }
    return layout;
}

} // namespace headwater
