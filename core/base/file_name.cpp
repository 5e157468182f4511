// SPDX-License-Identifier: Apache-2.0
#include "core/base/file_name.h"

#include "core/base/text.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace headwater {
namespace {

constexpr std::string_view kScheme = "file:";

/// Schemes are written in any case (RFC 3986 §3.1).
bool hasScheme(std::string_view text)
{
    return text.size() >= kScheme.size()
        && std::ranges::equal(text.substr(0, kScheme.size()), kScheme, {},
                              [](unsigned char c) { return std::tolower(c); });
}

int digitOf(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const int letter = std::tolower(static_cast<unsigned char>(c));
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

Error badUri(std::string_view text, const char* message)
{
    return {ErrorCode::InvalidArgument, message, std::string(text)};
}

} // namespace

std::string textOfPath(const std::filesystem::path& path)
{
    const std::string& bytes = path.native();
    return isUtf8(bytes) && !hasScheme(bytes) ? bytes : uriOfPath(path);
}

std::string uriOfPath(const std::filesystem::path& path)
{
    const std::string& bytes = path.native();
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    // file:///a: without the empty host, //a would read as one.
    std::string text(bytes.starts_with('/') ? "file://" : kScheme);
    for (const char c : bytes) {
        if (kPlain.find(c) != std::string_view::npos)
            text += c;
        else
            text += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return text;
}

Result<std::filesystem::path> pathOfText(std::string_view text)
{
    if (!hasScheme(text))
        return std::filesystem::path(text);
    std::string_view rest = text.substr(kScheme.size());
    if (rest.starts_with("//")) {
        rest.remove_prefix(2);
        const std::string_view host = rest.substr(0, rest.find('/'));
        if (!host.empty() && host != "localhost")
            return badUri(text, "names a file of another computer, expected file:///path");
        rest.remove_prefix(host.size());
    }
    std::string path;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        if (rest[i] != '%') {
            path += rest[i];
            continue;
        }
        const int high = i + 1 < rest.size() ? digitOf(rest[i + 1]) : -1;
        const int low = i + 2 < rest.size() ? digitOf(rest[i + 2]) : -1;
        if (high < 0 || low < 0)
            return badUri(text,
                          "a file URI with a % that no two hexadecimal digits follow: write %25 for it");
        if (high == 0 && low == 0)
            return badUri(text, "a file URI with a NUL (%00), which no name can hold");
        path += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (path.empty())
        return badUri(text, "a file URI without a path, expected file:///path");
    return std::filesystem::path(path);
}

std::string textOfContext(const std::string& context)
{
    return isUtf8(context) ? context : textOfPath(context);
}

Result<std::filesystem::path> pathOfArgument(const std::string& argument)
{
    if (argument.empty())
        return Error{ErrorCode::InvalidArgument, "an empty name, expected that of a file", "''"};
    std::error_code ignored;
    if (hasScheme(argument) && std::filesystem::exists(std::filesystem::symlink_status(argument, ignored)))
        return std::filesystem::path(argument);
    return pathOfText(argument);
}

} // namespace headwater
