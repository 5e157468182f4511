// SPDX-License-Identifier: Apache-2.0
#include "core/tokenizer/normal_form.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/edits.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

namespace headwater {
namespace {

Error gaveUp(UErrorCode code)
{
    return {ErrorCode::Internal, fmt::format("ICU gave up: {}", u_errorName(code)), "normal form"};
}

} // namespace

NormalForm NormalForm::asItIs(std::string_view text)
{
    NormalForm form;
    form.m_source = text;
    return form;
}

Result<NormalForm> NormalForm::of(std::string_view text)
{
    NormalForm form = asItIs(text);
    const bool isAscii =
        std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (isAscii || !isUtf8(text))
        return form;
    UErrorCode code = U_ZERO_ERROR;
    const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(code);
    if (U_FAILURE(code))
        return gaveUp(code);
    const icu::StringPiece piece(text.data(), static_cast<std::int32_t>(text.size()));
    const bool isNormal = nfc->isNormalizedUTF8(piece, code) != 0;
    if (U_FAILURE(code))
        return gaveUp(code);
    if (isNormal)
        return form;
    icu::Edits edits;
    icu::StringByteSink<std::string> sink(&form.m_text);
    nfc->normalizeUTF8(0, piece, sink, &edits, code);
    if (U_FAILURE(code))
        return gaveUp(code);
    form.m_isChanged = true;
    for (icu::Edits::Iterator edit = edits.getFineIterator(); edit.next(code);)
        form.m_spans.push_back({static_cast<std::uint32_t>(edit.destinationIndex()),
                                static_cast<std::uint32_t>(edit.sourceIndex()), edit.hasChange() != 0});
    return U_FAILURE(code) ? Result<NormalForm>(gaveUp(code)) : Result<NormalForm>(std::move(form));
}

std::uint32_t NormalForm::sourceOf(std::uint32_t at) const
{
    if (!m_isChanged || m_spans.empty())
        return at;
    const auto after = std::ranges::upper_bound(m_spans, at, {}, &Span::begin);
    const Span& span = *std::prev(after);
    return span.isChanged ? span.source : span.source + (at - span.begin);
}

} // namespace headwater
