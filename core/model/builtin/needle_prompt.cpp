// SPDX-License-Identifier: Apache-2.0
#include "core/model/builtin/needle_prompt.h"

#include "core/base/seeded_random.h"
#include "core/model/limits.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <set>
#include <string_view>

namespace headwater {
namespace {

constexpr std::uint64_t kMaxRecords = 4'096;
constexpr std::size_t kKeyBytes = 8; ///< the longest keys: a decoy shares seven of eight bytes
constexpr std::uint64_t kVocabulary = 1'500;

char randomAlnum(SeededRandom& random)
{
    constexpr std::string_view kAlnum = "abcdefghijklmnopqrstuvwxyz0123456789";
    return kAlnum[random.below(kAlnum.size())];
}

std::string randomAlnums(SeededRandom& random, std::size_t count)
{
    std::string out(count, ' ');
    std::ranges::generate(out, [&random] { return randomAlnum(random); });
    return out;
}

/// Pronounceable words, common ones first.
std::vector<std::string> makeVocabulary(SeededRandom& random)
{
    constexpr std::string_view kOnsets = "bcdfghklmnprstvw";
    constexpr std::string_view kVowels = "aeiou";
    constexpr std::string_view kCodas = "nrstlm";
    std::vector<std::string> words(kVocabulary);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::uint64_t syllables = 1 + random.below(i < 60 ? 2U : 3U);
        for (std::uint64_t s = 0; s < syllables; ++s) {
            words[i] += kOnsets[random.below(kOnsets.size())];
            words[i] += kVowels[random.below(kVowels.size())];
            if (random.below(3U) == 0)
                words[i] += kCodas[random.below(kCodas.size())];
        }
    }
    return words;
}

/// An endless run of sentences, piece by piece: a piece is a word with what stands before and after it.
class Filler {
public:
    explicit Filler(SeededRandom& random)
        : m_random(random)
        , m_words(makeVocabulary(random))
    {
    }

    std::string next()
    {
        // A product of three uniform numbers prefers the first words, as text does.
        std::uint64_t rank = m_words.size();
        for (int i = 0; i < 3; ++i)
            rank = m_random.below(std::max<std::uint64_t>(rank, 1));
        std::string piece = m_words[rank];
        if (m_left == 0) {
            m_left = 5 + m_random.below(10U);
            piece[0] = static_cast<char>(std::toupper(piece[0]));
        }
        if (--m_left == 0)
            piece += '.';
        else if (m_random.below(12U) == 0)
            piece += ',';
        return piece;
    }

private:
    SeededRandom& m_random;
    std::vector<std::string> m_words;
    std::uint64_t m_left = 0; ///< words to the full stop
};

std::vector<NeedleRecord> drawRecords(const NeedlePromptSpec& spec, SeededRandom& random)
{
    std::vector<NeedleRecord> records;
    std::set<std::string> keys;
    const auto add = [&](std::string key, bool decoy) {
        if (!keys.insert(key).second)
            return;
        records.push_back({std::move(key), randomAlnums(random, 4 + random.below(5U)), 0, decoy});
    };
    while (records.size() < spec.needles)
        add(randomAlnums(random, kKeyBytes), false);
    const std::size_t wanted = std::size_t{spec.needles} + spec.decoys;
    for (std::uint64_t tries = 0; records.size() < wanted; ++tries) {
        std::string key = records.front().key;
        key[random.below(kKeyBytes)] = randomAlnum(random);
        if (tries > 8 * kKeyBytes * 36) // the 280 keys that differ in one byte are used up
            key[random.below(kKeyBytes)] = randomAlnum(random);
        add(std::move(key), true);
    }
    return records;
}

std::string recordText(const NeedleRecord& record)
{
    return fmt::format("@{}={}", record.key, record.value);
}

Result<void> check(const NeedlePromptSpec& spec)
{
    const std::uint64_t records = std::uint64_t{spec.needles} + spec.decoys;
    if (spec.needles == 0 || records > kMaxRecords)
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("{} needles and {} decoys, expected at least one needle and {} records at most",
                        spec.needles, spec.decoys, kMaxRecords),
            "needles"};
    if (spec.tokens > limits::kPromptTokens)
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{} tokens, expected at most {}", spec.tokens, limits::kPromptTokens),
                     "tokens"};
    if (spec.depth && !(*spec.depth >= 0 && *spec.depth <= 1))
        return Error{ErrorCode::InvalidArgument, fmt::format("{}, expected 0 to 1", *spec.depth), "depth"};
    return {};
}

} // namespace

Result<NeedlePrompt> makeNeedlePrompt(const NeedlePromptSpec& spec)
{
    HEADWATER_TRY(check(spec));
    SeededRandom random(spec.seed);
    NeedlePrompt prompt;
    prompt.records = drawRecords(spec, random);
    const std::string question = fmt::format("@{}=", prompt.records.front().key);

    std::uint64_t fixed = 1 + question.size(); // BOS
    for (const NeedleRecord& record : prompt.records)
        fixed += recordText(record).size() + 1;
    if (spec.tokens < fixed)
        return Error{
            ErrorCode::InvalidArgument,
            fmt::format("{} tokens are too few for {} records and the question; expected at least {}",
                        spec.tokens, prompt.records.size(), fixed),
            "tokens"};
    const std::uint64_t fillerBytes = spec.tokens - fixed;

    // Where each record stands, counted in filler bytes before it.
    std::vector<std::pair<std::uint64_t, std::size_t>> places;
    for (std::size_t i = 0; i < prompt.records.size(); ++i) {
        std::uint64_t place = random.below(fillerBytes + 1);
        if (i == 0 && spec.depth)
            place = static_cast<std::uint64_t>(*spec.depth * static_cast<double>(fillerBytes));
        places.emplace_back(place, i);
    }
    std::ranges::sort(places);

    Filler filler(random);
    prompt.text.reserve(spec.tokens);
    std::uint64_t written = 0; // filler bytes
    auto due = places.begin();
    while (written < fillerBytes || due != places.end()) {
        if (due != places.end() && (due->first <= written || written == fillerBytes)) {
            NeedleRecord& record = prompt.records[due->second];
            record.begin = prompt.text.size();
            prompt.text += recordText(record) + ' ';
            ++due;
            continue;
        }
        std::string piece = filler.next() + ' ';
        const std::uint64_t left = fillerBytes - written;
        if (piece.size() > left)
            piece = left == 1 ? std::string(" ") : piece.substr(0, left - 1) + ' ';
        prompt.text += piece;
        written += piece.size();
    }
    prompt.questionBegin = prompt.text.size();
    prompt.text += question;
    return prompt;
}

} // namespace headwater
