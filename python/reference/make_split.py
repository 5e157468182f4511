# SPDX-License-Identifier: Apache-2.0
"""A tiny llama-type model whole and split, as gguf-py's own splitter writes it.

    python make_split.py

Writes split/whole.gguf and split/tiny-0000N-of-00004.gguf (at most seven tensors a part, the first part metadata alone). Hidden 16, 2 layers,
4 heads of 4 on 2 key heads, feed-forward 24, 7 tokens, F32; value i of a tensor is (i + its number) / 64.
"""
from __future__ import annotations

import math
from pathlib import Path

import gguf
import numpy as np

from reference import DATA

FOLDER = DATA / "split"
LAYER = {"attn_norm": (16,), "attn_q": (16, 16), "attn_k": (8, 16), "attn_v": (8, 16), "attn_output": (16, 16), "ffn_norm": (16,), "ffn_gate": (24, 16), "ffn_up": (24, 16), "ffn_down": (16, 24)}


def write(path: Path, **split: object) -> None:
    writer = gguf.GGUFWriter(path, "llama", **split)
    writer.add_name("tiny")
    writer.add_block_count(2)
    writer.add_context_length(128)
    writer.add_embedding_length(16)
    writer.add_feed_forward_length(24)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(["<|end|>", "a", "b", "c", "ab", "abc", "!"])
    writer.add_token_types([3, 1, 1, 1, 1, 1, 1])
    writer.add_token_merges(["a b", "ab c"])
    writer.add_eos_token_id(0)
    shapes = {"token_embd": (7, 16)} | {f"blk.{layer}.{name}": shape for layer in range(2) for name, shape in LAYER.items()} | {"output_norm": (16,)}
    for number, (name, shape) in enumerate(shapes.items()):
        values = (np.arange(math.prod(shape), dtype=np.float32) + number) / 64
        writer.add_tensor(name + ".weight", values.reshape(shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.gguf"):
        old.unlink()
    write(FOLDER / "whole.gguf")
    write(FOLDER / "tiny.gguf", split_max_tensors=7, small_first_shard=True)


if __name__ == "__main__":
    main()
