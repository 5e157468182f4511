// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>
#include <string>

/// For checks that run on any thread, over made heads and over a model's alike: ends the function with what
/// was wrong. A check returns an empty string where all was right.
#define HEADWATER_EXPECT(condition, ...)                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            return fmt::format(__VA_ARGS__);                                                                 \
    } while (false)

/// Passes a complaint on.
#define HEADWATER_EXPECT_NONE(check)                                                                         \
    do {                                                                                                     \
        if (std::string complaint = (check); !complaint.empty())                                             \
            return complaint;                                                                                \
    } while (false)

/// In a test function: fails with the complaint.
#define HEADWATER_VERIFY_NONE(check)                                                                         \
    do {                                                                                                     \
        const std::string complaint = (check);                                                               \
        QVERIFY2(complaint.empty(), complaint.c_str());                                                      \
    } while (false)
