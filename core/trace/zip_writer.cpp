// SPDX-License-Identifier: Apache-2.0
#include "core/trace/zip_writer.h"

#include <fmt/format.h>
#include <limits>
#include <zlib.h>

namespace headwater {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034B50;
constexpr std::uint32_t kDirectoryHeader = 0x02014B50;
constexpr std::uint32_t kEndOfDirectory = 0x06054B50;
constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kDosDate = 0x21; ///< 1 January 1980: the archive says nothing about when it was made

void put16(std::string& out, std::uint32_t value)
{
    out += static_cast<char>(value);
    out += static_cast<char>(value >> 8);
}

void put32(std::string& out, std::uint32_t value)
{
    put16(out, value);
    put16(out, value >> 16);
}

std::uint32_t crcOf(std::string_view head, std::string_view body)
{
    uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(head.data()), head.size());
    if (!body.empty())
        crc = crc32_z(crc, reinterpret_cast<const Bytef*>(body.data()), body.size());
    return static_cast<std::uint32_t>(crc);
}

/// What the local and the directory header have in common.
void putCommon(std::string& out, std::uint32_t crc, std::uint32_t bytes, std::size_t nameBytes)
{
    put16(out, kVersion);
    put16(out, 0); // flags
    put16(out, 0); // stored
    put16(out, 0); // time
    put16(out, kDosDate);
    put32(out, crc);
    put32(out, bytes);
    put32(out, bytes);
    put16(out, static_cast<std::uint32_t>(nameBytes));
    put16(out, 0); // extra field
}

} // namespace

Result<ZipWriter> ZipWriter::create(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(WholeFile file, WholeFile::create(path));
    return ZipWriter(path, std::move(file));
}

Result<void> ZipWriter::write(std::string_view bytes)
{
    HEADWATER_TRY(m_file.write(bytes));
    m_offset += bytes.size();
    return {};
}

Result<void> ZipWriter::add(std::string_view name, std::string_view head, std::string_view body)
{
    const std::uint64_t bytes = head.size() + std::uint64_t{body.size()};
    constexpr std::size_t kMostMembers = 65535;
    if (m_members.size() >= kMostMembers) {
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("the archive would pass {} members; export a file a head, or csv", kMostMembers),
            m_path.string()};
    }
    if (m_offset + bytes > std::numeric_limits<std::uint32_t>::max() - 4096) {
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{} of {} bytes: the archive would pass 4 GiB; export a file a head, or csv",
                                 name, bytes),
                     m_path.string()};
    }
    Member member{std::string(name), crcOf(head, body), static_cast<std::uint32_t>(bytes),
                  static_cast<std::uint32_t>(m_offset)};
    std::string header;
    put32(header, kLocalHeader);
    putCommon(header, member.crc, member.bytes, name.size());
    header += name;
    HEADWATER_TRY(write(header));
    HEADWATER_TRY(write(head));
    HEADWATER_TRY(write(body));
    m_members.push_back(std::move(member));
    return {};
}

Result<void> ZipWriter::finish()
{
    std::string directory;
    for (const Member& member : m_members) {
        put32(directory, kDirectoryHeader);
        put16(directory, kVersion);
        putCommon(directory, member.crc, member.bytes, member.name.size());
        put16(directory, 0); // comment
        put16(directory, 0); // disk
        put16(directory, 0); // internal attributes
        put32(directory, 0); // external attributes
        put32(directory, member.offset);
        directory += member.name;
    }
    const auto begin = static_cast<std::uint32_t>(m_offset);
    const auto bytes = static_cast<std::uint32_t>(directory.size());
    const auto members = static_cast<std::uint32_t>(m_members.size());
    put32(directory, kEndOfDirectory);
    put32(directory, 0); // disks
    put16(directory, members);
    put16(directory, members);
    put32(directory, bytes);
    put32(directory, begin);
    put16(directory, 0); // comment
    HEADWATER_TRY(write(directory));
    return m_file.finish();
}

} // namespace headwater
