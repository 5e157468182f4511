# SPDX-License-Identifier: Apache-2.0
"""Attention probabilities of transformers (float32, eager, output_attentions) at four seeded rows of every head, T = 512.

    python make_attention.py --model SmolLM2-135M-Instruct.Q4_1.gguf [--float64]

Writes attention-{smollm2,tiny}.ids.npy (512 token ids, int32), attention-{smollm2,tiny}.rows.npy (int32, layers x heads x 4: each head has
its own rows, ascending, the last one always 511) and attention-{smollm2,tiny}.p.bin.zst: the probabilities in units of 2^-24 (rounded: float32
holds none finer above a half), u32 little endian, layers x heads x 4 x 512 keys (0 after the row's own key). --float64 prints how far float32 is from float64 (angles aside: transformers computes them in float32 for both, see findings/).
"""
from __future__ import annotations

import argparse

import numpy as np
import torch
import zstandard

import make_tiny
import prose
import smollm2
from reference import DATA, ROOT, TEXTS, Llama, check_model, save_npy

TOKENS = 512
ROWS = 4
UNIT = 2.0**-24


def rows_of(layers: int, heads: int, seed: int) -> np.ndarray:
    rng = prose.Random(seed)
    out = np.zeros((layers, heads, ROWS), dtype="<i4")
    for layer in range(layers):
        for head in range(heads):
            chosen: set[int] = {TOKENS - 1}
            while len(chosen) < ROWS:
                chosen.add(rng.below(TOKENS - 1))
            out[layer, head] = sorted(chosen)
    return out


def probabilities(model: torch.nn.Module, ids: list[int], rows: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        maps = model(torch.tensor([ids]), output_attentions=True, use_cache=False).attentions
    out = np.zeros((*rows.shape, TOKENS), dtype=maps[0].numpy().dtype)
    for layer, values in enumerate(maps):
        for head in range(rows.shape[1]):
            out[layer, head] = values[0, head].numpy()[rows[layer, head]]
    return out


def save_probabilities(name: str, values: np.ndarray) -> None:
    units = np.rint(values.astype(np.float64) / UNIT).astype("<u4")
    target = DATA / f"attention-{name}.p.bin.zst"
    target.write_bytes(zstandard.ZstdCompressor(level=19, write_content_size=True).compress(units.tobytes()))
    print(f"{target.relative_to(ROOT)}: u32 {list(units.shape)} in units of 2^-24, {target.stat().st_size} bytes")


def record(name: str, model: torch.nn.Module, ids: list[int], seed: int, double: bool) -> None:
    assert len(ids) == TOKENS
    rows = rows_of(model.config.num_hidden_layers, model.config.num_attention_heads, seed)
    values = probabilities(model, ids, rows)
    for layer in range(rows.shape[0]):
        for head in range(rows.shape[1]):
            for i, row in enumerate(rows[layer, head]):
                assert not values[layer, head, i, row + 1 :].any()
    print(f"{name}: largest distance of a row's sum from 1: {np.abs(values.astype(np.float64).sum(-1) - 1).max():.1e}; mean largest probability {values.max(-1).mean():.2f}")
    if double:
        exact = probabilities(model.double(), ids, rows)
        print(f"{name}: float32 against float64: largest difference {np.abs(exact - values).max():.2e}")
        return
    save_npy(DATA / f"attention-{name}.ids.npy", np.array(ids, dtype="<i4"))
    save_npy(DATA / f"attention-{name}.rows.npy", rows)
    save_probabilities(name, values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--float64", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(2)
    path = check_model(args.model)
    text = (TEXTS / "english-essay.txt").read_bytes()
    tiny = Llama(str(make_tiny.PATH), vocab_only=True)
    record("tiny", make_tiny.load(), tiny.tokenize(text)[:TOKENS], 3, args.float64)
    ids = Llama(path, vocab_only=True).tokenize(text)[:TOKENS]
    record("smollm2", smollm2.load(path), ids, 30, args.float64)


if __name__ == "__main__":
    main()
