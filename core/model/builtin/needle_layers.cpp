// SPDX-License-Identifier: Apache-2.0
#include "core/model/builtin/needle_layers.h"

#include <array>
#include <cmath>
#include <numbers>

// The construction, part by part, is docs/builtin_needle.md; names here are those used there.

namespace headwater::needle {
namespace {

// ---- numbers that decide margins ----

/// Frequencies, in 1/256 turns a position, at which Σ cos(ω Δ) stays 2.65 below its peak for all Δ of a
/// window
/// (-9 .. 30 without 0): found by random search.
constexpr std::array<int, 4> kOffsetTurns = {108, 75, 58, 82};
constexpr double kOffsetScale = 12.0; ///< 2.65 · 12: the wanted offset leads by 31 nat
constexpr float kGate = 32.0f; ///< silu(32) is 32 in float32, silu(-32) is 0 to 4e-13

constexpr float kMatch = 3.0f; ///< score of a matching part (a key byte, '@', the place in the value)
constexpr float kFullMatch =
    1.14f; ///< score of a full match; a filler key has 0: its mass is t^0.14 to 1 against them
constexpr float kSinkOfRecords = 0.7f; ///< score of BOS for rows of a record
constexpr float kSinkOfFiller = 1.5f; ///< and for all others
constexpr float kInductionMatch =
    1.2f; ///< score of three matching bytes, a filler key with two of them has 0
constexpr float kInductionSink = 0.9f;
constexpr float kInductionAvoidsRecords = 2.0f;
constexpr float kInductionShare = 0.15f; ///< of the answer: cannot outweigh a source mass above 0.3
/// Length of the "inside a record" axis of the keys. Scores do not depend on it; k-means does: these few keys
/// lie so far out that they end in one node at every level of the tree, however rare they are.
constexpr float kRecordAxis = 256.0f;
constexpr float kPositionAxis = 0.7f;

// ---- building blocks ----

struct Term {
    int dim;
    float weight;
};

/// One hidden unit: residual[down] += silu(gate · x) (up · x).
struct Unit {
    std::vector<Term> gate;
    int up = 0;
    float sign = 1.0f; ///< the unit writes back to the dimension it reads
};

Layer makeLayer(HeadKind kind, int numHeads, int headDim)
{
    Layer layer;
    layer.config.kind = kind;
    layer.config.window = kind == HeadKind::Sliding ? kWindow : 0;
    layer.config.numHeads = numHeads;
    layer.config.numKvHeads = 1;
    layer.config.headDim = headDim;
    layer.config.attentionScale = 1.0f;
    layer.config.rotary.frequencies.assign(static_cast<std::size_t>(headDim) / 2, 0.0);
    layer.query = Matrix(numHeads * headDim, kHidden);
    layer.key = Matrix(headDim, kHidden);
    layer.value = Matrix(headDim, kHidden);
    layer.output = Matrix(kHidden, numHeads * headDim);
    return layer;
}

void setFeedForward(Layer& layer, const std::vector<Unit>& units)
{
    const int numUnits = static_cast<int>(units.size());
    layer.config.ffnSize = numUnits;
    layer.gate = Matrix(numUnits, kHidden);
    layer.up = Matrix(numUnits, kHidden);
    layer.down = Matrix(kHidden, numUnits);
    for (int i = 0; i < numUnits; ++i) {
        const Unit& unit = units[static_cast<std::size_t>(i)];
        for (const Term& term : unit.gate)
            layer.gate.at(i, term.dim) += term.weight;
        layer.up.at(i, unit.up) = 1.0f;
        layer.down.at(unit.up, i) = unit.sign / kGate;
    }
}

/// Keeps `dim` where the gate is +kGate and clears it where the gate is -kGate or less: x - x + gated x.
void keepWhere(std::vector<Unit>& units, int dim, const std::vector<Term>& gate)
{
    units.push_back({{{kOne, kGate}}, dim, -1.0f});
    units.push_back({gate, dim, 1.0f});
}

/// The rotary pairs by which a query finds the token `offset` back: the key's pairs are (1, 0), turned by
/// their position.
double offsetPhase(int pair, int offset)
{
    return 2.0 * std::numbers::pi * kOffsetTurns[static_cast<std::size_t>(pair)] / 256.0 * offset;
}
float offsetCos(int pair, int offset)
{
    return static_cast<float>(kOffsetScale * std::cos(offsetPhase(pair, offset)));
}
float offsetSin(int pair, int offset)
{
    return static_cast<float>(-kOffsetScale * std::sin(offsetPhase(pair, offset)));
}

void setOffsetKeys(Layer& layer)
{
    for (int pair = 0; pair < static_cast<int>(kOffsetTurns.size()); ++pair) {
        layer.key.at(2 * pair, kOne) = 1.0f;
        layer.config.rotary.frequencies[static_cast<std::size_t>(pair)] = offsetPhase(pair, 1);
    }
}

} // namespace

Layer makeOffsetLayer()
{
    constexpr int kHeadDim = 8;
    Layer layer = makeLayer(HeadKind::Sliding, kNumOffsetHeads + 1, kHeadDim);
    setOffsetKeys(layer);
    layer.value.copy(0, kByte, kCode);
    layer.value.at(5, kIsAt) = 1.0f;
    layer.value.at(6, kEquals) = 1.0f;
    layer.value.at(7, kIsEnd) = 1.0f;
    for (int head = 0; head < kNumOffsetHeads;
         ++head) { // the last head keeps a zero query: uniform over its window
        const int offset = head + 1;
        const int row = head * kHeadDim;
        for (int pair = 0; pair < kHeadDim / 2; ++pair) {
            layer.query.at(row + 2 * pair, kOne) = offsetCos(pair, offset);
            layer.query.at(row + 2 * pair + 1, kOne) = offsetSin(pair, offset);
        }
        if (offset <= kNumSlots)
            layer.output.copy(kKeySlots + kCode * head, row, kCode);
        if (offset <= 3)
            layer.output.copy(kBefore + kCode * head, row, kCode);
        layer.output.at(kAt + head, row + 5) = 1.0f;
        layer.output.at(kEquals + offset, row + 6) = 1.0f;
        if (offset <= kMaxOffset - 1)
            layer.output.at(kEnded + head, row + 7) = 1.0f;
    }

    std::vector<Unit> units;
    for (int j = 1; j <= kMaxOffset; ++j) {
        // '=' is j back: no other '=' is nearer, and nothing in between has ended the value.
        std::vector<Term> nearest = {{kOne, kGate}};
        for (int i = 0; i < j; ++i)
            nearest.push_back({kEquals + i, -2 * kGate});
        for (int i = 1; i < j; ++i)
            nearest.push_back({kEnded + i - 1, -2 * kGate});
        keepWhere(units, kEquals + j, nearest);
        // This token is '=' and no '@' is nearer than j: the byte j back belongs to the key, or is its '@'.
        std::vector<Term> inKey = {{kOne, -kGate}, {kEquals, 2 * kGate}};
        for (int i = 1; i < j; ++i)
            inKey.push_back({kAt + i - 1, -2 * kGate});
        keepWhere(units, kAt + j - 1, inKey);
        for (int d = 0; j <= kNumSlots && d < kCode; ++d)
            keepWhere(units, kKeySlots + kCode * (j - 1) + d, inKey);
    }
    setFeedForward(layer, units);
    return layer;
}

Layer makeRecordLayer()
{
    constexpr int kHeadDim = 56;
    constexpr int kCopied = kSlotDims + kMaxOffset; // kKeySlots and kAt are neighbours
    static_assert(kKeySlots + kSlotDims == kAt && kCopied <= kHeadDim);
    Layer layer = makeLayer(HeadKind::Sliding, 2, kHeadDim);
    setOffsetKeys(layer);
    for (int pair = 0; pair < static_cast<int>(kOffsetTurns.size()); ++pair) {
        layer.query.at(2 * pair, kOne) = offsetCos(pair, 1);
        layer.query.at(2 * pair + 1, kOne) = offsetSin(pair, 1);
        for (int j = 2; j <= kMaxOffset; ++j) {
            layer.query.at(2 * pair, kEquals + j) = offsetCos(pair, j) - offsetCos(pair, 1);
            layer.query.at(2 * pair + 1, kEquals + j) = offsetSin(pair, j) - offsetSin(pair, 1);
        }
    }
    layer.value.copy(0, kKeySlots, kCopied);
    layer.output.copy(kKeySlots, 0, kCopied);

    std::vector<Term> noKey = {{kOne, kGate}};
    for (int j = 1; j <= kMaxOffset; ++j)
        noKey.push_back({kAt + j - 1, -2 * kGate});
    std::vector<Unit> units;
    const auto clear = [&](int first, int count) {
        for (int dim = first; dim < first + count; ++dim)
            units.push_back({noKey, dim, -1.0f});
    };
    clear(kKeySlots, kSlotDims);
    clear(kEquals, kMaxOffset + 1);
    clear(kValue, kCode + 1);
    setFeedForward(layer, units);
    return layer;
}

Layer makeRetrievalLayer()
{
    constexpr int kHeadDim = 72;
    constexpr int kPosition = 0; // layout of a key
    constexpr int kSlots = 4;
    constexpr int kNinthAt = kSlots + kSlotDims;
    constexpr int kPlace = kNinthAt + 1;
    constexpr int kInside = kPlace + kMaxOffset;
    constexpr int kSink = kInside + 1;
    constexpr int kTrigram = kSink + 1;
    static_assert(kTrigram + 3 * kCode <= kHeadDim);
    Layer layer = makeLayer(HeadKind::Global, 3, kHeadDim);
    layer.config.queryScale = {.base = 0, .slope = 1, .offset = 2}; // log(t + 2): sharp at any length
    // Irrational parts of a turn: positions fill a torus evenly and never repeat.
    layer.config.rotary.frequencies[0] = 2.0 * std::numbers::pi * (std::numbers::phi - 1.0);
    layer.config.rotary.frequencies[1] = 2.0 * std::numbers::pi * (std::numbers::sqrt2 - 1.0);
    layer.key.at(kPosition, kOne) = kPositionAxis;
    layer.key.at(kPosition + 2, kOne) = kPositionAxis;
    layer.key.copy(kSlots, kKeySlots, kSlotDims);
    layer.key.at(kNinthAt, kAt + kMaxOffset - 1) = 1.0f;
    layer.key.copy(kPlace, kEquals + 1, kMaxOffset); // the token j after '=' holds byte j - 1 of the value
    for (int j = 1; j <= kMaxOffset; ++j)
        layer.key.at(kInside, kAt + j - 1) = kRecordAxis;
    layer.key.at(kSink, kIsBos) = 1.0f;
    layer.key.copy(kTrigram, kBefore, 3 * kCode);

    // Retrieval. A row j after its '=' asks for byte j. A key of n bytes has n + 1 matching codes and one
    // place; what a full match scores beyond kFullMatch is taken back on the "inside" axis, so that any
    // mismatch costs kMatch / 2.
    const int retrieval = kRetrievalHead * kHeadDim;
    layer.query.copy(retrieval + kSlots, kKeySlots, kSlotDims, kMatch / kCodeNorm2);
    layer.query.at(retrieval + kNinthAt, kAt + kMaxOffset - 1) = kMatch;
    layer.query.copy(retrieval + kPlace, kEquals, kMaxOffset, kMatch);
    layer.query.at(retrieval + kSink, kOne) = kSinkOfFiller;
    for (int j = 1; j <= kMaxOffset; ++j) {
        const float parts =
            static_cast<float>(j + 1); // '@' is j before '=': j codes (a ninth is its own axis), one place
        layer.query.at(retrieval + kInside, kAt + j - 1) = (kFullMatch - kMatch * parts) / kRecordAxis;
        layer.query.at(retrieval + kSink, kAt + j - 1) = kSinkOfRecords - kSinkOfFiller;
    }
    // Induction: this byte and the two before it against the three before a key. Two missing matches are
    // granted to BOS instead of being taken from everyone: the softmax is the same.
    const int induction = kInductionHead * kHeadDim;
    layer.query.copy(induction + kTrigram, kByte, kCode, kInductionMatch / kCodeNorm2);
    layer.query.copy(induction + kTrigram + kCode, kBefore, 2 * kCode, kInductionMatch / kCodeNorm2);
    layer.query.at(induction + kSink, kOne) = kInductionSink + 2 * kInductionMatch;
    layer.query.at(induction + kInside, kOne) = -kInductionAvoidsRecords / kRecordAxis;

    constexpr int kAnswerDims = kCode + 1;
    layer.value.copy(0, kValue, kAnswerDims);
    layer.value.copy(kAnswerDims, kByte, kCode);
    layer.output.copy(kAnswer, retrieval, kAnswerDims);
    layer.output.copy(kAnswer, induction + kAnswerDims, kCode, kInductionShare);
    return layer;
}

} // namespace headwater::needle
