// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/select/select_params.h"

#include <CLI/CLI.hpp>
#include <string>

namespace headwater {

/// The options that say what is kept; shared by the verbs that select.
struct SelectArguments {
    SelectParams values;
    std::string selection = "auto";
    std::string probe = "first";
    bool observed = false;
    bool propagated = false;

    void addTo(CLI::App& verb);
    Result<SelectParams> params() const;
};

} // namespace headwater
