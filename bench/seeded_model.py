#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a GGUF file of a known model's exact shape in Q4_K_M, its weights seeded random blocks: what memory and speed are measured on.

Which matrices are Q6_K follows llama.cpp's Q4_K_M (half of the layers' values and FFN outputs, and the unembedding). The tokenizer is one
token a byte; the rest of the vocabulary is unused. Every matrix is cut from a ring of 65 521 random blocks. Standard library alone.

    python3 bench/seeded_model.py mistral-7b FILE.gguf
"""
import argparse
import pathlib
import random
import struct

# architecture, hidden, layers, feed-forward, heads, key heads, vocabulary, rotary base
SHAPES = {
    "mistral-7b": ("llama", 4096, 32, 14336, 32, 8, 32000, 1e6),
    "r1-qwen-1.5b": ("qwen2", 1536, 28, 8960, 12, 2, 151936, 1e4),
    "r1-qwen-7b": ("qwen2", 3584, 28, 18944, 28, 4, 152064, 1e4),
}
F32, Q4_K, Q6_K = 0, 12, 14
BLOCK_BYTES = {Q4_K: 144, Q6_K: 210}  # of 256 elements
RING = 65521
U32, FLOAT32, STRING, ARRAY, INT32 = 4, 6, 8, 9, 5


def text(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def entry(key, kind, value):
    return text(key) + struct.pack("<I", kind) + value


def array(key, kind, values):
    return entry(key, ARRAY, struct.pack("<IQ", kind, len(values)) + b"".join(values))


def byte_symbols():
    """GPT-2's characters for bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return [chr(byte if byte in shown else 256 + hidden.index(byte)) for byte in range(256)]


def ring(kind, rng):
    """Blocks whose values are about 0.02."""
    size = BLOCK_BYTES[kind]
    blocks = bytearray(rng.randbytes(RING * size))
    for block in range(0, len(blocks), size):
        unit = 0.02 * rng.uniform(0.5, 1.5)
        if kind == Q4_K:  # scale · nibble − minimum, both times 0 to 63: centred
            struct.pack_into("<ee", blocks, block, unit / 480, unit / 64)
        else:  # scale of -128 to 127, times -32 to 31
            struct.pack_into("<e", blocks, block + 208, unit / 2048)
    return bytes(blocks)


def tensors(shape):
    """Name, dimensions (the fastest first), type."""
    architecture, hidden, layers, ffn, heads, kv_heads, vocab, _ = shape
    keys = hidden // heads * kv_heads
    yield "token_embd.weight", (hidden, vocab), Q4_K
    for layer in range(layers):
        wide = layer < layers // 8 or layer >= 7 * layers // 8 or (layer - layers // 8) % 3 == 2
        at = f"blk.{layer}."
        yield at + "attn_norm.weight", (hidden,), F32
        for name, rows, kind in (("q", hidden, Q4_K), ("k", keys, Q4_K), ("v", keys, Q6_K if wide else Q4_K)):
            yield f"{at}attn_{name}.weight", (hidden, rows), kind
            if architecture == "qwen2":
                yield f"{at}attn_{name}.bias", (rows,), F32
        yield at + "attn_output.weight", (hidden, hidden), Q4_K
        yield at + "ffn_norm.weight", (hidden,), F32
        yield at + "ffn_gate.weight", (hidden, ffn), Q4_K
        yield at + "ffn_up.weight", (hidden, ffn), Q4_K
        yield at + "ffn_down.weight", (ffn, hidden), Q6_K if wide else Q4_K
    yield "output_norm.weight", (hidden,), F32
    yield "output.weight", (hidden, vocab), Q6_K


def byte_count(dimensions, kind):
    elements = dimensions[0] * (dimensions[1] if len(dimensions) > 1 else 1)
    return elements * 4 if kind == F32 else elements // 256 * BLOCK_BYTES[kind]


def header(name, shape, listed):
    architecture, hidden, layers, ffn, heads, kv_heads, vocab, base = shape
    symbols = byte_symbols()
    tokens = ["<|end|>", *symbols, symbols[97] + symbols[98]]
    kinds = [3] + [1] * (len(tokens) - 1) + [5] * (vocab - len(tokens))  # control, normal, unused
    tokens += [f"<unused{i}>" for i in range(vocab - len(tokens))]
    numbers = {"block_count": layers, "context_length": 32768, "embedding_length": hidden, "feed_forward_length": ffn,
               "attention.head_count": heads, "attention.head_count_kv": kv_heads}
    entries = [entry("general.architecture", STRING, text(architecture)), entry("general.name", STRING, text("seeded-" + name))]
    entries += [entry(f"{architecture}.{key}", U32, struct.pack("<I", value)) for key, value in numbers.items()]
    entries += [entry(f"{architecture}.attention.layer_norm_rms_epsilon", FLOAT32, struct.pack("<f", 1e-5)),
                entry(f"{architecture}.rope.freq_base", FLOAT32, struct.pack("<f", base)),
                entry("tokenizer.ggml.model", STRING, text("gpt2")), entry("tokenizer.ggml.pre", STRING, text("gpt-2")),
                array("tokenizer.ggml.tokens", STRING, [text(token) for token in tokens]),
                array("tokenizer.ggml.token_type", INT32, [struct.pack("<i", kind) for kind in kinds]),
                array("tokenizer.ggml.merges", STRING, [text(f"{symbols[97]} {symbols[98]}")]),
                entry("tokenizer.ggml.eos_token_id", U32, struct.pack("<I", 0))]
    table, offset = b"", 0
    for tensor, dimensions, kind in listed:
        table += text(tensor) + struct.pack(f"<I{len(dimensions)}QIQ", len(dimensions), *dimensions, kind, offset)
        offset += -(-byte_count(dimensions, kind) // 32) * 32
    head = b"GGUF" + struct.pack("<IQQ", 3, len(listed), len(entries)) + b"".join(entries) + table
    return head + bytes(-len(head) % 32)


def write(name, path):
    shape = SHAPES[name]
    rng = random.Random(7)
    rings = {kind: ring(kind, rng) for kind in BLOCK_BYTES}
    listed = list(tensors(shape))
    with open(path, "wb") as file:
        file.write(header(name, shape, listed))
        for tensor, dimensions, kind in listed:
            left = byte_count(dimensions, kind)
            padding = bytes(-left % 32)
            if kind == F32:
                file.write(struct.pack("<f", 1.0 if "norm" in tensor else 0.01) * (left // 4))
            else:
                begin = rng.randrange(RING) * BLOCK_BYTES[kind]
                while left > 0:
                    part = memoryview(rings[kind])[begin:begin + left]
                    file.write(part)
                    left -= len(part)
                    begin = 0
            file.write(padding)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=sorted(SHAPES))
    parser.add_argument("file", type=pathlib.Path)
    arguments = parser.parse_args()
    write(arguments.shape, arguments.file)


if __name__ == "__main__":
    main()
