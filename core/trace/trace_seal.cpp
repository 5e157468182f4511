// SPDX-License-Identifier: Apache-2.0
#include "core/trace/trace_seal.h"

#include "core/base/hash.h"
#include "core/trace/trace_format.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sqlite3.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace headwater {
namespace {

// The blob in the `seal` table: this marker, then the file's hash.
constexpr std::array<char, 16> kMarker = {'h', 'e', 'a', 'd', 'w', 'a', 't', 'e',
                                          'r', '-', 's', 'e', 'a', 'l', ':', '1'};
constexpr std::size_t kHashBytes = 8;
constexpr std::size_t kBlockBytes = std::size_t{1} << 20;

Error ioError(const char* what)
{
    return {ErrorCode::Io, fmt::format("{}: {}", what, std::strerror(errno)), {}};
}

} // namespace

Result<TraceSeal> computeSeal(const SqliteDatabase& database)
{
    TraceSeal seal;
    std::vector<std::int64_t> hashes;
    for (std::size_t id = 0; id < kTraceTables; ++id) {
        const TraceTable& table = tableOf(static_cast<TraceTableId>(id));
        HEADWATER_TRY_ASSIGN(
            SqliteStatement row,
            database.prepare(fmt::format("SELECT xxh3 FROM {} ORDER BY {}", table.name, table.order)));
        const std::size_t before = hashes.size();
        for (;;) {
            HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
            if (!hasRow)
                break;
            hashes.push_back(row.integer(0));
        }
        if (static_cast<TraceTableId>(id) == TraceTableId::Head)
            seal.heads = hashes.size() - before;
    }
    seal.rows = hashes.size();
    seal.hash = xxh3(std::as_bytes(std::span(hashes)));
    return seal;
}

namespace {

/// Writes the `seal` table with room for the file's hash.
Result<void> writeSeal(const SqliteDatabase& database, const TraceSeal& seal)
{
    HEADWATER_TRY(database.execute(sealTableSql()));
    std::array<std::byte, kMarker.size() + kHashBytes> file{};
    std::memcpy(file.data(), kMarker.data(), kMarker.size());
    HEADWATER_TRY_ASSIGN(SqliteStatement insert, database.prepare("INSERT INTO seal VALUES(1,?,?,?,?)"));
    const std::array<SqlValue, 4> values = {
        SqlValue(static_cast<std::int64_t>(seal.heads)), SqlValue(static_cast<std::int64_t>(seal.rows)),
        SqlValue(static_cast<std::int64_t>(seal.hash)), SqlValue(std::span<const std::byte>(file))};
    return insert.run(values);
}

} // namespace

Result<void> renewSeal(const SqliteDatabase& database)
{
    HEADWATER_TRY(database.execute("DROP TABLE IF EXISTS seal"));
    HEADWATER_TRY_ASSIGN(const TraceSeal seal, computeSeal(database));
    return writeSeal(database, seal);
}

Result<std::optional<TraceSeal>> readSeal(const SqliteDatabase& database)
{
    HEADWATER_TRY_ASSIGN(
        const std::int64_t tables,
        database.integer("SELECT count(*) FROM sqlite_master WHERE type='table' AND name='seal'"));
    if (tables == 0)
        return std::optional<TraceSeal>();
    HEADWATER_TRY_ASSIGN(SqliteStatement row,
                         database.prepare("SELECT heads, rows, xxh3, file FROM seal WHERE id=1"));
    HEADWATER_TRY_ASSIGN(const bool hasRow, row.step());
    const std::span<const std::byte> file = hasRow ? row.blob(3) : std::span<const std::byte>();
    if (file.size() != kMarker.size() + kHashBytes
        || std::memcmp(file.data(), kMarker.data(), kMarker.size()) != 0)
        return Error{ErrorCode::BadFormat, "the seal is damaged", {}};
    TraceSeal seal;
    seal.heads = static_cast<std::uint64_t>(row.integer(0));
    seal.rows = static_cast<std::uint64_t>(row.integer(1));
    seal.hash = static_cast<std::uint64_t>(row.integer(2));
    std::memcpy(&seal.fileHash, file.data() + kMarker.size(), kHashBytes);
    return std::optional<TraceSeal>(seal);
}

Result<std::uint64_t> findFileHash(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(const SqliteDatabase database,
                         SqliteDatabase::open(sqliteUri(path.string(), "mode=ro&immutable=1"),
                                              SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX));
    HEADWATER_TRY_ASSIGN(const std::int64_t pageBytes, database.integer("PRAGMA page_size"));
    HEADWATER_TRY_ASSIGN(
        const std::int64_t root,
        database.integer("SELECT rootpage FROM sqlite_master WHERE type='table' AND name='seal'"));
    if (root < 1 || pageBytes < 512 || pageBytes > 65536)
        return Error{ErrorCode::BadFormat, "the seal's page cannot be found", {}};
    const std::uint64_t offset = static_cast<std::uint64_t>(root - 1) * static_cast<std::uint64_t>(pageBytes);
    std::vector<char> page(static_cast<std::size_t>(pageBytes));
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    file.read(page.data(), static_cast<std::streamsize>(page.size()));
    const auto found = std::search(page.begin(), page.end(), kMarker.begin(), kMarker.end());
    const auto at = static_cast<std::size_t>(found - page.begin());
    if (at + kMarker.size() + kHashBytes > page.size())
        return Error{ErrorCode::BadFormat, "the seal's page does not hold the seal", {}};
    return offset + at + kMarker.size();
}

Result<std::uint64_t> hashOfFile(const std::filesystem::path& path, std::uint64_t skip)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return Error{ErrorCode::NotFound, "cannot be read", {}};
    std::vector<char> block(kBlockBytes);
    std::uint64_t hash = 0;
    std::uint64_t offset = 0;
    while (file) {
        file.read(block.data(), static_cast<std::streamsize>(block.size()));
        const auto bytes = static_cast<std::size_t>(file.gcount());
        if (bytes == 0)
            break;
        for (std::uint64_t byte = skip; byte < skip + kHashBytes; ++byte) {
            if (byte >= offset && byte < offset + bytes)
                block[byte - offset] = 0;
        }
        hash = xxh3(std::as_bytes(std::span(block.data(), bytes)), hash);
        offset += bytes;
    }
    if (file.bad())
        return ioError("cannot read the file");
    return hash == 0 ? 1 : hash;
}

Result<void> leaveWal(const SqliteDatabase& database, std::chrono::milliseconds patience)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    // Else SQLite gives its lock back between removing the log and saying so in the header, and a reader who
    // comes just then makes an empty log again, which would stay.
    HEADWATER_TRY(database.execute("PRAGMA locking_mode=EXCLUSIVE"));
    Result<std::string> mode = std::string();
    for (;;) {
        mode = database.text("PRAGMA journal_mode=DELETE");
        if (mode && *mode == "delete")
            return {};
        const bool isBusy = mode || mode.error().code == ErrorCode::Unavailable;
        if (!isBusy || std::chrono::steady_clock::now() >= deadline)
            break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    (void)database.execute("PRAGMA locking_mode=NORMAL");
    if (!mode && mode.error().code != ErrorCode::Unavailable)
        return mode.error();
    return Error{ErrorCode::Unavailable, "another program keeps it open: close that and seal it again", {}};
}

Result<void> storeFileHash(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(const std::uint64_t offset, findFileHash(path));
    HEADWATER_TRY_ASSIGN(const std::uint64_t hash, hashOfFile(path, offset));
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return ioError("cannot write the seal");
    const ssize_t written = ::pwrite(descriptor, &hash, kHashBytes, static_cast<off_t>(offset));
    const bool isWhole = written == static_cast<ssize_t>(kHashBytes) && ::fsync(descriptor) == 0;
    const Error error = ioError("cannot write the seal");
    ::close(descriptor);
    if (!isWhole)
        return error;
    return {};
}

} // namespace headwater
