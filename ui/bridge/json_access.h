// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json_member.h"

#include <QString>

namespace headwater {

/// jsonString for the window.
QString jsonText(const nlohmann::json& object, const char* key, const QString& fallback = {});

} // namespace headwater
