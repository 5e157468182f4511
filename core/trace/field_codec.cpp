// SPDX-License-Identifier: Apache-2.0
#include "core/trace/field_codec.h"

#include <array>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <zstd.h>

static_assert(std::endian::native == std::endian::little, "the trace's fields are little-endian");

namespace headwater {
namespace {

struct CodecName {
    FieldCodec codec;
    const char* name;
    std::size_t elementBytes;
};

constexpr std::array<CodecName, 4> kCodecs = {{
    {FieldCodec::Zstd, "zstd", 1},
    {FieldCodec::ShuffleZstd2, "shuffle2+zstd", 2},
    {FieldCodec::ShuffleZstd4, "shuffle4+zstd", 4},
    {FieldCodec::DeltaShuffleZstd4, "delta4+shuffle4+zstd", 4},
}};

// Up to here a field of byte planes is one zstd block with one table of codes for all of them; a block each
// is often smaller. Larger fields have several blocks anyway.
constexpr std::size_t kOneBlockBytes = std::size_t{128} << 10;
// Level 1: on shuffled fields higher levels win 2 to 4 % of size for twice the time. Small fields are few
// bytes in all but the smallest traces, and overviews lose a tenth.
constexpr int kZstdLevel = 1;
constexpr int kSmallZstdLevel = 15;
constexpr std::size_t kSmallContentBytes = std::size_t{16} << 10;
constexpr std::size_t kBlockHeaderBytes = 3;
// A zstd block of 4 bytes expands to at most 128 KiB.
constexpr std::uint64_t kMaxRatio = 32768;

void shuffle2(const std::byte* raw, std::size_t count, std::byte* planes)
{
    for (std::size_t i = 0; i < count; ++i) {
        planes[i] = raw[2 * i];
        planes[count + i] = raw[2 * i + 1];
    }
}

void shuffle4(const std::byte* raw, std::size_t count, bool delta, std::byte* planes)
{
    std::uint32_t last = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t value = 0;
        std::memcpy(&value, raw + 4 * i, 4);
        const std::uint32_t stored = delta ? value - last : value;
        last = value;
        planes[i] = static_cast<std::byte>(stored);
        planes[count + i] = static_cast<std::byte>(stored >> 8);
        planes[2 * count + i] = static_cast<std::byte>(stored >> 16);
        planes[3 * count + i] = static_cast<std::byte>(stored >> 24);
    }
}

void unshuffle2(const std::uint8_t* planes, std::size_t count, std::byte* raw)
{
    const std::uint8_t* low = planes;
    const std::uint8_t* high = planes + count;
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = static_cast<std::uint16_t>(low[i] | high[i] << 8);
        std::memcpy(raw + 2 * i, &value, 2);
    }
}

void unshuffle4(const std::uint8_t* planes, std::size_t count, std::byte* raw)
{
    const std::uint8_t* p1 = planes + count;
    const std::uint8_t* p2 = p1 + count;
    const std::uint8_t* p3 = p2 + count;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t value =
            planes[i] | std::uint32_t{p1[i]} << 8 | std::uint32_t{p2[i]} << 16 | std::uint32_t{p3[i]} << 24;
        std::memcpy(raw + 4 * i, &value, 4);
    }
}

void prefixSum(std::byte* raw, std::size_t count)
{
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t value = 0;
        std::memcpy(&value, raw + 4 * i, 4);
        sum += value;
        std::memcpy(raw + 4 * i, &sum, 4);
    }
}

} // namespace

const char* nameOf(FieldCodec codec)
{
    return kCodecs[static_cast<std::size_t>(codec)].name;
}

std::size_t elementBytesOf(FieldCodec codec)
{
    return kCodecs[static_cast<std::size_t>(codec)].elementBytes;
}

std::optional<FieldCodec> fieldCodecOfName(std::string_view name)
{
    for (const CodecName& codec : kCodecs) {
        if (name == codec.name)
            return codec.codec;
    }
    return std::nullopt;
}

Result<void> checkFrame(std::span<const std::byte> stored, std::uint64_t rawBytes)
{
    const unsigned long long content = ZSTD_getFrameContentSize(stored.data(), stored.size());
    if (content == ZSTD_CONTENTSIZE_ERROR)
        return Error{ErrorCode::BadFormat, "is not a zstd frame", {}};
    if (content == ZSTD_CONTENTSIZE_UNKNOWN)
        return Error{ErrorCode::BadFormat, "the zstd frame does not state its content size", {}};
    if (content != rawBytes) {
        return Error{ErrorCode::BadFormat,
                     fmt::format("the zstd frame states {} bytes, expected {}", content, rawBytes),
                     {}};
    }
    if (rawBytes / kMaxRatio > stored.size()) {
        return Error{ErrorCode::BadFormat,
                     fmt::format("{} stored bytes cannot hold {} bytes", stored.size(), rawBytes),
                     {}};
    }
    const std::size_t frame = ZSTD_findFrameCompressedSize(stored.data(), stored.size());
    if (ZSTD_isError(frame) || frame != stored.size())
        return Error{ErrorCode::BadFormat, "the zstd frame does not fill the blob", {}};
    return {};
}

struct FieldCoder::State {
    struct FreeCompressor {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    };
    struct FreeDecompressor {
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    };
    std::unique_ptr<ZSTD_CCtx, FreeCompressor> compressor;
    std::unique_ptr<ZSTD_DCtx, FreeDecompressor> decompressor;
    std::unique_ptr<std::byte[]> scratch;
    std::size_t scratchBytes = 0;

    std::byte* scratchOf(std::size_t bytes)
    {
        if (bytes > scratchBytes) {
            scratch = std::make_unique_for_overwrite<std::byte[]>(bytes);
            scratchBytes = bytes;
        }
        return scratch.get();
    }

    /// One frame that states its size, of `blocks` equally long blocks at least. Errors: Internal.
    Result<std::vector<std::byte>> compress(std::span<const std::byte> content, std::size_t blocks);
};

Result<std::vector<std::byte>> FieldCoder::State::compress(std::span<const std::byte> content,
                                                           std::size_t blocks)
{
    ZSTD_CCtx* const context = compressor.get();
    ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel,
                           content.size() <= kSmallContentBytes ? kSmallZstdLevel : kZstdLevel);
    ZSTD_CCtx_setPledgedSrcSize(context, content.size());
    std::vector<std::byte> stored(ZSTD_compressBound(content.size()) + blocks * kBlockHeaderBytes);
    ZSTD_outBuffer out{stored.data(), stored.size(), 0};
    for (std::size_t block = 0; block < blocks; ++block) {
        const std::span<const std::byte> part =
            content.subspan(block * (content.size() / blocks), content.size() / blocks);
        ZSTD_inBuffer in{part.data(), part.size(), 0};
        const ZSTD_EndDirective end = block + 1 < blocks ? ZSTD_e_flush : ZSTD_e_end;
        const std::size_t left = ZSTD_compressStream2(context, &out, &in, end);
        if (ZSTD_isError(left))
            return Error{ErrorCode::Internal, fmt::format("zstd: {}", ZSTD_getErrorName(left)), {}};
        if (left != 0)
            return Error{ErrorCode::Internal, "zstd wrote more than its bound", {}};
    }
    stored.resize(out.pos);
    return stored;
}

FieldCoder::FieldCoder()
    : m_state(std::make_unique<State>())
{
}
FieldCoder::~FieldCoder() = default;
FieldCoder::FieldCoder(FieldCoder&&) noexcept = default;
FieldCoder& FieldCoder::operator=(FieldCoder&&) noexcept = default;

Result<std::vector<std::byte>> FieldCoder::encode(FieldCodec codec, std::span<const std::byte> raw)
{
    const std::size_t elementBytes = elementBytesOf(codec);
    if (raw.size() % elementBytes != 0)
        return Error{ErrorCode::Internal, "a field's bytes are not whole elements", {}};
    const std::size_t count = raw.size() / elementBytes;
    std::span<const std::byte> planes = raw;
    if (codec != FieldCodec::Zstd) {
        std::byte* scratch = m_state->scratchOf(raw.size());
        if (codec == FieldCodec::ShuffleZstd2)
            shuffle2(raw.data(), count, scratch);
        else
            shuffle4(raw.data(), count, codec == FieldCodec::DeltaShuffleZstd4, scratch);
        planes = {scratch, raw.size()};
    }
    if (!m_state->compressor)
        m_state->compressor.reset(ZSTD_createCCtx());
    if (!m_state->compressor)
        return Error{ErrorCode::OutOfMemory, "no memory for the zstd compressor", {}};
    HEADWATER_TRY_ASSIGN(std::vector<std::byte> stored, m_state->compress(planes, 1));
    if (elementBytes > 1 && raw.size() <= kOneBlockBytes) {
        HEADWATER_TRY_ASSIGN(std::vector<std::byte> apart, m_state->compress(planes, elementBytes));
        if (apart.size() < stored.size())
            return apart;
    }
    return stored;
}

Result<void> FieldCoder::decode(FieldCodec codec, std::span<const std::byte> stored, std::span<std::byte> raw)
{
    HEADWATER_TRY(checkFrame(stored, raw.size()));
    const std::size_t count = raw.size() / elementBytesOf(codec);
    if (!m_state->decompressor)
        m_state->decompressor.reset(ZSTD_createDCtx());
    if (!m_state->decompressor)
        return Error{ErrorCode::OutOfMemory, "no memory for the zstd decompressor", {}};
    std::byte* planes = codec == FieldCodec::Zstd ? raw.data() : m_state->scratchOf(raw.size());
    const std::size_t bytes =
        ZSTD_decompressDCtx(m_state->decompressor.get(), planes, raw.size(), stored.data(), stored.size());
    if (ZSTD_isError(bytes))
        return Error{ErrorCode::BadFormat, fmt::format("zstd: {}", ZSTD_getErrorName(bytes)), {}};
    if (bytes != raw.size())
        return Error{
            ErrorCode::BadFormat, fmt::format("decoded {} bytes, expected {}", bytes, raw.size()), {}};
    const auto* source = reinterpret_cast<const std::uint8_t*>(planes);
    if (codec == FieldCodec::ShuffleZstd2) {
        unshuffle2(source, count, raw.data());
    } else if (codec != FieldCodec::Zstd) {
        unshuffle4(source, count, raw.data());
        if (codec == FieldCodec::DeltaShuffleZstd4)
            prefixSum(raw.data(), count);
    }
    return {};
}

} // namespace headwater
