# SPDX-License-Identifier: Apache-2.0
"""Stored blocks of every weight type that Headwater reads, and what gguf-py makes of them.

    python make_dequantized.py

Writes dequantized-<type>.stored.npy (|u1 [rows, row bytes]) and dequantized-<type>.values.npy (<f4 [rows, 64], or [rows, 512] where a block
has 256 elements: two blocks a row). The blocks are random bytes (seeded) with finite scales: every quant, both signs, subnormal scales and
zero occur; of the types below `LATER` the scales too are random bits, the largest finite number among them.
"""
from __future__ import annotations

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize

from reference import DATA

ROWS = 8
SCALES = {Type.Q8_0: 1, Type.Q4_0: 1, Type.Q4_1: 2}  # leading float16 numbers of a block
# Byte of a block where its float16 numbers stand, and how many; MXFP4's exponent is any byte.
LATER = {
    Type.Q5_0: (0, 1), Type.Q5_1: (0, 2), Type.Q2_K: (80, 2), Type.Q3_K: (108, 1), Type.Q4_K: (0, 2), Type.Q5_K: (0, 2), Type.Q6_K: (208, 1),
    Type.IQ4_NL: (0, 1), Type.IQ4_XS: (0, 1), Type.MXFP4: (0, 0),
}
HALVES = (0x0000, 0x8000, 0x0001, 0x83FF, 0x7BFF, 0xFBFF)  # zeros, subnormals, the largest: what the first blocks hold


def keep(kind: Type, stored: np.ndarray, values: np.ndarray) -> None:
    np.save(DATA / f"dequantized-{kind.name.lower()}.stored.npy", stored)
    np.save(DATA / f"dequantized-{kind.name.lower()}.values.npy", np.ascontiguousarray(values.astype("<f4").reshape(ROWS, -1)))
    print(kind.name, stored.shape, values.shape)


def finite_halves(rng: np.random.Generator, count: int) -> np.ndarray:
    halves = rng.integers(0, 0x10000, count, dtype=np.uint16)
    halves[(halves & 0x7C00) == 0x7C00] &= 0x83FF  # an infinity's or a NaN's bits become a subnormal's
    halves[: len(HALVES)] = HALVES
    return halves


def main() -> None:
    rng = np.random.Generator(np.random.PCG64(20261124))
    for kind in (Type.F32, Type.F16, Type.BF16, Type.Q8_0, Type.Q4_0, Type.Q4_1):
        elements, size = GGML_QUANT_SIZES[kind]
        blocks = rng.integers(0, 256, (ROWS * 64 // elements, size), dtype=np.uint8)
        scales = rng.standard_normal((len(blocks), 4)) * 10.0 ** rng.integers(-7, 2, (len(blocks), 4))
        scales[0] = 0
        if kind in SCALES:
            halves = scales[:, : SCALES[kind]].astype(np.float16)
            blocks[:, : halves.shape[1] * 2] = halves.view(np.uint8)
        elif kind == Type.F32:
            blocks = rng.standard_normal((len(blocks), 1)).astype(np.float32).view(np.uint8)
        elif kind == Type.F16:
            blocks = scales[:, :1].astype(np.float16).view(np.uint8)
        else:
            blocks = (scales[:, :1].astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
        stored = np.ascontiguousarray(blocks.reshape(ROWS, -1))
        values = dequantize(stored, kind) if kind not in (Type.F32, Type.F16) else stored.view({Type.F32: np.float32, Type.F16: np.float16}[kind])
        keep(kind, stored, values)
    for kind, (at, count) in LATER.items():
        size = GGML_QUANT_SIZES[kind][1]
        blocks = rng.integers(0, 256, (ROWS * 2, size), dtype=np.uint8)
        for half in range(count):
            halves = finite_halves(rng, len(blocks)) if half == 0 else finite_halves(rng, len(blocks))[::-1]
            blocks[:, at + 2 * half : at + 2 * half + 2] = np.ascontiguousarray(halves).view(np.uint8).reshape(-1, 2)
        if kind == Type.MXFP4:
            blocks[:6, 0] = (0, 1, 2, 127, 254, 255)
        stored = np.ascontiguousarray(blocks.reshape(ROWS, -1))
        values = dequantize(stored, kind)
        assert not np.isnan(values).any()
        keep(kind, stored, values)


if __name__ == "__main__":
    main()
