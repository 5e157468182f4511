// SPDX-License-Identifier: Apache-2.0
#include "core/model/fetch/zip_member.h"

#include "core/base/mapped_file.h"
#include "core/model/byte_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <vector>
#include <zlib.h>

namespace headwater {
namespace {

constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::uint32_t kEntrySignature = 0x02014b50;
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint64_t kEndBytes = 22;
constexpr std::uint64_t kLocalBytes = 30;
constexpr std::uint64_t kLongestComment = 65'535;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint16_t kEncrypted = 1;

struct Member {
    std::uint64_t entryOffset = 0; ///< in the archive, for messages
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t packedBytes = 0;
    std::uint32_t bytes = 0;
    std::uint32_t headerOffset = 0;
};

class Archive {
public:
    Archive(std::span<const std::byte> bytes, std::string path)
        : m_bytes(bytes)
        , m_path(std::move(path))
    {
    }

    Error fail(std::uint64_t offset, const std::string& field, const std::string& found,
               const std::string& expected, ErrorCode code = ErrorCode::BadFormat) const
    {
        return formatError(m_path, offset, field, found, expected, code);
    }

    Result<Member> find(const std::string& name) const
    {
        HEADWATER_TRY_ASSIGN(ByteReader in, directory());
        while (in.remaining() >= sizeof kEntrySignature) {
            Member member;
            member.entryOffset = m_directoryOffset + in.offset();
            if (in.read<std::uint32_t>() != kEntrySignature)
                break;
            const auto fixed = in.readBytes(42);
            if (!fixed)
                return fail(member.entryOffset, "directory entry", "end of the directory", "46 bytes");
            ByteReader fields(*fixed);
            fields.readBytes(4); // versions
            member.flags = *fields.read<std::uint16_t>();
            member.method = *fields.read<std::uint16_t>();
            fields.readBytes(8); // time, date, CRC
            member.packedBytes = *fields.read<std::uint32_t>();
            member.bytes = *fields.read<std::uint32_t>();
            const std::uint16_t nameBytes = *fields.read<std::uint16_t>();
            const std::uint16_t extraBytes = *fields.read<std::uint16_t>();
            const std::uint16_t commentBytes = *fields.read<std::uint16_t>();
            fields.readBytes(8); // disk, attributes
            member.headerOffset = *fields.read<std::uint32_t>();
            const auto found = in.readBytes(nameBytes);
            if (!found || !in.readBytes(std::uint64_t{extraBytes} + commentBytes))
                return fail(member.entryOffset, "directory entry", "end of the directory inside its name",
                            "a whole entry");
            if (textOf(*found) == name)
                return member;
        }
        return fail(m_directoryOffset, "directory", "no member " + name, "one");
    }

    /// The packed bytes of a member, after its local header.
    Result<std::span<const std::byte>> packed(const Member& member) const
    {
        ByteReader in(m_bytes);
        const bool hasHeader = in.readBytes(member.headerOffset) && in.remaining() >= kLocalBytes;
        if (!hasHeader || in.read<std::uint32_t>() != kLocalSignature)
            return fail(member.entryOffset, "local header offset", std::to_string(member.headerOffset),
                        "a local header there");
        in.readBytes(22);
        const std::uint16_t nameBytes = *in.read<std::uint16_t>();
        const std::uint16_t extraBytes = *in.read<std::uint16_t>();
        if (!in.readBytes(std::uint64_t{nameBytes} + extraBytes))
            return fail(in.offset(), "local header", "end of file", "its name");
        const auto data = in.readBytes(member.packedBytes);
        if (!data)
            return fail(in.offset(), "member", fmt::format("{} bytes before the end of file", in.remaining()),
                        std::to_string(member.packedBytes));
        return *data;
    }

private:
    Result<ByteReader> directory() const
    {
        const std::uint64_t size = m_bytes.size();
        const std::uint64_t first =
            size > kEndBytes + kLongestComment ? size - kEndBytes - kLongestComment : 0;
        for (std::uint64_t at = size >= kEndBytes ? size - kEndBytes + 1 : 0; at-- > first;) {
            ByteReader in(m_bytes.subspan(at));
            if (in.read<std::uint32_t>() != kEndSignature)
                continue;
            in.readBytes(8); // disks and numbers of entries
            const std::uint32_t bytes = *in.read<std::uint32_t>();
            const std::uint32_t offset = *in.read<std::uint32_t>();
            if (std::uint64_t{offset} + bytes > at)
                return fail(at, "directory", fmt::format("{} bytes at {}", bytes, offset),
                            "a directory before its end record");
            m_directoryOffset = offset;
            return ByteReader(m_bytes.subspan(offset, bytes));
        }
        return fail(size, "end of directory", "no such record", "a zip archive");
    }

    std::span<const std::byte> m_bytes;
    std::string m_path;
    mutable std::uint64_t m_directoryOffset = 0;
};

/// Ends the stream on every way out.
struct Inflater {
    z_stream stream{};
    bool ready = false;

    Inflater() { ready = inflateInit2(&stream, -MAX_WBITS) == Z_OK; }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&stream); }
};

/// Unpacks into `out`, which gets exactly `bytes` bytes or an error.
Result<void> inflateTo(std::ofstream& out, std::span<const std::byte> packed, std::uint64_t bytes,
                       const std::string& member)
{
    const Error damaged{ErrorCode::BadFormat, "damaged deflate stream, expected the member's bytes", member};
    Inflater inflater;
    if (!inflater.ready)
        return Error{ErrorCode::OutOfMemory, "no memory to unpack", member};
    std::vector<Bytef> buffer(1 << 20);
    inflater.stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
    inflater.stream.avail_in = static_cast<uInt>(packed.size()); // below 4 GiB: the format's own limit
    std::uint64_t written = 0;
    for (int state = Z_OK; state != Z_STREAM_END;) {
        inflater.stream.next_out = buffer.data();
        inflater.stream.avail_out = static_cast<uInt>(buffer.size());
        state = inflate(&inflater.stream, Z_NO_FLUSH);
        const std::uint64_t got = buffer.size() - inflater.stream.avail_out;
        if ((state != Z_OK && state != Z_STREAM_END) || (state == Z_OK && got == 0) || got > bytes - written)
            return damaged;
        out.write(reinterpret_cast<const char*>(buffer.data()), static_cast<std::streamsize>(got));
        written += got;
    }
    return written == bytes ? Result<void>{} : Result<void>{damaged};
}

} // namespace

Result<void> appendZipMember(const std::filesystem::path& archive, const std::string& member,
                             std::uint64_t bytes, const std::filesystem::path& output)
{
    HEADWATER_TRY_ASSIGN(const MappedFile file, MappedFile::open(archive));
    const Archive zip(file.bytes(), archive.string());
    HEADWATER_TRY_ASSIGN(const Member entry, zip.find(member));
    if (entry.bytes != bytes)
        return zip.fail(entry.entryOffset, member, fmt::format("{} bytes", entry.bytes),
                        std::to_string(bytes));
    if ((entry.flags & kEncrypted) != 0 || (entry.method != kStored && entry.method != kDeflated))
        return zip.fail(entry.entryOffset, member,
                        fmt::format("method {}, flags {:#x}", entry.method, entry.flags),
                        "a stored or deflated member", ErrorCode::Unsupported);
    HEADWATER_TRY_ASSIGN(const auto packed, zip.packed(entry));
    if (entry.method == kStored && packed.size() != bytes)
        return zip.fail(entry.entryOffset, member, fmt::format("{} stored bytes", packed.size()),
                        std::to_string(bytes));

    std::ofstream out(output, std::ios::binary | std::ios::app);
    if (!out)
        return Error{ErrorCode::CannotCreate, fmt::format("cannot create: {}", std::strerror(errno)),
                     output.string()};
    if (entry.method == kStored)
        out.write(reinterpret_cast<const char*>(packed.data()), static_cast<std::streamsize>(packed.size()));
    else
        HEADWATER_TRY(inflateTo(out, packed, bytes, member));
    out.close();
    if (!out)
        return Error{ErrorCode::Io,
                     fmt::format("cannot write: {} ({} bytes needed)", std::strerror(errno), bytes),
                     output.string()};
    return {};
}

} // namespace headwater
