// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace headwater {

/// What went wrong, in the terms a caller can act on. Each code has one sysexits number (see exitCodeOf).
enum class ErrorCode {
    InvalidArgument, ///< the request makes no sense (64)
    BadFormat, ///< a file's content is not what its format demands (65)
    Unsupported, ///< well-formed, but not something this version knows (65)
    NotFound, ///< an input is missing or unreadable (66)
    Unavailable, ///< a device, network or service is not there (69)
    Internal, ///< a bug of ours (70)
    OutOfMemory, ///< not enough memory, or refused by the estimate (71)
    CannotCreate, ///< an output cannot be created (73)
    Io, ///< reading or writing failed half-way (74)
    Cancelled, ///< the user stopped it (130)
};

/// The process exit code of an error (sysexits).
int exitCodeOf(ErrorCode code);

/// A stable lower-case name of the code for JSON ("bad_format", ...).
const char* nameOf(ErrorCode code);

/// One failure. `message` says what was found, what was expected and what to do; `context` says where
/// (file, byte offset, field, layer and head).
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    std::string context;

    /// "context: message" on one line for people: without control bytes, and in its order whatever it quotes
    /// (leftToRight()). Programs read the parts.
    std::string text() const;
};

/// A value or an Error. The member names are those of std::expected, so that it can become an alias one day.
template <class T> class [[nodiscard]] Result {
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }

    bool has_value() const { return m_state.index() == 0; }
    explicit operator bool() const { return has_value(); }
    T& value() & { return std::get<0>(m_state); }
    const T& value() const& { return std::get<0>(m_state); }
    T&& value() && { return std::get<0>(std::move(m_state)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    Error& error() & { return std::get<1>(m_state); }
    const Error& error() const& { return std::get<1>(m_state); }

private:
    std::variant<T, Error> m_state;
};

template <> class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error)
        : m_error(std::move(error))
    {
    }

    bool has_value() const { return !m_error; }
    explicit operator bool() const { return has_value(); }
    const Error& error() const { return *m_error; }

private:
    std::optional<Error> m_error;
};

} // namespace headwater

#define HEADWATER_CONCAT_INNER(a, b) a##b
#define HEADWATER_CONCAT(a, b) HEADWATER_CONCAT_INNER(a, b)

/// Returns the error of `expression` from the enclosing function, if there is one.
#define HEADWATER_TRY(expression)                                                                            \
    do {                                                                                                     \
        if (auto headwaterTried = (expression); !headwaterTried)                                             \
            return headwaterTried.error();                                                                   \
    } while (false)

/// Declares `variable` from the value of `expression`, or returns its error.
#define HEADWATER_TRY_ASSIGN(variable, expression)                                                           \
    auto HEADWATER_CONCAT(headwaterResult, __LINE__) = (expression);                                         \
    if (!HEADWATER_CONCAT(headwaterResult, __LINE__))                                                        \
        return HEADWATER_CONCAT(headwaterResult, __LINE__).error();                                          \
    variable = std::move(*HEADWATER_CONCAT(headwaterResult, __LINE__))
