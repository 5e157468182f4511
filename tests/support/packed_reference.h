// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/mapped_file.h"

#include <QtGlobal>
#include <string>
#include <zstd.h>

namespace headwater::test {

/// The bytes of tests/data/reference/NAME, one zstd frame that says its length. Link PkgConfig::ZSTD.
inline std::string unpackedReference(const std::string& name)
{
    const std::string path = std::string(HEADWATER_SOURCE_DIR) + "/tests/data/reference/" + name;
    const auto packed = readFile(path, 64 << 20);
    if (!packed)
        qFatal("%s", packed.error().text().c_str());
    std::string bytes(ZSTD_getFrameContentSize(packed->data(), packed->size()), '\0');
    if (ZSTD_decompress(bytes.data(), bytes.size(), packed->data(), packed->size()) != bytes.size())
        qFatal("%s is damaged", path.c_str());
    return bytes;
}

} // namespace headwater::test
