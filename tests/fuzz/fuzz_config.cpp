// SPDX-License-Identifier: Apache-2.0
// A folder's config.json: its JSON, and what an architecture makes of it.
#include "core/model/architecture/architecture.h"
#include "core/model/folder/folder_source.h"
#include "core/model/json_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto config = headwater::readJson({reinterpret_cast<const char*>(data), size}, "config.json");
    if (!config || config->kind != headwater::JsonValue::Kind::Object)
        return 0;
    const auto folder = std::make_shared<headwater::ModelFolder>();
    folder->configPath = "config.json";
    folder->config = std::move(*config);
    auto source = headwater::FolderSource::open(folder);
    if (source)
        (void)source->convention().architecture->config(*source);
    return 0;
}
