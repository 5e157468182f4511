// SPDX-License-Identifier: Apache-2.0
// Where a config.json says how positions turn.
#include "core/model/folder/config_facts.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace headwater {
namespace {

constexpr std::string_view kFull = "full_attention";
constexpr std::string_view kSliding = "sliding_attention";

} // namespace

/// rope_scaling (transformers 4) counts before rope_parameters (5), whose entries classes with two bases nest
/// by the layers they are for.
Result<void> ConfigFacts::readPositions()
{
    const bool isNested = unsaid(Fact::LocalRopeBase).has_value();
    const auto objectIn = [this](const Holder& holder,
                                 std::string_view key) -> Result<std::optional<Holder>> {
        const Place place = find(holder, key);
        if (!place.value || (place.value->kind == JsonValue::Kind::Object && place.value->values.empty()))
            return std::optional<Holder>{};
        if (place.value->kind != JsonValue::Kind::Object)
            return fail(place, place.value->described(), "an object");
        return std::optional(Holder{place.key + ".", place.value});
    };
    HEADWATER_TRY_ASSIGN(const auto scaling, objectIn(m_top, "rope_scaling"));
    HEADWATER_TRY_ASSIGN(const auto parameters, objectIn(m_top, "rope_parameters"));
    if (scaling)
        m_positions.push_back(*scaling);
    if (!parameters && unsaid(Fact::RotatedShare)) // the class would have a share of its own
        return fail(find(m_top, "rope_parameters"), "missing", "an object");
    if (!parameters)
        return {};
    for (const std::string& key : parameters->object->names) {
        if ((key == kFull || key == kSliding) != isNested)
            return fail(find(m_top, "rope_parameters"), fmt::format("\"{}\"", printable(key.substr(0, 80))),
                        isNested ? "full_attention and sliding_attention, with the numbers in them"
                                 : "the numbers of all layers alike");
    }
    if (!isNested) {
        if (!scaling)
            m_positions.push_back(*parameters);
        return {};
    }
    HEADWATER_TRY_ASSIGN(const auto full, objectIn(*parameters, kFull));
    if (full)
        m_positions.push_back(*full);
    HEADWATER_TRY_ASSIGN(const auto local, objectIn(*parameters, kSliding));
    if (!local)
        return {};
    m_localPositions.push_back(*local);
    for (const std::string_view key : {"rope_type", "type"}) {
        const Place type = find(*local, key);
        if (type.value && type.value->text != "default")
            return fail(type, type.value->described(), "\"default\": layers with a window are not stretched",
                        ErrorCode::Unsupported);
    }
    return {};
}

} // namespace headwater
