// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_quantity.h"

#include "core/base/json_member.h"
#include "core/record/quantity.h"

namespace headwater {

bool isPropagated(const Trace& trace)
{
    return jsonBool(jsonMember(trace.meta(), "params"), "propagated", false);
}

const char* tokenRowQuantity(const Trace& trace)
{
    return wholeRowQuantity(isPropagated(trace));
}

const char* blockQuantity(const Trace& trace, const HeadInfo& info)
{
    return quantityOf(isPropagated(trace), info.normaliser);
}

} // namespace headwater
