// SPDX-License-Identifier: Apache-2.0
// tokenizer.model: the fields of SentencePiece's ModelProto (sentencepiece_model.proto) that decide ids, read
// with bounds. Others are skipped by their wire type.
#include "core/base/text.h"
#include "core/model/folder/hf_tokenizer.h"
#include "core/model/limits.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <optional>

namespace headwater {
namespace {

/// One field of a message: its number, and its value by its wire type.
struct Field {
    std::uint32_t number = 0;
    std::uint64_t integer = 0; ///< a varint, or the bits of a fixed one
    std::string_view bytes; ///< a length-delimited one
};

/// Walks the fields of one message. Errors: BadFormat with the byte.
class Message {
public:
    Message(std::string_view bytes, std::uint64_t offset, const std::string& where)
        : m_bytes(bytes)
        , m_offset(offset)
        , m_where(where)
    {
    }

    bool atEnd() const { return m_at >= m_bytes.size(); }

    Result<Field> next()
    {
        HEADWATER_TRY_ASSIGN(const std::uint64_t key, varint());
        Field field;
        field.number = static_cast<std::uint32_t>(key >> 3);
        switch (key & 7) {
        case 0: {
            HEADWATER_TRY_ASSIGN(field.integer, varint());
            return field;
        }
        case 1:
            return fixed(field, 8);
        case 2: {
            HEADWATER_TRY_ASSIGN(const std::uint64_t size, varint());
            if (size > m_bytes.size() - m_at)
                return bad(fmt::format("{} bytes", size), fmt::format("at most {}", m_bytes.size() - m_at));
            field.bytes = m_bytes.substr(m_at, size);
            m_at += size;
            return field;
        }
        case 5:
            return fixed(field, 4);
        default: // groups are nobody's any more
            return bad(fmt::format("wire type {}", key & 7), "0, 1, 2 or 5");
        }
    }

    /// Where the bytes of the field that was read last begin.
    std::uint64_t offsetOf(const Field& field) const
    {
        return m_offset + static_cast<std::uint64_t>(field.bytes.data() - m_bytes.data());
    }

private:
    Error bad(const std::string& found, const std::string& expected) const
    {
        return {ErrorCode::BadFormat,
                fmt::format("at byte {}: {}, expected {}", m_offset + m_at, found, expected), m_where};
    }

    Result<std::uint64_t> varint()
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (m_at >= m_bytes.size())
                return bad("the end", "a number");
            const auto byte = static_cast<unsigned char>(m_bytes[m_at++]);
            value |= std::uint64_t{byte & 0x7Fu} << shift;
            if ((byte & 0x80) == 0)
                return value;
        }
        return bad("a number of more than ten bytes", "at most ten");
    }

    Result<Field> fixed(Field field, std::size_t size)
    {
        if (m_bytes.size() - m_at < size)
            return bad("the end", fmt::format("{} bytes", size));
        std::memcpy(&field.integer, m_bytes.data() + m_at, size);
        m_at += size;
        return field;
    }

    std::string_view m_bytes;
    std::uint64_t m_offset;
    const std::string& m_where;
    std::size_t m_at = 0;
};

float floatOf(const Field& field)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(field.integer));
}

Result<void> readPiece(Message message, const std::string& where, TokenizerData& data,
                       std::vector<float>& scores)
{
    std::string spelling;
    float score = 0;
    std::uint64_t type = 1;
    while (!message.atEnd()) {
        HEADWATER_TRY_ASSIGN(const Field field, message.next());
        if (field.number == 1)
            spelling = field.bytes;
        else if (field.number == 2)
            score = floatOf(field);
        else if (field.number == 3)
            type = field.integer;
    }
    if (type < 1 || type > 6 || std::isnan(score) || data.tokens.size() >= limits::kVocabSize)
        return Error{ErrorCode::BadFormat,
                     fmt::format("piece {}: type {}, score {}, expected a type of 1 to 6 and a number",
                                 data.tokens.size(), type, score),
                     where};
    data.tokens.push_back(std::move(spelling));
    data.types.push_back(static_cast<TokenType>(type));
    scores.push_back(score);
    return {};
}

struct TrainerSpec {
    std::uint64_t modelType = 1; ///< 1 unigram, 2 BPE
    bool fallsBackToBytes = false;
    std::int32_t unknown = 0;
    std::int32_t bos = 1;
    std::int32_t eos = 2;
};

Result<TrainerSpec> readTrainerSpec(Message message)
{
    TrainerSpec spec;
    while (!message.atEnd()) {
        HEADWATER_TRY_ASSIGN(const Field field, message.next());
        const auto id = static_cast<std::int32_t>(field.integer);
        if (field.number == 3)
            spec.modelType = field.integer;
        else if (field.number == 35)
            spec.fallsBackToBytes = field.integer != 0;
        else if (field.number == 40)
            spec.unknown = id;
        else if (field.number == 41)
            spec.bos = id;
        else if (field.number == 42)
            spec.eos = id;
    }
    return spec;
}

struct NormalizerSpec {
    std::string name;
    bool hasCharsmap = false;
    bool addsPrefix = true;
    bool removesSpaces = true;
    bool escapesSpaces = true;
};

Result<NormalizerSpec> readNormalizerSpec(Message message)
{
    NormalizerSpec spec;
    while (!message.atEnd()) {
        HEADWATER_TRY_ASSIGN(const Field field, message.next());
        if (field.number == 1)
            spec.name = field.bytes;
        else if (field.number == 2)
            spec.hasCharsmap = !field.bytes.empty();
        else if (field.number == 3)
            spec.addsPrefix = field.integer != 0;
        else if (field.number == 4)
            spec.removesSpaces = field.integer != 0;
        else if (field.number == 5)
            spec.escapesSpaces = field.integer != 0;
    }
    return spec;
}

} // namespace

Result<TokenizerData> readSentencePieceModel(std::string_view bytes, const std::string& where)
{
    TokenizerData data;
    std::vector<float> scores;
    TrainerSpec trainer;
    NormalizerSpec normalizer;
    Message message(bytes, 0, where);
    while (!message.atEnd()) {
        HEADWATER_TRY_ASSIGN(const Field field, message.next());
        const Message inner(field.bytes, field.bytes.empty() ? 0 : message.offsetOf(field), where);
        if (field.number == 1) {
            HEADWATER_TRY(readPiece(inner, where, data, scores));
        } else if (field.number == 2) {
            HEADWATER_TRY_ASSIGN(trainer, readTrainerSpec(inner));
        } else if (field.number == 3) {
            HEADWATER_TRY_ASSIGN(normalizer, readNormalizerSpec(inner));
        }
    }
    const auto unsupported = [&where](const std::string& found, const char* expected) {
        return Error{ErrorCode::Unsupported, fmt::format("{}, expected {}", found, expected), where};
    };
    if (data.tokens.empty())
        return Error{ErrorCode::BadFormat, "0 pieces, expected a SentencePiece model", where};
    if (trainer.modelType != 1 && trainer.modelType != 2)
        return unsupported(fmt::format("model type {}", trainer.modelType), "a unigram model or a BPE");
    if (!trainer.fallsBackToBytes)
        return unsupported("no byte_fallback", "a model that spells unknown characters as bytes");
    if (normalizer.hasCharsmap || normalizer.removesSpaces || !normalizer.escapesSpaces)
        return unsupported(fmt::format("the normaliser \"{}\"", printable(normalizer.name.substr(0, 60))),
                           "one that leaves the text as it is (identity)");
    const SpacePrefix prefix = normalizer.addsPrefix ? SpacePrefix::First : SpacePrefix::None;
    data.unknown = trainer.unknown;
    data.bos = trainer.bos;
    data.eos = trainer.eos;
    data.addBos = data.bos >= 0;
    data.addedOrder = AddedOrder::FromLeft;
    if (trainer.modelType == 1)
        data.kind =
            Unigram{.scores{scores.begin(), scores.end()}, .spacePrefix = prefix, .sumsAreFloats = true};
    else
        data.kind = SentencePieceBpe{.scores = std::move(scores), .merges = {}, .spacePrefix = prefix};
    return data;
}

} // namespace headwater
