# SPDX-License-Identifier: Apache-2.0
"""Stored blocks of every weight type that Headwater reads, and what gguf-py makes of them.

    python make_dequantized.py

Writes dequantized-<type>.stored.npy (|u1 [rows, row bytes]) and dequantized-<type>.values.npy (<f4 [rows, 64]). The blocks are random bytes
(seeded) with finite scales: every quant, both signs, subnormal scales and zero occur.
"""
from __future__ import annotations

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize

from reference import DATA

ROWS, COLS = 8, 64
SCALES = {Type.Q8_0: 1, Type.Q4_0: 1, Type.Q4_1: 2}  # leading float16 numbers of a block


def main() -> None:
    rng = np.random.Generator(np.random.PCG64(20261124))
    for kind in (Type.F32, Type.F16, Type.BF16, Type.Q8_0, Type.Q4_0, Type.Q4_1):
        elements, size = GGML_QUANT_SIZES[kind]
        blocks = rng.integers(0, 256, (ROWS * COLS // elements, size), dtype=np.uint8)
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
        np.save(DATA / f"dequantized-{kind.name.lower()}.stored.npy", stored)
        np.save(DATA / f"dequantized-{kind.name.lower()}.values.npy", np.ascontiguousarray(values.astype("<f4").reshape(ROWS, COLS)))
        print(kind.name, stored.shape, values.shape)


if __name__ == "__main__":
    main()
