# SPDX-License-Identifier: Apache-2.0
"""Ids of the ten thousand lines, and of a thousand of a vocabulary's own, by llama.cpp's tokenizer for another model file.

    python make_family_ids.py --name gemma3 --model gemma-3-270m-q4_k_m.gguf
    python make_family_ids.py --name r1-qwen --model model_part_0000

Writes tokenizer/NAME-lines.bin.zst (the thousand, as corpus.bin.zst) and tokenizer/NAME-ids.bin.zst (of both, as ids.bin.zst), added tokens
parsed, no BOS. A file that was cut within its tensors is read as if it were whole: a sparse copy of its full length is opened.
"""
from __future__ import annotations

import argparse
import os
import pathlib
import struct
import tempfile

import zstandard

import prose
from reference import DATA, Llama

OWN_LINES = 1_000
FOLDER = DATA / "tokenizer"


def unpack(name: str) -> bytes:
    return zstandard.ZstdDecompressor().decompress((FOLDER / f"{name}.bin.zst").read_bytes())


def pack(name: str, data: bytes) -> None:
    target = FOLDER / f"{name}.bin.zst"
    target.write_bytes(zstandard.ZstdCompressor(level=19, write_content_size=True).compress(data))
    print(f"tokenizer/{target.name}: {len(data)} bytes, {target.stat().st_size} compressed")


def corpus() -> list[bytes]:
    data, lines, at = unpack("corpus"), [], 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        lines.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return lines


def whole(path: pathlib.Path, folder: str) -> str:
    """The file itself, or a sparse copy with room for all tensors where its end is missing."""
    import gguf
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    data = path.read_bytes()
    at = 8
    tensors, entries = struct.unpack_from("<QQ", data, at)
    at += 16
    sizes = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}

    def skip(kind: int, at: int) -> int:
        if kind == 8:
            return at + 8 + struct.unpack_from("<Q", data, at)[0]
        if kind == 9:
            element, count = struct.unpack_from("<IQ", data, at)
            at += 12
            if element in sizes:
                return at + sizes[element] * count
            for _ in range(count):
                at = skip(element, at)
            return at
        return at + sizes[kind]

    for _ in range(entries):
        at = skip(8, at)
        at = skip(struct.unpack_from("<I", data, at)[0], at + 4)
    end = 0
    for _ in range(tensors):
        at = skip(8, at)
        (count,) = struct.unpack_from("<I", data, at)
        shape = struct.unpack_from(f"<{count}Q", data, at + 4)
        kind, offset = struct.unpack_from("<IQ", data, at + 4 + 8 * count)
        at += 4 + 8 * count + 12
        block, size = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
        elements = 1
        for dimension in shape:
            elements *= dimension
        end = max(end, offset + elements // block * size)
    full = (at + 31) // 32 * 32 + end
    if len(data) >= full:
        return str(path)
    padded = os.path.join(folder, "padded.gguf")
    with open(padded, "wb") as file:
        file.write(data)
        file.truncate(full)
    print(f"{path.name}: {full - len(data)} of {full} bytes are missing")
    return padded


def vocabulary(path: str) -> tuple[list[str], list[str]]:
    """Tokens as text where they are whole, and added tokens."""
    import gguf

    from reference import byte_symbols

    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    byte_level = fields["tokenizer.ggml.model"].contents() == "gpt2"
    symbols = {symbol: byte for byte, symbol in enumerate(byte_symbols())}
    texts, added = [], []
    for token, kind in zip(tokens, types):
        if kind in (3, 4):
            added.append(token)
        elif kind == 1:
            try:
                texts.append(bytes(symbols[c] for c in token).decode() if byte_level else token.replace("\u2581", " "))
            except (UnicodeDecodeError, KeyError):
                pass
    return texts, added


def own_lines(path: str, seed: int) -> list[bytes]:
    texts, added = vocabulary(path)
    rng = prose.Random(seed)
    shown = [token for token in added if not token.startswith("<unused")] or added
    lines = []
    for i in range(OWN_LINES):
        parts = []
        for _ in range(rng.between(2, 14)):
            kind = rng.below(10)
            if kind < 5:
                parts.append(rng.pick(texts))
            elif kind < 7:
                parts.append(rng.pick(shown))
            elif kind == 7:
                parts.append(rng.pick([" ", "\n", "\t", "<", "\u2581"]) * rng.between(1, 70))
            else:
                parts.append(prose.sentence(rng))
        lines.append("".join(parts).encode())
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", required=True)
    parser.add_argument("--model", required=True, type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = whole(args.model, folder)
        llama = Llama(path, vocab_only=True)
        own = own_lines(path, sum(args.name.encode()))
        lines = corpus() + own
        ids = [llama.tokenize(line) for line in lines]
    pack(f"{args.name}-lines", b"".join(struct.pack("<I", len(line)) + line for line in own))
    pack(f"{args.name}-ids", b"".join(struct.pack(f"<{len(row) + 1}I", len(row), *row) for row in ids))
    print(f"{len(lines)} lines, {sum(map(len, ids))} ids, {len(set().union(*ids))} different")


if __name__ == "__main__":
    main()
