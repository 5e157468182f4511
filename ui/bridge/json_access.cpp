// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/bridge/json_access.h"

namespace headwater {

QString jsonText(const nlohmann::json& object, const char* key, const QString& fallback)
{
    const nlohmann::json& value = jsonMember(object, key);
    return value.is_string() ? QString::fromStdString(value.get_ref<const std::string&>()) : fallback;
}

} // namespace headwater
