// SPDX-License-Identifier: Apache-2.0
#include "core/model/builtin/needle_codes.h"

#include <string_view>

namespace headwater::needle {
namespace {

constexpr std::string_view kAlnum = "abcdefghijklmnopqrstuvwxyz0123456789";

} // namespace

std::vector<Code> rootsOfD5()
{
    std::vector<Code> roots;
    for (std::size_t i = 0; i < kCode; ++i) {
        for (std::size_t j = i + 1; j < kCode; ++j) {
            for (const float a : {1.0f, -1.0f}) {
                for (const float b : {1.0f, -1.0f}) {
                    Code root{};
                    root[i] = a;
                    root[j] = b;
                    roots.push_back(root);
                }
            }
        }
    }
    return roots;
}

bool isAlnum(int token)
{
    return token < 128 && kAlnum.find(static_cast<char>(token)) != std::string_view::npos;
}

int codeIndex(int token)
{
    if (isAlnum(token))
        return static_cast<int>(kAlnum.find(static_cast<char>(token)));
    switch (token) {
    case '@':
        return 36;
    case '=':
        return 37;
    case ' ':
        return 38;
    default:
        return kOtherCode;
    }
}

} // namespace headwater::needle
