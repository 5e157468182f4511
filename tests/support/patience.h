// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QTest>

namespace headwater::test {

/// How long a test waits for what other threads, programs and the window system do. It goes on as soon as
/// that is done, so that only a failing test is as slow.
constexpr int kPatienceMs = 30'000;

} // namespace headwater::test

// Qt Test's own five seconds are not enough under a sanitizer on a busy machine.
#undef QTRY_VERIFY
#undef QTRY_VERIFY2
#undef QTRY_COMPARE
#define QTRY_VERIFY(expression) QTRY_VERIFY_WITH_TIMEOUT(expression, headwater::test::kPatienceMs)
#define QTRY_VERIFY2(expression, message)                                                                    \
    QTRY_VERIFY2_WITH_TIMEOUT(expression, message, headwater::test::kPatienceMs)
#define QTRY_COMPARE(actual, expected)                                                                       \
    QTRY_COMPARE_WITH_TIMEOUT(actual, expected, headwater::test::kPatienceMs)
