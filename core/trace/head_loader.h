// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"
#include "core/trace/field_codec.h"
#include "core/trace/sqlite_database.h"
#include "core/trace/trace_reader.h"

#include <cstdint>
#include <memory>
#include <stop_token>

namespace headwater {

/// Reads the fields of one head through one connection: decoded, every hash and index checked. Used by one
/// thread. Errors: BadFormat naming the head, chunk and field; NotFound (edges or overview not stored);
/// OutOfMemory; Cancelled.
class HeadLoader {
public:
    /// minor: the format's version.
    HeadLoader(const SqliteDatabase& database, int minor, FieldCoder& coder, const HeadInfo& info)
        : m_database(database)
        , m_minor(minor)
        , m_coder(coder)
        , m_info(info)
    {
    }

    Result<std::shared_ptr<const HeadEdges>> edges(std::stop_token stop);
    Result<std::shared_ptr<const HeadRows>> rows();
    Result<Trace::ColumnMass> columnMass();
    Result<Overview> overview(std::uint32_t side);

private:
    Result<std::vector<std::uint8_t>> content(const Overview& overview);

    const SqliteDatabase& m_database;
    int m_minor;
    FieldCoder& m_coder;
    const HeadInfo& m_info;
};

} // namespace headwater
