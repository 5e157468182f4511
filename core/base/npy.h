// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace headwater {

/// The bytes of a .npy file (format 1.0, C order) around raw little-endian data.
/// `descr` is numpy's type string ("<f4", "<u4", "<f2", "|u1"). Source: numpy.lib.format.
std::string npyHeader(const std::string& descr, std::span<const std::size_t> shape);

/// A small .npy file read back (tests, --ids). Refuses other versions and Fortran order.
struct NpyArray {
    std::string descr;
    std::vector<std::size_t> shape;
    std::string data;
};
Result<NpyArray> readNpy(const std::filesystem::path& path);

} // namespace headwater
