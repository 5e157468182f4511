# SPDX-License-Identifier: Apache-2.0
"""Ids of texts that spell control tokens, taken as text: `tokenizers` with split_special_tokens (encode_special_tokens).

    python make_plain_ids.py --model SmolLM2-135M-Instruct.Q4_1.gguf

Writes tokenizer/plain-ids.bin.zst: of every line of tokenizer/corpus.bin.zst that spells an added token and holds no byte that SmolLM2 lacks a token for,
u32 line, u32 count, u32 ids, little endian; and tokenizer/plain-small.json: small vocabularies whose added tokens overlap, are no control tokens, or take
the blanks beside them, with texts and their ids.
"""
from __future__ import annotations

import argparse
import itertools
import json
import struct

import gguf
import zstandard
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

from make_tokenizer_ids import ADDED
from reference import DATA, byte_symbols, check_model

FOLDER = DATA / "tokenizer"


def tokenizer_of(tokens: list[str], merges: list[tuple[str, str]], added: list[AddedToken]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens(added)
    return tokenizer


def ids_of(tokenizer: Tokenizer, text: str, plain: bool) -> list[int]:
    tokenizer.encode_special_tokens = plain
    return tokenizer.encode(text, add_special_tokens=False).ids


def corpus_ids(path: str) -> bytes:
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = tokenizer_of(tokens, merges, [AddedToken(token, special=True, normalized=False) for token in ADDED])
    lacking = {byte for byte, symbol in enumerate(byte_symbols()) if symbol not in set(tokens)}
    corpus = zstandard.ZstdDecompressor().decompress((FOLDER / "corpus.bin.zst").read_bytes())
    out, at, count = [], 0, 0
    for line in itertools.count():
        if at == len(corpus):
            break
        (size,) = struct.unpack_from("<I", corpus, at)
        text = corpus[at + 4 : at + 4 + size]
        at += 4 + size
        if not lacking.isdisjoint(text) or not any(token.encode() in text for token in ADDED):
            continue
        ids = ids_of(tokenizer, text.decode(), plain=True)
        assert not set(ids) & set(range(len(ADDED)))
        out.append(struct.pack(f"<{2 + len(ids)}I", line, len(ids), *ids))
        count += 1
    print(f"{count} lines spell an added token")
    return b"".join(out)


# Added tokens: (spelling, control, the blanks it takes: "l", "r" or both). Those that are no control tokens are `normalized`, as
# transformers makes them.
SMALL = {
    "control tokens that overlap": [("<|x|>", True, ""), ("|>y", True, ""), ("<|x", True, "")],
    "others stay added tokens": [("<|x|>", True, ""), ("[tool]", False, ""), ("ab", False, "")],
    "others inside and across control tokens": [("<|x|>", True, ""), ("x|", False, ""), ("|>y", False, ""), ("z<|", False, "")],
    "others that overlap": [("<|x|>", True, ""), ("ab", False, ""), ("bcd", False, ""), ("abcde", False, ""), ("cdx", False, "")],
    "blanks of a control token": [("<|x|>", True, "lr"), ("<|y|>", True, "r"), ("[tool]", False, "")],
}
MERGES = [("h", "e"), ("l", "l"), ("he", "ll"), ("hell", "o"), ("<", "|"), ("|", ">"), ("a", "b"), ("x", "|"), ("Ġ", "hello"), ("Ċ", "Ċ"), ("Ġ", "Ġ")]
TEXTS = [
    "", "<|x|>", "hello<|x|>hello", " <|x|> hello", "hello  <|x|>  hello", "<|x|>y", "<|x|>yab", "<|x|><|x|>", "<|x|", "<|x", "a<|x|>b", "ab<|x|>ab", "abcd", "abcde", "abcdx", "xabcdx", "bcdab",
    "z<|x|>y", "zz<|<|x|>", "<|y|> hello <|x|>\n\nhello", "[tool]<|x|>[tool]", "he[tool]llo", "\n<|x|>\n\n", "é<|x|>日本", "<|y|>\t<|y|>  ", "x|>y", "1<|x|>23", "hello [tool] ab hello",
]


def small_cases() -> list[dict]:
    cases = []
    for name, added in SMALL.items():
        tokens = byte_symbols() + ["".join(merge) for merge in MERGES if "".join(merge) not in byte_symbols()]
        spellings = [AddedToken(text, special=control, normalized=not control, lstrip="l" in blanks, rstrip="r" in blanks) for text, control, blanks in added]
        first = len(tokens)
        # A spelling that is a merge's result too is one token, as in a GGUF.
        new = [text for text, _, _ in added if text not in tokens]
        tokenizer = tokenizer_of(tokens + new, MERGES, spellings)
        types = [1] * first + [3] * len(new)
        for text, control, _ in added:
            types[(tokens + new).index(text)] = 3 if control else 4
        lines = [{"text": text, "plain": ids_of(tokenizer, text, plain=True)} for text in TEXTS]
        cases.append({"name": name, "tokens": tokens + new, "types": types, "merges": [" ".join(merge) for merge in MERGES], "lines": lines})
    return cases


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    packed = corpus_ids(check_model(parser.parse_args().model))
    target = FOLDER / "plain-ids.bin.zst"
    target.write_bytes(zstandard.ZstdCompressor(level=19, write_content_size=True).compress(packed))
    print(f"tokenizer/{target.name}: {len(packed)} bytes, {target.stat().st_size} compressed")
    target = FOLDER / "plain-small.json"
    target.write_text(json.dumps(small_cases(), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"tokenizer/{target.name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
