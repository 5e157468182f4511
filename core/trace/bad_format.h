// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <string>
#include <utility>

namespace headwater {

/// What a reader of one part of a trace says of bytes it cannot believe; whoever knows the place adds it.
inline Error badFormat(std::string message)
{
    return {ErrorCode::BadFormat, std::move(message), {}};
}

} // namespace headwater
