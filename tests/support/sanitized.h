// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace headwater::test {

/// Whether this program is built with a sanitizer: it then maps far more memory than it uses (limits of
/// address space mean nothing), keeps what was freed, and is several times slower, so that a test may take a
/// part of its grid that runs whole in the release build.
constexpr bool isSanitized()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    return false;
#endif
}

} // namespace headwater::test
