// SPDX-License-Identifier: Apache-2.0
#include "core/model/fetch/model_terms.h"

#include "core/base/bounded_json.h"
#include "core/base/json_member.h"
#include "core/base/mapped_file.h"
#include "core/base/utc_time.h"
#include "core/base/whole_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace headwater {
namespace {

/// Of a record: more is none of ours.
constexpr std::size_t kMostBytes = 4096;

} // namespace

std::filesystem::path termsRecordOf(const std::filesystem::path& model)
{
    return model.string() + ".terms.json";
}

bool areTermsAccepted(const ModelTerms& terms, const std::filesystem::path& model)
{
    const std::filesystem::path path = termsRecordOf(model);
    const Result<std::string> text = readFile(path, kMostBytes);
    if (!text)
        return false;
    const auto record = parseBoundedJson(*text, path.string(), kMostBytes);
    return record && !jsonMember(*record, "accepted").is_null() && jsonMember(*record, "url") == terms.url;
}

Result<void> recordTermsAccepted(const ModelTerms& terms, const std::filesystem::path& model)
{
    std::error_code failed;
    std::filesystem::create_directories(model.parent_path(), failed);
    if (failed)
        return Error{ErrorCode::CannotCreate, fmt::format("cannot create: {}", failed.message()),
                     model.parent_path().string()};
    const nlohmann::json record = {{"terms", terms.name}, {"url", terms.url}, {"accepted", utcNow()}};
    return writeWholeFile(termsRecordOf(model), record.dump(2) + "\n");
}

} // namespace headwater
