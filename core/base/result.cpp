// SPDX-License-Identifier: Apache-2.0
#include "core/base/result.h"

#include "core/base/bidi_text.h"
#include "core/base/text.h"

namespace headwater {

int exitCodeOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return 64;
    case ErrorCode::BadFormat:
    case ErrorCode::Unsupported:
        return 65;
    case ErrorCode::NotFound:
        return 66;
    case ErrorCode::Unavailable:
        return 69;
    case ErrorCode::Internal:
        return 70;
    case ErrorCode::OutOfMemory:
        return 71;
    case ErrorCode::CannotCreate:
        return 73;
    case ErrorCode::Io:
        return 74;
    case ErrorCode::Cancelled:
        return 130;
    }
    return 70;
}

const char* nameOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return "invalid_argument";
    case ErrorCode::BadFormat:
        return "bad_format";
    case ErrorCode::Unsupported:
        return "unsupported";
    case ErrorCode::NotFound:
        return "not_found";
    case ErrorCode::Unavailable:
        return "unavailable";
    case ErrorCode::Internal:
        return "internal";
    case ErrorCode::OutOfMemory:
        return "out_of_memory";
    case ErrorCode::CannotCreate:
        return "cannot_create";
    case ErrorCode::Io:
        return "io";
    case ErrorCode::Cancelled:
        return "cancelled";
    }
    return "internal";
}

std::string Error::text() const
{
    return leftToRight(printable(context.empty() ? message : context + ": " + message));
}

} // namespace headwater
