// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QTest>

/// Fails the test with the error's text when a Result holds one. Evaluates its argument once.
#define VERIFY_RESULT(result)                                                                                \
    do {                                                                                                     \
        const auto& verifiedResult = (result);                                                               \
        QVERIFY2(verifiedResult.has_value(),                                                                 \
                 verifiedResult.has_value() ? "" : verifiedResult.error().text().c_str());                   \
    } while (false)
