// SPDX-License-Identifier: Apache-2.0
#include "app/headwater/caught_error.h"

#include <new>
#include <system_error>

namespace headwater {

Error caughtError(std::string context)
{
    try {
        throw;
    } catch (const std::bad_alloc&) {
        return {ErrorCode::OutOfMemory, "memory ran out; try a shorter prompt or nothing to generate",
                std::move(context)};
    } catch (const std::system_error& failure) {
        if (failure.code() == std::errc::resource_unavailable_try_again)
            return {ErrorCode::Unavailable, "the system starts no more threads; try a smaller number of them",
                    std::move(context)};
        return {ErrorCode::Internal, failure.what(), std::move(context)};
    } catch (const std::exception& failure) {
        return {ErrorCode::Internal, failure.what(), std::move(context)};
    } catch (...) {
        return {ErrorCode::Internal, "something that is no exception was thrown", std::move(context)};
    }
}

} // namespace headwater
