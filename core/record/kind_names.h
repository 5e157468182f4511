// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/record/head_kinds.h"

#include <initializer_list>
#include <optional>
#include <string_view>

namespace headwater {

/// The names of kinds: those of options, of the trace format and of every text that people read.
constexpr const char* nameOf(Selection selection)
{
    switch (selection) {
    case Selection::Auto:
        return "auto";
    case Selection::Exact:
        return "exact";
    case Selection::Tree:
        return "tree";
    case Selection::Stream:
        break;
    }
    return "stream";
}

constexpr const char* nameOf(Normaliser normaliser)
{
    return normaliser == Normaliser::Exact ? "exact" : "kept";
}

constexpr const char* nameOf(HeadKind kind)
{
    return kind == HeadKind::Global ? "global" : "sliding";
}

/// The one of `kinds` that has this name; nothing where none has.
template <class Kind>
constexpr std::optional<Kind> kindNamed(std::string_view name, std::initializer_list<Kind> kinds)
{
    for (const Kind kind : kinds) {
        if (name == nameOf(kind))
            return kind;
    }
    return std::nullopt;
}

} // namespace headwater
