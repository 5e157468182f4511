// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace headwater {

/// One message between window and engine (docs/engine_protocol.md).
struct FramedMessage {
    nlohmann::json body; ///< discarded where the body was no JSON
    std::string attachment; ///< the bytes beside it; their hash has been checked
};

/// What goes before a message's attachment: its header, which counts and hashes it, and its body. Bytes that
/// are no UTF-8 become U+FFFD.
std::string framed(const nlohmann::json& message, std::string_view attachment = {});

/// Cuts a stream of bytes into messages. It comes from another process: every length is checked before it is
/// believed.
class FrameReader {
public:
    static constexpr std::size_t kLargestHeader = 4096;
    static constexpr std::size_t kLargestBody = std::size_t{64} << 20;
    static constexpr std::size_t kLargestAttachment = std::size_t{256} << 20;

    /// `source`: who writes the stream, for errors. Only the engine's answers have attachments: who reads from
    /// a client gives 0.
    FrameReader(std::string source, std::size_t largestAttachment)
        : m_source(std::move(source))
        , m_largestAttachment(largestAttachment)
    {
    }

    void append(std::string_view bytes) { m_buffer.append(bytes); }
    bool isEmpty() const { return m_buffer.empty(); }

    /// The next message; nothing while it is incomplete. Errors: BadFormat (header, a length, the
    /// attachment's hash): after the first one the stream cannot be trusted any more.
    Result<std::optional<FramedMessage>> next();

private:
    Error broken(const std::string& found) const;

    std::string m_buffer;
    std::string m_source;
    std::size_t m_largestAttachment;
};

} // namespace headwater
