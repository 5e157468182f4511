// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "attacker.h"
#include "core/base/half.h"

#include <cmath>
#include <functional>
#include <string>
#include <vector>

namespace headwater::hostile {

/// The small trace every case begins with: two layers, 600 tokens.
inline made::Shape shapeOfAll()
{
    made::Shape shape;
    shape.tokens = 600;
    shape.predictions = true;
    return shape;
}

struct Case {
    const char* name;
    std::function<void(Attacker&)> spoil;
    const char* expected; ///< stands in one of verify's messages
};

using U32 = std::vector<std::uint32_t>;
using U16 = std::vector<std::uint16_t>;

inline std::string deepJson(int depth)
{
    return std::string(static_cast<std::size_t>(depth), '[')
        + std::string(static_cast<std::size_t>(depth), ']');
}

/// Rows changed by somebody who does not know the hashes, and schemas that are not the format's.
inline std::vector<Case> plainCases()
{
    return {
        {"meta value", [](Attacker& a) { a.run("UPDATE meta SET value='\"other\"' WHERE key='notes'"); },
         "meta key 'notes'"},
        {"meta key", [](Attacker& a) { a.run("UPDATE meta SET key='notez' WHERE key='notes'"); },
         "meta key 'notez'"},
        {"head number",
         [](Attacker& a) { a.run("UPDATE head SET kept_mass_mean=0.95 WHERE layer=1 AND head=2"); },
         "layer 1, head 2"},
        {"head type",
         [](Attacker& a) {
             a.run("UPDATE head SET window='64' WHERE layer=1 AND head=1; UPDATE head SET stats=x'7B7D' "
                   "WHERE layer=1 AND head=2");
         },
         "layer 1, head 2"},
        {"head removed", [](Attacker& a) { a.run("DELETE FROM head WHERE layer=1 AND head=2"); },
         "belongs to a head that is not listed"},
        {"blob changed",
         [](Attacker& a) {
             a.run("UPDATE chunk SET data=zeroblob(length(data)) WHERE layer=0 AND head=1 AND field='peak' "
                   "AND first_row=256");
         },
         "layer 0, head 1, chunk at row 256, field peak"},
        {"blob cut",
         [](Attacker& a) {
             a.run("UPDATE chunk SET data=substr(data,1,length(data)-1) WHERE layer=0 AND head=1 AND "
                   "field='lse' AND first_row=0");
         },
         "layer 0, head 1, chunk at row 0, field lse"},
        {"blob null",
         [](Attacker& a) {
             a.run("UPDATE chunk SET data=NULL WHERE layer=0 AND head=1 AND field='lse' AND first_row=0");
         },
         "field lse"},
        {"blobs swapped between heads",
         [](Attacker& a) {
             a.run("CREATE TEMP TABLE t AS SELECT head, data, xxh3 FROM chunk WHERE layer=1 AND field='mass' "
                   "AND first_row=0 AND head IN (0,2); UPDATE chunk SET data=(SELECT data FROM t WHERE "
                   "t.head=2-chunk.head), xxh3=(SELECT xxh3 FROM t WHERE t.head=2-chunk.head) WHERE layer=1 "
                   "AND field='mass' AND first_row=0 AND head IN (0,2)");
         },
         "layer 1, head 2, chunk at row 0, field mass"},
        {"chunks swapped between heads",
         [](Attacker& a) {
             a.run("UPDATE chunk SET head=head+10 WHERE layer=1 AND head IN (0,2); UPDATE chunk SET "
                   "head=12-head WHERE layer=1 AND head>=10");
         },
         "layer 1, head 0, chunk at row 0, field key_block"},
        {"chunk removed",
         [](Attacker& a) { a.run("DELETE FROM chunk WHERE layer=0 AND head=0 AND first_row=256"); },
         "layer 0, head 0"},
        {"field removed",
         [](Attacker& a) {
             a.run("DELETE FROM chunk WHERE layer=0 AND head=0 AND first_row=256 AND field='peak_at'");
         },
         "layer 0, head 0: chunk at row 256"},
        {"overview removed", [](Attacker& a) { a.run("DELETE FROM overview WHERE layer=0 AND head=0"); },
         "of 5 heads have it"},
        {"array changed", [](Attacker& a) { a.run("UPDATE array SET shape='[4]' WHERE name='sentences'"); },
         "array 'sentences'"},
        {"array removed", [](Attacker& a) { a.run("DELETE FROM array WHERE name='token_bytes'"); },
         "array 'token_bytes'"},
        {"token row changed",
         [](Attacker& a) { a.run("UPDATE row SET p=zeroblob(32) WHERE row=599 AND layer=1"); },
         "layer 1, row 599"},
        {"row added",
         [](Attacker& a) {
             a.run("INSERT INTO meta SELECT 'more', value, xxh3 FROM meta WHERE key='notes'");
         },
         "rows were changed, added or removed"},
        {"seal marker", [](Attacker& a) { a.run("UPDATE seal SET file=x'00'"); }, "seal is damaged"},
        {"seal count", [](Attacker& a) { a.run("UPDATE seal SET rows=rows+1"); }, "seal"},
        {"view", [](Attacker& a) { a.run("CREATE VIEW v AS SELECT * FROM meta"); }, "holds the view 'v'"},
        {"trigger",
         [](Attacker& a) { a.run("CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM head; END"); },
         "holds the trigger 't'"},
        {"index", [](Attacker& a) { a.run("CREATE INDEX i ON meta(upper(value))"); }, "holds the index 'i'"},
        {"foreign table", [](Attacker& a) { a.run("CREATE TABLE other(x)"); }, "table 'other'"},
        {"altered table", [](Attacker& a) { a.run("ALTER TABLE meta ADD COLUMN more"); }, "table 'meta'"},
        {"missing table", [](Attacker& a) { a.run("DROP TABLE overview"); }, "5 of the format's 6 tables"},
        {"other program's database", [](Attacker& a) { a.run("PRAGMA application_id=1"); }, "application id"},
    };
}

/// Lies with the right hash.
inline std::vector<Case> knowingCases()
{
    const auto chunk = [](auto... arguments) { return [=](Attacker& a) { a.setField(arguments...); }; };
    const auto sql = [](TraceTableId id, const char* statement) {
        return [=](Attacker& a) {
            a.run(statement);
            a.rehash(id);
        };
    };
    const auto keys = [](std::function<void(U32&)> change) {
        return [=](Attacker& a) { a.changeField<std::uint32_t>(ChunkField::KeyBlock, change); };
    };
    const auto pointers = [](std::function<void(U32&)> change) {
        return [=](Attacker& a) { a.changeField<std::uint32_t>(ChunkField::RowPtr, change); };
    };
    const auto halves = [](ChunkField field, std::function<void(U16&)> change) {
        return [=](Attacker& a) { a.changeField<std::uint16_t>(field, change); };
    };
    return {
        {"key block beyond the diagonal", keys([](U32& k) { k.back() = 4000; }),
         "field key_block: key block 4000"},
        {"key block at 2^32 - 1", keys([](U32& k) { k[0] = 0xFFFFFFFF; }),
         "field key_block: key block 4294967295"},
        {"key blocks unsorted", keys([](U32& k) { std::swap(k[k.size() - 1], k[k.size() - 2]); }),
         "ascending"},
        {"key block twice", keys([](U32& k) { k[k.size() - 1] = k[k.size() - 2]; }), "ascending"},
        {"row pointers fall", pointers([](U32& p) { p[5] = p[8]; }), "field row_ptr"},
        {"row pointers end elsewhere", pointers([](U32& p) { p.back() += 1; }), "field row_ptr"},
        {"mass above 1", halves(ChunkField::Mass, [](U16& v) { v[9] = halfFromFloat(1.5F); }),
         "field mass: value 1.5 at index 9"},
        {"mass NaN", halves(ChunkField::Mass, [](U16& v) { v[9] = 0x7E00; }), "field mass"},
        {"peak negative", halves(ChunkField::Peak, [](U16& v) { v[9] = 0x8001; }), "field peak"},
        {"missed infinite", halves(ChunkField::Missed, [](U16& v) { v[9] = 0x7C00; }), "field missed"},
        {"peak in the future", halves(ChunkField::PeakAt, [](U16& v) { v[0] = 15; }), "field peak_at"},
        {"peak below its block", halves(ChunkField::PeakAt, [](U16& v) { v[3] = 200 << 8; }),
         "field peak_at"},
        {"garbage instead of zstd", chunk("mass", std::as_bytes(std::span("no zstd at all"))),
         "is not a zstd frame"},
        {"frame of 1 TiB", [](Attacker& a) { a.setField("mass", terabyteFrame()); },
         "states 1099511627776 bytes"},
        {"frame of another size", [](Attacker& a) { a.setField("mass", plainFrame(8)); },
         "the zstd frame states 8 bytes"},
        {"frame without a size", [](Attacker& a) { a.setField("mass", frameWithoutSize(64)); },
         "does not state its content size"},
        {"two frames",
         [](Attacker& a) {
             std::vector<std::byte> both = plainFrame(512);
             const std::vector<std::byte> second = plainFrame(8);
             both.insert(both.end(), second.begin(), second.end());
             a.setField("missed", both);
         },
         "field missed: the zstd frame does not fill the blob"},
        {"empty blob", [](Attacker& a) { a.setField("mass", {}); }, "field mass"},
        {"unknown codec",
         sql(TraceTableId::Chunk, "UPDATE chunk SET codec='lz4' WHERE layer=1 AND head=0 AND field='mass'"),
         "codec 'lz4'"},
        {"codec of another width",
         sql(TraceTableId::Chunk,
             "UPDATE chunk SET codec='shuffle4+zstd' WHERE layer=1 AND head=0 AND field='mass'"),
         "codec 'shuffle4+zstd'"},
        {"chunk of 2^60 edges",
         sql(TraceTableId::Chunk, "UPDATE chunk SET edges=1<<60 WHERE layer=1 AND head=0 AND first_row=0"),
         "1152921504606846976 edges"},
        {"chunk of negative rows",
         sql(TraceTableId::Chunk, "UPDATE chunk SET rows=-256 WHERE layer=1 AND head=0 AND first_row=0"),
         "-256 rows"},
        {"chunks over each other",
         sql(TraceTableId::Chunk,
             "UPDATE chunk SET first_row=128 WHERE layer=1 AND head=0 AND first_row=256"),
         "chunk at row 128: expected row 256"},
        {"head of 2^60 edges",
         sql(TraceTableId::Head, "UPDATE head SET edges=1<<60 WHERE layer=1 AND head=0"),
         "edges is 1152921504606846976"},
        {"head of fewer edges",
         sql(TraceTableId::Head, "UPDATE head SET edges=edges-1, extras=0 WHERE layer=1 AND head=0"),
         "edges, expected"},
        {"head of 2^31 rows", sql(TraceTableId::Head, "UPDATE head SET rows=1<<31 WHERE layer=1 AND head=0"),
         "rows is 2147483648"},
        {"head of other rows", sql(TraceTableId::Head, "UPDATE head SET rows=599 WHERE layer=1 AND head=0"),
         "expected the sequence's 600 tokens"},
        {"block of 0", sql(TraceTableId::Head, "UPDATE head SET block_q=0 WHERE layer=1 AND head=0"),
         "block_q is 0"},
        {"block of 12", sql(TraceTableId::Head, "UPDATE head SET block_q=12 WHERE layer=1 AND head=0"),
         "not powers of two"},
        {"unknown kind", sql(TraceTableId::Head, "UPDATE head SET kind='round' WHERE layer=1 AND head=0"),
         "kind 'round'"},
        {"window of a global head",
         sql(TraceTableId::Head, "UPDATE head SET window=5 WHERE layer=1 AND head=0"), "window of 5"},
        {"sinks outside",
         sql(TraceTableId::Head, "UPDATE head SET sinks=x'FFFFFFFF' WHERE layer=1 AND head=0"),
         "sinks: token 4294967295"},
        {"sinks of 3 bytes",
         sql(TraceTableId::Head, "UPDATE head SET sinks=x'FFFFFF' WHERE layer=1 AND head=0"),
         "sinks: 3 bytes"},
        {"stats no object", sql(TraceTableId::Head, "UPDATE head SET stats='[]' WHERE layer=1 AND head=0"),
         "stats is not a JSON object"},
        {"head the model has not", sql(TraceTableId::Head, "UPDATE head SET head=9 WHERE layer=1 AND head=0"),
         "the model has no such head"},
        // Within the format's limits, but not of this file: only its frames say so.
        {"chunk of 60 Mi edges",
         [](Attacker& a) {
             a.run("UPDATE chunk SET edges=60<<20 WHERE layer=1 AND head=0 AND first_row=0; UPDATE head SET "
                   "edges=(60<<20)+(SELECT edges FROM chunk WHERE layer=1 AND head=0 AND first_row=256 AND "
                   "field='mass') WHERE layer=1 AND head=0");
             a.rehash(TraceTableId::Chunk);
             a.rehash(TraceTableId::Head);
         },
         "edges is 629"},
        {"array of 250 MiB",
         sql(TraceTableId::Array, "UPDATE array SET shape='[262144000]' WHERE name='prompt'"),
         "array 'prompt': the zstd frame states"},
        {"array of 4 Mi tokens",
         sql(TraceTableId::Array, "UPDATE array SET shape='[4194304]' WHERE name='token_ids'"),
         "array 'token_ids': the zstd frame states"},
        {"overview of 16 Mi cells",
         sql(TraceTableId::Overview, "UPDATE overview SET side=4096 WHERE layer=0 AND head=0"),
         "the zstd frame states"},
        {"array shape wraps",
         sql(TraceTableId::Array, "UPDATE array SET shape='[4294967296,4294967296]' WHERE name='token_ids'"),
         "array 'token_ids'"},
        {"array shape negative",
         sql(TraceTableId::Array, "UPDATE array SET shape='[-1]' WHERE name='token_ids'"),
         "not a natural number"},
        {"array dtype unknown",
         sql(TraceTableId::Array, "UPDATE array SET dtype='q7' WHERE name='token_ids'"), "dtype 'q7'"},
        {"array shape deep",
         sql(TraceTableId::Array, "UPDATE array SET shape='[[600]]' WHERE name='token_ids'"),
         "not a natural number"},
        {"fewer tokens",
         sql(TraceTableId::Array,
             "DELETE FROM array WHERE name='token_ids'; INSERT INTO array SELECT 'token_ids', 'i32', shape, "
             "codec, 0, data FROM array WHERE name='sentences'"),
         "token offsets for"},
        {"meta no JSON", sql(TraceTableId::Meta, "UPDATE meta SET value='{' WHERE key='notes'"),
         "meta key 'notes'"},
        {"meta too deep",
         [](Attacker& a) {
             a.run("UPDATE meta SET value='" + deepJson(100) + "' WHERE key='notes'");
             a.rehash(TraceTableId::Meta);
         },
         "deeper than 64"},
        {"overview of 3 cells",
         sql(TraceTableId::Overview, "UPDATE overview SET side=3 WHERE layer=0 AND head=0"), "3 cells"},
        {"overview of 2^40 cells",
         sql(TraceTableId::Overview, "UPDATE overview SET side=1<<40 WHERE layer=0 AND head=0"), "cells of"},
        {"overview of another level",
         sql(TraceTableId::Overview, "UPDATE overview SET level=1 WHERE layer=0 AND head=0"),
         "do not make an overview"},
    };
}

/// Lies with the right hash in what rows give to the tokens after them.
inline std::vector<Case> predictionCases()
{
    const auto sql = [](TraceTableId id, const char* statement) {
        return [=](Attacker& a) {
            a.run(statement);
            a.rehash(id);
        };
    };
    const auto numbers = [](const char* name, std::function<void(std::vector<float>&)> change) {
        return [=](Attacker& a) { a.changeArray<float>(name, change); };
    };
    const auto ids = [](const char* name, std::function<void(std::vector<std::int32_t>&)> change) {
        return [=](Attacker& a) { a.changeArray<std::int32_t>(name, change); };
    };
    const auto meta = [&](const char* value) {
        return [statement = std::string("UPDATE meta SET value='") + value
                    + "' WHERE key='predictions'"](Attacker& a) {
            a.run(statement);
            a.rehash(TraceTableId::Meta);
        };
    };
    return {
        {"predictions: the first has one", numbers("logprob", [](auto& v) { v[0] = -1; }),
         "array 'logprob', row 0: -1, expected NaN"},
        {"predictions: NaN", numbers("logprob", [](auto& v) { v[78] = std::nanf(""); }),
         "array 'logprob', row 78: nan, expected a number"},
        {"predictions: infinite", numbers("logprob", [](auto& v) { v[78] = -INFINITY; }),
         "array 'logprob', row 78: -inf"},
        {"predictions: above 1", numbers("next_logprob", [](auto& v) { v[50] = 0.25F; }),
         "array 'next_logprob', row 10: 0.25"},
        {"predictions: rising", numbers("next_logprob", [](auto& v) { std::swap(v[51], v[53]); }),
         "array 'next_logprob', row 10"},
        {"predictions: another number for the same token", numbers("logprob", [](auto& v) { v[21] -= 1; }),
         "array 'next_logprob', row 20"},
        {"predictions: id outside", ids("next_ids", [](auto& v) { v[52] = 50000; }),
         "array 'next_ids', row 10: token id 50000 is outside the vocabulary of 50000"},
        {"predictions: id negative", ids("next_ids", [](auto& v) { v[52] = -2; }), "token id -2"},
        {"predictions: id twice", ids("next_ids", [](auto& v) { v[57] = v[56]; }),
         "array 'next_logprob', row 11"},
        {"predictions: words fall", ids("next_word_ids", [](auto& v) { std::swap(v[8], v[9]); }),
         "array 'next_word_ids', row 9: ids do not ascend"},
        {"predictions: of other tokens",
         sql(TraceTableId::Array, "UPDATE array SET shape='[3000]' WHERE name='next_ids'"),
         "array 'next_ids': is i32 of shape [3000], expected i32 of shape [600,5]"},
        {"predictions: another type",
         sql(TraceTableId::Array, "UPDATE array SET dtype='u32' WHERE name='next_ids'"),
         "array 'next_ids': is u32 of shape [600,5]"},
        {"predictions: one is missing", sql(TraceTableId::Array, "DELETE FROM array WHERE name='logprob'"),
         "array 'logprob': is missing"},
        {"predictions: traced ones of a prompt",
         sql(TraceTableId::Array,
             "UPDATE array SET (dtype, shape, codec, data) = (SELECT dtype, shape, codec, data FROM array "
             "WHERE name='token_ids') WHERE name='traced_next_ids'"),
         "array 'traced_next_ids': is i32 of shape [600], expected i32 of shape [0]"},
        {"predictions: of nobody", meta(R"({"prompt": "me", "prompt_tokens": 600})"),
         "meta key 'predictions': says of the prompt neither"},
        {"predictions: of more than there is", meta(R"({"prompt": "model", "prompt_tokens": 601})"),
         "meta key 'predictions': has more prompt tokens"},
        {"predictions: of a vocabulary of nothing",
         sql(TraceTableId::Meta,
             "UPDATE meta SET value=json_set(value, '$.vocab_size', 0) WHERE key='model'"),
         "meta key 'model': vocab_size is 0"},
        {"predictions: no object", meta("[]"), "meta key 'predictions': is not {prompt, prompt_tokens}"},
        {"predictions: 4 GiB of words",
         sql(TraceTableId::Array, "UPDATE array SET shape='[4294967295]' WHERE name='next_words'"),
         "array 'next_words'"},
    };
}

/// Lies with the right hash in the `row` table: row 599 of layer 1, whose three heads have 8 keys each.
inline std::vector<Case> tokenRowCases()
{
    const auto sql = [](const char* set) {
        return
            [statement = std::string("UPDATE row SET ") + set + " WHERE row=599 AND layer=1"](Attacker& a) {
                a.run(statement);
                a.rehash(TraceTableId::Row);
            };
    };
    // keys: the counts of three heads, then 24 gaps.
    const auto keys = [](std::function<void(U32&)> change) {
        return [=](Attacker& a) { a.changeTokenRow<std::uint32_t>("keys", change); };
    };
    const auto p = [](std::function<void(std::vector<float>&)> change) {
        return [=](Attacker& a) { a.changeTokenRow<float>("p", change); };
    };
    const auto blob = [](const char* column, std::vector<std::byte> data) {
        return [=](Attacker& a) { a.setTokenRow(column, data); };
    };
    return {
        {"token row: key in the future", keys([](U32& k) { k[10] += 5000; }), "is in the future of row 599"},
        {"token row: keys wrap", keys([](U32& k) { k[4] = 0xFFFFFFFF; }), "head 0: key"},
        {"token row: key twice", keys([](U32& k) { k[3 + 8 + 4] = 0; }), "head 1: key"},
        {"token row: counts beyond the keys", keys([](U32& k) { ++k[1]; }),
         "its counts are 25 keys of 3 heads, it says 24 of 3"},
        {"token row: counts wrap", keys([](U32& k) { k[0] = 0xFFFFFFFF, k[1] = 9; }), "its counts are"},
        {"token row: a head without keys", keys([](U32& k) { k[0] = 16, k[1] = 0; }),
         "its counts are 24 keys of 2 heads, it says 24 of 3"},
        {"token row: fewer keys", keys([](U32& k) { k.pop_back(); }),
         "layer 1, row 599: keys: the zstd frame states 104 bytes, expected 108"},
        {"token row: p NaN", p([](std::vector<float>& v) { v[20] = std::nanf(""); }),
         "head 2: probability nan"},
        {"token row: p infinite", p([](std::vector<float>& v) { v[0] = INFINITY; }), "probability inf"},
        {"token row: p above 1", p([](std::vector<float>& v) { v[9] = 1.5F; }), "head 1: probability 1.5"},
        {"token row: p negative", p([](std::vector<float>& v) { v[9] = -0.5F; }), "probability -0.5"},
        {"token row: more p than keys", p([](std::vector<float>& v) { v.push_back(0); }),
         "layer 1, row 599: p: the zstd frame states 100 bytes, expected 96"},
        {"token row: 2^60 keys", sql("pairs=1<<60"), "1152921504606846976 keys of 3 heads, at most 600 each"},
        {"token row: no keys", sql("pairs=0"), "0 keys of 3 heads"},
        {"token row: negative keys", sql("pairs=-24"), "-24 keys of 3 heads"},
        {"token row: fewer stated", sql("pairs=23"), "expected 104"},
        {"token row: other heads", sql("heads=2"), "it says 24 of 2"},
        {"token row: of a layer the model has not", sql("layer=9"), "layer 9, row 599: is outside the trace"},
        {"token row: of layer -1", sql("layer=-1"), "is outside the trace"},
        {"token row: after the end", sql("row=600"), "layer 1, row 600: is outside the trace"},
        {"token row: unknown codec", sql("codec='lz4'"), "codec 'lz4' is not known for a token row"},
        {"token row: codec of another width", sql("codec='shuffle2+zstd'"), "codec 'shuffle2+zstd'"},
        {"token row: keys of 1 TiB", blob("keys", terabyteFrame()), "states 1099511627776 bytes"},
        {"token row: p without a size", blob("p", frameWithoutSize(96)), "p: the zstd frame does not state"},
        {"token row: no zstd", blob("keys", std::vector<std::byte>(108)), "keys: is not a zstd frame"},
        {"token row: empty", blob("p", {}), "p: is not a zstd frame"},
        {"token row: text instead of keys", sql("keys='many'"), "keys: is not a zstd frame"},
        {"token row: none", sql("p=NULL"), "p: is not a zstd frame"},
    };
}

} // namespace headwater::hostile
