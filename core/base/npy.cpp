// SPDX-License-Identifier: Apache-2.0
#include "core/base/npy.h"

#include "core/base/checked.h"
#include "core/base/mapped_file.h"

#include <charconv>
#include <fmt/format.h>

namespace headwater {

std::string npyHeader(const std::string& descr, std::span<const std::size_t> shape)
{
    std::string dims;
    for (const std::size_t extent : shape)
        dims += fmt::format("{}, ", extent);
    std::string dict = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, dims);
    // Magic (6), version (2), length (2), dict, newline: data begins at a multiple of 64.
    const std::size_t unpadded = 10 + dict.size() + 1;
    dict.append((64 - unpadded % 64) % 64, ' ');
    dict += '\n';
    std::string header("\x93NUMPY\x01\x00", 8);
    header += static_cast<char>(dict.size() & 0xFF);
    header += static_cast<char>(dict.size() >> 8);
    return header + dict;
}

Result<NpyArray> readNpy(const std::filesystem::path& path)
{
    HEADWATER_TRY_ASSIGN(std::string file, readFile(path, std::size_t{1} << 32));
    const auto bad = [&](const char* what) { return Error{ErrorCode::BadFormat, what, path.string()}; };
    if (file.size() < 10 || file.compare(0, 6, "\x93NUMPY") != 0 || file[6] != 1)
        return bad("is not a .npy file of format 1.0");
    const std::size_t length =
        static_cast<unsigned char>(file[8]) + 256u * static_cast<unsigned char>(file[9]);
    if (file.size() < 10 + length)
        return bad("the header is cut off");
    const std::string dict = file.substr(10, length);
    const auto after = [&](const std::string& key) {
        const std::size_t at = dict.find("'" + key + "':");
        return at == std::string::npos ? std::string() : dict.substr(at + key.size() + 3);
    };
    if (after("fortran_order").find("False") > 2)
        return bad("expected C order");
    NpyArray array;
    const std::string descr = after("descr");
    const std::size_t open = descr.find('\'');
    const std::size_t close = descr.find('\'', open + 1);
    if (open == std::string::npos || close == std::string::npos || close < open + 3)
        return bad("descr is missing");
    array.descr = descr.substr(open + 1, close - open - 1);
    const std::string shape = after("shape");
    const std::size_t end = shape.find(')');
    std::size_t elements = 1;
    for (std::size_t i = shape.find('('); i < end && end != std::string::npos;) {
        if (shape[i] < '0' || shape[i] > '9') {
            ++i;
            continue;
        }
        std::size_t extent = 0;
        const auto parsed = std::from_chars(shape.data() + i, shape.data() + end, extent);
        const auto product = checkedMultiply(elements, extent);
        if (parsed.ec != std::errc() || !product)
            return bad("the shape does not fit");
        elements = *product;
        array.shape.push_back(extent);
        i = static_cast<std::size_t>(parsed.ptr - shape.data());
    }
    std::size_t itemBytes = 0;
    std::from_chars(array.descr.data() + 2, array.descr.data() + array.descr.size(), itemBytes);
    const auto bytes = checkedMultiply(elements, itemBytes);
    if (!bytes || file.size() - 10 - length != *bytes)
        return bad("the data's length does not fit the shape");
    array.data = file.substr(10 + length);
    return array;
}

} // namespace headwater
