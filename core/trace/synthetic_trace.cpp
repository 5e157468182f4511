// SPDX-License-Identifier: Apache-2.0
#include "core/trace/synthetic_trace.h"

#include "core/base/seeded_random.h"
#include "core/record/head_sums.h"
#include "core/record/kind_names.h"
#include "core/record/quantity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

namespace headwater {
namespace {

constexpr float kNeedlePeak = 0.9F;
constexpr std::uint32_t kTokenRows = 16;
constexpr std::uint32_t kKeysPerTokenRow = 32;
constexpr std::uint32_t kLocalBlocks = 3;

constexpr std::array<std::string_view, 48> kMadeWords = {
    "river",  "stone",   "quiet",   "under",  "morning", "window", "carry",  "light",  "paper",  "the",
    "of",     "and",     "a",       "in",     "to",      "was",    "had",    "they",   "water",  "field",
    "road",   "letter",  "slowly",  "winter", "garden",  "north",  "voice",  "table",  "silver", "never",
    "across", "through", "little",  "house",  "evening", "bridge", "answer", "number", "story",  "children",
    "wind",   "salt",    "harbour", "old",    "glass",   "moved",  "again",  "toward"};

SeededRandom randomOf(const SyntheticSpec& spec, int layer, int head, std::uint64_t part)
{
    const auto index = static_cast<std::uint64_t>(layer) * 4096 + static_cast<std::uint64_t>(head);
    return SeededRandom(SeededRandom(spec.seed ^ index << 16 ^ part << 48).next());
}

/// What makes one head differ from another.
struct HeadCharacter {
    float sinkShare = 0;
    float missed = 0; ///< typical missed mass
    std::array<std::uint32_t, 16> columns{}; ///< key blocks many rows read
};

HeadCharacter characterOf(const SyntheticSpec& spec, int layer, int head)
{
    SeededRandom random = randomOf(spec, layer, head, 1);
    HeadCharacter character;
    character.sinkShare = 0.15F + 0.55F * random.unit();
    character.missed = 0.02F + 0.25F * random.unit() * random.unit();
    for (std::uint32_t& column : character.columns)
        column = random.below(spec.grid.numKeyBlocks());
    return character;
}

/// The kept key blocks of one query block, ascending.
void chooseBlocks(const SyntheticSpec& spec, const HeadCharacter& character, std::uint32_t queryBlock,
                  SeededRandom& random, std::vector<std::uint32_t>& blocks)
{
    const std::uint32_t causal = spec.grid.numCausalKeyBlocks(queryBlock);
    blocks.clear();
    if (causal <= spec.blocksPerRow) {
        for (std::uint32_t key = 0; key < causal; ++key)
            blocks.push_back(key);
        return;
    }
    const std::uint32_t diagonal = spec.grid.firstRow(queryBlock) / spec.grid.blockK;
    blocks.push_back(0);
    for (std::uint32_t key = diagonal > kLocalBlocks ? diagonal - kLocalBlocks : 1; key < causal; ++key)
        blocks.push_back(key);
    while (blocks.size() < spec.blocksPerRow) {
        // A third of the rest goes to the head's columns, some to the near past, the others anywhere.
        const std::uint32_t kind = random.below(6U);
        std::uint32_t key = random.below(causal);
        if (kind < 2)
            key = character.columns[random.below(16U)];
        else if (kind == 2)
            key = causal - 1 - std::min(causal - 1, random.below(64U));
        if (key < causal)
            blocks.push_back(key);
        if (blocks.size() == spec.blocksPerRow) {
            std::sort(blocks.begin(), blocks.end());
            blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
        }
    }
    std::sort(blocks.begin(), blocks.end());
    blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
}

void addNeedle(const SyntheticSpec& spec, const PlantedNeedle& needle, std::vector<std::uint32_t>& blocks)
{
    const std::uint32_t key = needle.key / spec.grid.blockK;
    const auto place = std::lower_bound(blocks.begin(), blocks.end(), key);
    if (place == blocks.end() || *place != key)
        blocks.insert(place, key);
}

/// Masses of one query block's edges: the sink's share, a falling local band, the rest scattered, `kept` in
/// all.
void addEdges(const SyntheticSpec& spec, const HeadCharacter& character, std::uint32_t queryBlock,
              std::span<const std::uint32_t> blocks, float kept, SeededRandom& random, HeadRecord& record)
{
    const BlockGrid& grid = spec.grid;
    const std::uint32_t firstRow = grid.firstRow(queryBlock);
    const std::uint32_t rows = grid.endRow(queryBlock) - firstRow;
    const std::size_t begin = record.mass.size();
    float sum = 0;
    for (const std::uint32_t key : blocks) {
        const bool isSink = key == 0;
        const bool isLocal = (key + kLocalBlocks) * grid.blockK >= firstRow;
        const float noise = random.unit();
        const float weight = isSink ? 0 : (isLocal ? 1 + noise : 0.4F * noise * noise * noise + 1e-4F);
        record.keyBlock.push_back(key);
        record.mass.push_back(weight);
        sum += weight;
    }
    for (std::size_t edge = begin; edge < record.mass.size(); ++edge) {
        const std::uint32_t key = record.keyBlock[edge];
        const float share = sum > 0 ? record.mass[edge] / sum * (1 - character.sinkShare) : 0;
        const float mass = kept * (key == 0 ? (sum > 0 ? character.sinkShare : 1.0F) : share);
        // The heaviest pair holds between once and four times the mean row's mass of the block.
        const float peak = std::min(1.0F, mass * (1 + 3 * random.unit()));
        const std::uint32_t row = key * grid.blockK + grid.blockK > firstRow ? rows - 1 : random.below(rows);
        const std::uint32_t columns = std::min(grid.blockK, firstRow + row - key * grid.blockK + 1);
        record.mass[edge] = mass;
        record.peak.push_back(peak);
        record.peakAt.push_back(static_cast<std::uint16_t>(row << 8 | random.below(columns)));
    }
}

void plant(const SyntheticSpec& spec, const PlantedNeedle& needle, HeadRecord& record)
{
    const std::uint32_t queryBlock = needle.query / spec.grid.blockQ;
    for (std::uint32_t edge = record.rowPtr[queryBlock]; edge < record.rowPtr[queryBlock + 1]; ++edge) {
        if (record.keyBlock[edge] != needle.key / spec.grid.blockK)
            continue;
        record.peak[edge] = kNeedlePeak;
        record.peakAt[edge] = static_cast<std::uint16_t>((needle.query % spec.grid.blockQ) << 8
                                                         | needle.key % spec.grid.blockK);
        record.mass[edge] = kNeedlePeak / static_cast<float>(spec.grid.blockQ);
    }
}

TokenRow tokenRowOf(const SyntheticSpec& spec, int layer, int head, std::uint32_t row)
{
    SeededRandom random = randomOf(spec, layer, head, 1000 + row);
    TokenRow made{layer, head, row, {}, {}};
    float probability = 0.3F + 0.3F * random.unit();
    const std::uint32_t count = std::min(kKeysPerTokenRow, row + 1);
    // Key 0 first (the sink), then distinct ones, at equal steps from a random start.
    const std::uint32_t step = std::max(1u, row / count);
    for (std::uint32_t i = 0; i < count; ++i) {
        made.keys.push_back(i == 0 ? 0
                                   : i * step + random.below(step) - (i * step + step > row ? step - 1 : 0));
        made.keys.back() = std::min(made.keys.back(), row);
        made.probability.push_back(probability);
        probability *= 0.55F + 0.2F * random.unit();
    }
    return made;
}

TraceWriter::Begin beginOf(const SyntheticSpec& spec)
{
    TraceWriter::Begin begin;
    SeededRandom random(spec.seed + 77);
    bool isSentenceStart = true;
    std::uint32_t wordsLeft = 0;
    for (std::uint32_t token = 0; token < spec.grid.seqLen; ++token) {
        const std::uint32_t word = random.below(static_cast<std::uint32_t>(kMadeWords.size()));
        if (isSentenceStart) {
            begin.sentenceOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
            wordsLeft = 6 + random.below(14U);
        }
        begin.tokenOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
        begin.tokenIds.push_back(static_cast<std::int32_t>(word));
        begin.text += kMadeWords[word];
        isSentenceStart = --wordsLeft == 0;
        begin.text += isSentenceStart ? ". " : " ";
    }
    begin.tokenOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
    begin.sentenceOffsets.push_back(static_cast<std::uint32_t>(begin.text.size()));
    begin.segments = {{"prompt", 0, spec.grid.seqLen}};
    begin.headsPerLayer.assign(static_cast<std::size_t>(spec.layers), spec.headsPerLayer);
    begin.meta = {
        {"program", {{"name", "headwater"}, {"version", HEADWATER_VERSION}}},
        {"model",
         {{"name", fmt::format("synthetic {}", spec.name)},
          {"architecture", "none"},
          {"source", "synthetic"}}},
        {"params",
         {{"select", nameOf(Selection::Exact)},
          {"propagated", false},
          {"keep_keys", spec.blocksPerRow * spec.grid.blockK},
          {"block_q", spec.grid.blockQ},
          {"block_k", spec.grid.blockK},
          {"seed", spec.seed}}},
        {"quantity", wholeRowQuantity(false)},
        {"command", fmt::format("headwater bench --make-trace {}", spec.name)},
        {"notes", "Made attention, for the window and the benches: no model computed it."},
    };
    return begin;
}

TraceWriter::FinishedHead finishedHead(const SyntheticSpec& spec, int layer, int head)
{
    TraceWriter::FinishedHead made;
    made.record = syntheticHead(spec, layer, head);
    HeadSums sums(made.record.shape(), Normaliser::Exact, spec.grid.seqLen);
    sums.add(made.record);
    made.takeSums(sums);
    made.keepKeys = spec.blocksPerRow * spec.grid.blockK;
    made.sinks = {0};
    const std::uint32_t firstTokenRow = spec.grid.seqLen - std::min(spec.grid.seqLen, kTokenRows);
    for (std::uint32_t row = firstTokenRow; row < spec.grid.seqLen; ++row)
        made.tokenRows.push_back(tokenRowOf(spec, layer, head, row));
    made.writeEdges = (layer * spec.headsPerLayer + head) % spec.edgesEvery == 0;
    return made;
}

} // namespace

Result<SyntheticSpec> syntheticSpec(std::string_view name)
{
    constexpr std::uint32_t kMillion = 1u << 20;
    if (name == "R1")
        return SyntheticSpec{"R1", {kMillion, 64, 32}, 30, 32, 16, 30, 1};
    if (name == "R2")
        return SyntheticSpec{"R2", {kMillion, 8, 8}, 1, 1, 64, 1, 2};
    if (name == "R3")
        return SyntheticSpec{"R3", {1u << 17, 64, 32}, 30, 9, 16, 1, 4};
    if (name == "small")
        return SyntheticSpec{"small", {4096, 8, 8}, 4, 4, 16, 1, 3};
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("no synthetic trace '{}': expected R1, R2, R3 or small", name),
                 {}};
}

PlantedNeedle plantedNeedle(const SyntheticSpec& spec, int layer, int head)
{
    SeededRandom random = randomOf(spec, layer, head, 2);
    const std::uint32_t half = spec.grid.seqLen / 2;
    // The query in the last half, the key in the first, away from the sink.
    return {half + random.below(spec.grid.seqLen - half),
            spec.grid.blockK + random.below(half - spec.grid.blockK)};
}

HeadRecord syntheticHead(const SyntheticSpec& spec, int layer, int head)
{
    const HeadCharacter character = characterOf(spec, layer, head);
    const PlantedNeedle needle = plantedNeedle(spec, layer, head);
    SeededRandom random = randomOf(spec, layer, head, 3);
    HeadRecord record;
    record.layer = layer;
    record.head = head;
    record.grid = spec.grid;
    record.numRows = spec.grid.seqLen;
    record.rowPtr.push_back(0);
    const std::size_t queryBlocks = spec.grid.numQueryBlocks();
    record.reserve(queryBlocks, queryBlocks * spec.blocksPerRow);
    record.extras.resize((spec.grid.seqLen + kTileRows - 1) / kTileRows);
    std::vector<std::uint32_t> blocks;
    for (std::uint32_t block = 0; block < spec.grid.numQueryBlocks(); ++block) {
        chooseBlocks(spec, character, block, random, blocks);
        if (block == needle.query / spec.grid.blockQ)
            addNeedle(spec, needle, blocks);
        const bool isWhole = spec.grid.numCausalKeyBlocks(block) <= spec.blocksPerRow;
        const float missed = isWhole ? 0 : character.missed * (0.5F + random.unit());
        addEdges(spec, character, block, blocks, 1 - missed, random, record);
        record.tokenZero.push_back(record.mass[record.rowPtr.back()]); // the sink column is token 0 alone
        record.rowPtr.push_back(static_cast<std::uint32_t>(record.keyBlock.size()));
        for (std::uint32_t row = spec.grid.firstRow(block); row < spec.grid.endRow(block); ++row) {
            const float noise = static_cast<float>(random.next() >> 52) * 0x1p-12F;
            record.missed.push_back(missed * (0.75F + 0.5F * noise));
            record.missedPeak.push_back(missed * 0.25F * noise);
            record.lse.push_back(8 + 4 * noise);
        }
    }
    plant(spec, needle, record);
    return record;
}

Result<void> writeSyntheticTrace(const std::filesystem::path& path, const SyntheticSpec& spec,
                                 const ProgressSink& progress, std::stop_token stop)
{
    HEADWATER_TRY_ASSIGN(TraceWriter writer, TraceWriter::create(path, beginOf(spec), true));
    TimeLeft timeLeft;
    for (int layer = 0; layer < spec.layers; ++layer) {
        const auto make = [&](int head) -> Result<TraceWriter::FinishedHead> {
            if (stop.stop_requested())
                return Error{ErrorCode::Cancelled, "stopped", path.string()};
            return finishedHead(spec, layer, head);
        };
        HEADWATER_TRY(writer.writeLayer(layer, spec.headsPerLayer, make, 0));
        if (progress) {
            const auto done = static_cast<std::uint64_t>(layer) + 1;
            const auto total = static_cast<std::uint64_t>(spec.layers);
            progress({"write", done, total, "layers", timeLeft.update(done, total), layer});
        }
    }
    return writer.seal();
}

} // namespace headwater
