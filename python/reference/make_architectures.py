# SPDX-License-Identifier: Apache-2.0
"""Tiny random models of every architecture: as GGUF with the names, row order and norms of llama.cpp's converter, and what transformers (float32, eager) computes of them.

    python make_architectures.py [--folders DIR] [NAME...]

Writes tests/data/reference/architectures/: ids.npy (the tokens of one text, without the added tokens), and of every model NAME.gguf, NAME.p.npy
(attention, [layers, heads, ROWS, tokens]), NAME.logits.npy ([LOGIT_ROWS, vocabulary]) and NAME/config.json as save_pretrained writes it; beside it, of WHOLE and SHARDED, the
weights; defaults.json. --folders DIR writes the weights of all models there, and nothing else. All weights, norms and biases too, come from SplitMix64 (matrices rounded to binary16,
as which they are stored, but for WHOLE's folders in float32); shapes are odd on purpose: head counts that are no power of two, heads that are not width / heads, windows shorter than the text, texts longer than the original context.
"""
from __future__ import annotations

import argparse
import dataclasses
import json
import math
import pathlib
import shutil
import tempfile
import typing

import gguf
import numpy as np
import torch
import transformers

import prose
from make_tiny import ADDED
from reference import DATA, byte_symbols, save_npy
from smollm2 import permute

FOLDER = DATA / "architectures"
TOKENS = ADDED + byte_symbols() + ["".join(byte_symbols()[:2])]  # one merge, of two bytes that no text has
TEXT_BYTES = 300
ROWS = [37, 171, 299]
LOGIT_ROWS = [0, 1, 38, 63, 64, 150, 200, 255, 256, 257, 298, 299]
YARN = {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 64, "beta_fast": 32.0, "beta_slow": 1.0}
YARN_FACTS = {"rope.scaling.type": "yarn", "rope.scaling.factor": 8.0, "rope.scaling.original_context_length": 64, "rope.scaling.yarn_beta_fast": 32.0, "rope.scaling.yarn_beta_slow": 1.0}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}
GEMMA4_ROPE = {"sliding_attention": {"rope_type": "default", "rope_theta": 1e4}, "full_attention": {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1e6}}
GEMMA4_FACTS = {"rope.freq_base_swa": 1e4}


WHOLE = ["llama3", "gemma3"]  # folders with one file of weights
SHARDED = "qwen2-shards"  # folder alone: an index, three files, BF16 and F16 mixed, norms and biases in F32


@dataclasses.dataclass
class Case:
    config: transformers.PretrainedConfig
    architecture: str  # general.architecture
    facts: dict[str, typing.Any]  # the keys that are this architecture's own
    permuted: bool = False  # rows of q and k for neighbouring pairs
    sandwich: bool = False  # post_attention_layernorm is of attention's output
    one_added: bool = False  # norms are stored without their 1
    qk_scale: float = 0.25
    q_norm: float = 2.0
    folder_alone: bool = False  # GGUF cannot say it


def cases() -> dict[str, Case]:
    """New ones at the end: a case's place is its seed."""
    common = {"vocab_size": len(TOKENS), "max_position_embeddings": 512, "attn_implementation": "eager", "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    qwen2 = transformers.Qwen2Config
    qwen3 = transformers.Qwen3Config
    gemma4 = transformers.Gemma4TextConfig
    gemma4_layers = ["full_attention" if i in (2, 5, 7) else "sliding_attention" for i in range(8)]
    gemma2, gemma3, olmo2 = transformers.Gemma2Config, transformers.Gemma3TextConfig, transformers.Olmo2Config
    return {
        "qwen2-tied": Case(qwen2(hidden_size=40, num_hidden_layers=3, num_attention_heads=5, num_key_value_heads=1, intermediate_size=56, tie_word_embeddings=True,
                                 rope_parameters={"rope_type": "default", "rope_theta": 1e6}, **common), "qwen2", {}),
        "qwen2-untied": Case(qwen2(hidden_size=36, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=3, intermediate_size=40, tie_word_embeddings=False, rms_norm_eps=1e-5,
                                   rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common), "qwen2", {}),
        "qwen3": Case(qwen3(hidden_size=32, num_hidden_layers=3, num_attention_heads=5, num_key_value_heads=5, head_dim=12, intermediate_size=40, tie_word_embeddings=True,
                            rope_parameters={"rope_type": "default", "rope_theta": 1e6}, **common), "qwen3", {}),
        "qwen3-grouped": Case(qwen3(hidden_size=36, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2, head_dim=16, intermediate_size=48, tie_word_embeddings=False,
                                    rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common), "qwen3", {}),
        "gemma3": Case(gemma3(hidden_size=24, num_hidden_layers=7, num_attention_heads=3, num_key_value_heads=1, head_dim=12, intermediate_size=28, sliding_window=48, query_pre_attn_scalar=12,
                              rope_parameters={"full_attention": {"rope_type": "linear", "factor": 4.0, "rope_theta": 1e6}, "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}}, **common),
                       "gemma3", {"attention.sliding_window": 48, "rope.scaling.type": "linear", "rope.scaling.factor": 4.0, "rope.freq_base_swa": 1e4}, sandwich=True, one_added=True),
        # An older file, without the local base; layers in a pattern that the file spells; a cap of the logits.
        "gemma3-pattern": Case(gemma3(hidden_size=36, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2, head_dim=16, intermediate_size=32, sliding_window=270, query_pre_attn_scalar=16,
                                      final_logit_softcapping=9.0, layer_types=["full_attention", "sliding_attention", "full_attention"],
                                      rope_parameters={"full_attention": {"rope_type": "default", "rope_theta": 1e5}, "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}}, **common),
                               "gemma3", {"attention.sliding_window": 270, "attention.sliding_window_pattern": [False, True, False], "final_logit_softcapping": 9.0}, sandwich=True, one_added=True),
        "gemma2": Case(gemma2(hidden_size=30, num_hidden_layers=4, num_attention_heads=5, num_key_value_heads=1, head_dim=12, intermediate_size=40, sliding_window=40, query_pre_attn_scalar=12,
                              attn_logit_softcapping=6.0, final_logit_softcapping=12.0, rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common),
                       "gemma2", {"attention.sliding_window": 40, "attn_logit_softcapping": 6.0, "final_logit_softcapping": 12.0}, sandwich=True, one_added=True, qk_scale=0.4),
        # The caps that a file need not spell.
        "gemma2-default-caps": Case(gemma2(hidden_size=36, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=3, head_dim=16, intermediate_size=24, sliding_window=64, query_pre_attn_scalar=16,
                                           attn_logit_softcapping=50.0, final_logit_softcapping=30.0, rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common),
                                    "gemma2", {"attention.sliding_window": 64}, sandwich=True, one_added=True, qk_scale=0.5),
        "olmo2": Case(olmo2(hidden_size=40, num_hidden_layers=2, num_attention_heads=5, num_key_value_heads=5, intermediate_size=32, tie_word_embeddings=False,
                            rope_parameters={"rope_type": "default", "rope_theta": 5e5}, **common), "olmo2", {}, sandwich=True),
        "olmo2-grouped": Case(olmo2(hidden_size=36, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2, intermediate_size=40, tie_word_embeddings=False,
                                    rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common), "olmo2", {}, sandwich=True),
        "olmo3": Case(transformers.Olmo3Config(hidden_size=36, num_hidden_layers=5, num_attention_heads=3, num_key_value_heads=1, intermediate_size=22, tie_word_embeddings=False, sliding_window=48,
                                               rope_parameters={"full_attention": YARN | {"rope_theta": 5e5}, "sliding_attention": {"rope_type": "default", "rope_theta": 5e5}}, **common),
                      "olmo2", YARN_FACTS | {"attention.sliding_window": 48, "attention.sliding_window_pattern": [True, True, True, False, True]}, sandwich=True),
        # Biases of all four projections; long positions as Llama 3.1 has them.
        "llama3": Case(transformers.LlamaConfig(hidden_size=40, num_hidden_layers=2, num_attention_heads=5, num_key_value_heads=1, intermediate_size=40, attention_bias=True, tie_word_embeddings=False,
                                                rope_parameters=LLAMA3 | {"rope_theta": 5e5}, **common), "llama", {}, permuted=True),
        "llama-yarn": Case(transformers.LlamaConfig(hidden_size=36, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=3, head_dim=20, intermediate_size=36, tie_word_embeddings=True, mlp_bias=True,
                                                    rope_parameters=YARN | {"rope_theta": 1e4, "attention_factor": 1.5, "beta_fast": 8.0, "beta_slow": 2.0}, **common),
                           "llama", YARN_FACTS | {"rope.scaling.yarn_attn_factor": 1.5, "rope.scaling.yarn_beta_fast": 8.0, "rope.scaling.yarn_beta_slow": 2.0}, permuted=True, qk_scale=0.15),
        "mistral": Case(transformers.MistralConfig(hidden_size=36, num_hidden_layers=3, num_attention_heads=3, num_key_value_heads=1, head_dim=16, intermediate_size=36, sliding_window=40, tie_word_embeddings=False,
                                                   rope_parameters={"rope_type": "linear", "factor": 3.0, "rope_theta": 1e5}, **common),
                        "llama", {"attention.sliding_window": 40, "rope.scaling.type": "linear", "rope.scaling.factor": 3.0}, permuted=True),
        "smollm3": Case(transformers.SmolLM3Config(hidden_size=36, num_hidden_layers=5, num_attention_heads=3, num_key_value_heads=1, intermediate_size=28, tie_word_embeddings=True,
                                                   rope_parameters={"rope_type": "default", "rope_theta": 2e6}, **common), "smollm3", {}, permuted=True),
        "ministral3": Case(transformers.Ministral3Config(hidden_size=36, num_hidden_layers=3, num_attention_heads=3, num_key_value_heads=1, head_dim=20, intermediate_size=32, tie_word_embeddings=False,
                                                         rope_parameters=YARN | {"rope_theta": 1e6, "mscale": 1.0, "mscale_all_dim": 0.5, "llama_4_scaling_beta": 0.25}, **common),
                           "mistral3", YARN_FACTS | {"rope.scaling.yarn_log_multiplier": 0.5, "attention.temperature_scale": 0.25}, permuted=True),
        # Two head sizes, layers that borrow keys (and have a wider feed-forward), something of the token's own for every layer.
        "gemma4": Case(gemma4(hidden_size=24, num_hidden_layers=8, num_attention_heads=3, num_key_value_heads=1, head_dim=8, global_head_dim=16, intermediate_size=18, sliding_window=40,
                              layer_types=gemma4_layers, num_kv_shared_layers=3, use_double_wide_mlp=True, hidden_size_per_layer_input=4, vocab_size_per_layer_input=len(TOKENS), final_logit_softcapping=15.0,
                              rope_parameters=GEMMA4_ROPE, **common),
                       "gemma4", GEMMA4_FACTS | {"attention.head_count_kv": [1] * 8, "feed_forward_length": [18] * 5 + [36] * 3, "attention.key_length": 16, "attention.value_length": 16,
                                                 "attention.key_length_swa": 8, "attention.value_length_swa": 8, "rope.dimension_count": 16, "rope.dimension_count_swa": 8, "attention.sliding_window": 40,
                                                 "attention.sliding_window_pattern": [kind == "sliding_attention" for kind in gemma4_layers], "attention.shared_kv_layers": 3,
                                                 "embedding_length_per_layer_input": 4, "final_logit_softcapping": 15.0}, sandwich=True, qk_scale=0.4, q_norm=0.5),
        # Values that are the keys, and other key heads, in global layers.
        "gemma4-keys-as-values": Case(gemma4(hidden_size=32, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=4, num_global_key_value_heads=2, attention_k_eq_v=True, head_dim=12,
                                             global_head_dim=20, intermediate_size=30, sliding_window=100, layer_types=["sliding_attention", "full_attention", "full_attention"],
                                             hidden_size_per_layer_input=0, rope_parameters=GEMMA4_ROPE, **common),
                                      "gemma4", GEMMA4_FACTS | {"attention.head_count_kv": [4, 2, 2], "feed_forward_length": 30, "attention.key_length": 20, "attention.value_length": 20,
                                                                "attention.key_length_swa": 12, "attention.value_length_swa": 12, "rope.dimension_count": 20, "rope.dimension_count_swa": 12,
                                                                "attention.sliding_window": 100, "attention.sliding_window_pattern": [True, False, False], "attention.shared_kv_layers": 0},
                                      sandwich=True, qk_scale=0.4, q_norm=0.5),
        SHARDED: Case(qwen2(hidden_size=36, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=1, intermediate_size=44, tie_word_embeddings=False,
                            rope_parameters={"rope_type": "default", "rope_theta": 1e6}, **common), "qwen2", {}, folder_alone=True),
        "qwen3-yarn": Case(qwen3(hidden_size=28, num_hidden_layers=2, num_attention_heads=7, num_key_value_heads=1, head_dim=10, intermediate_size=36, tie_word_embeddings=False, rms_norm_eps=1e-5,
                                 rope_parameters=YARN | {"rope_theta": 1e6, "factor": 4.0}, **common), "qwen3", YARN_FACTS | {"rope.scaling.factor": 4.0}),
        # Scores scaled by something else than a head's width: Gemma 2 27B, Gemma 3 27B.
        "gemma2-scalar": Case(gemma2(hidden_size=28, num_hidden_layers=2, num_attention_heads=7, num_key_value_heads=7, head_dim=8, intermediate_size=20, sliding_window=33, query_pre_attn_scalar=11,
                                     attn_logit_softcapping=8.0, final_logit_softcapping=None, rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common),
                              "gemma2", {}, sandwich=True, one_added=True, qk_scale=0.4, folder_alone=True),
        "gemma3-scalar": Case(gemma3(hidden_size=20, num_hidden_layers=6, num_attention_heads=4, num_key_value_heads=2, head_dim=14, intermediate_size=22, sliding_window=65, query_pre_attn_scalar=19,
                                     rope_parameters={"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6}, "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}}, **common),
                              "gemma3", {}, sandwich=True, one_added=True, folder_alone=True),
        # Keys borrowed over most of the layers, no wider feed-forward, no cap.
        "gemma4-borrowed": Case(gemma4(hidden_size=20, num_hidden_layers=6, num_attention_heads=5, num_key_value_heads=1, head_dim=12, global_head_dim=24, intermediate_size=16, sliding_window=64,
                                       layer_types=["sliding_attention", "full_attention"] * 3, num_kv_shared_layers=4, use_double_wide_mlp=False, hidden_size_per_layer_input=6,
                                       vocab_size_per_layer_input=len(TOKENS), rope_parameters=GEMMA4_ROPE, **common),
                                "gemma4", GEMMA4_FACTS | {"attention.head_count_kv": [1] * 6, "feed_forward_length": [16] * 6, "attention.key_length": 24, "attention.value_length": 24,
                                                          "attention.key_length_swa": 12, "attention.value_length_swa": 12, "rope.dimension_count": 24, "rope.dimension_count_swa": 12,
                                                          "attention.sliding_window": 64, "attention.sliding_window_pattern": [True, False] * 3, "attention.shared_kv_layers": 4,
                                                          "embedding_length_per_layer_input": 6}, sandwich=True, qk_scale=0.4, q_norm=0.5),
        "olmo2-linear": Case(olmo2(hidden_size=42, num_hidden_layers=2, num_attention_heads=7, num_key_value_heads=1, intermediate_size=26, tie_word_embeddings=True, rms_norm_eps=1e-5,
                                   rope_parameters={"rope_type": "linear", "factor": 2.5, "rope_theta": 1e4}, **common),
                             "olmo2", {"rope.scaling.type": "linear", "rope.scaling.factor": 2.5}, sandwich=True),
        "olmo3-plain": Case(transformers.Olmo3Config(hidden_size=40, num_hidden_layers=4, num_attention_heads=5, num_key_value_heads=5, intermediate_size=24, tie_word_embeddings=False, sliding_window=100,
                                                     rope_parameters={kind: {"rope_type": "default", "rope_theta": 1e5} for kind in ("full_attention", "sliding_attention")}, **common),
                            "olmo2", {"attention.sliding_window": 100, "attention.sliding_window_pattern": [True, True, True, False]}, sandwich=True),
        "olmo3-global-first": Case(transformers.Olmo3Config(hidden_size=48, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2, intermediate_size=20, tie_word_embeddings=False, sliding_window=17,
                                                            layer_types=["full_attention", "sliding_attention", "full_attention"],
                                                            rope_parameters={"full_attention": YARN | {"rope_theta": 5e5, "factor": 4.0}, "sliding_attention": {"rope_type": "default", "rope_theta": 5e5}},
                                                            **common),
                                   "olmo2", YARN_FACTS | {"rope.scaling.factor": 4.0, "attention.sliding_window": 17, "attention.sliding_window_pattern": [False, True, False]}, sandwich=True),
        # Layers without positions where the configuration names them.
        "smollm3-named": Case(transformers.SmolLM3Config(hidden_size=48, num_hidden_layers=4, num_attention_heads=6, num_key_value_heads=2, intermediate_size=24, tie_word_embeddings=False,
                                                         no_rope_layers=[0, 1, 1, 0], rope_parameters={"rope_type": "default", "rope_theta": 1e5}, **common), "smollm3", {}, folder_alone=True),
        "smollm3-yarn": Case(transformers.SmolLM3Config(hidden_size=30, num_hidden_layers=8, num_attention_heads=5, num_key_value_heads=5, intermediate_size=18, tie_word_embeddings=True, attention_bias=True,
                                                        rope_parameters=YARN | {"rope_theta": 2e6}, **common), "smollm3", YARN_FACTS, permuted=True),
        "ministral3-grouped": Case(transformers.Ministral3Config(hidden_size=30, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2, head_dim=12, intermediate_size=28, tie_word_embeddings=True,
                                                                 rope_parameters=YARN | {"rope_theta": 1e5, "factor": 4.0, "mscale": 1.0, "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.1}, **common),
                                   "mistral3", YARN_FACTS | {"rope.scaling.factor": 4.0, "rope.scaling.yarn_log_multiplier": 1.0, "attention.temperature_scale": 0.1}, permuted=True),
        "ministral3-window": Case(transformers.Ministral3Config(hidden_size=35, num_hidden_layers=3, num_attention_heads=5, num_key_value_heads=5, head_dim=8, intermediate_size=24, tie_word_embeddings=False,
                                                                sliding_window=90, rope_parameters=YARN | {"rope_theta": 1e6, "mscale": 1.0, "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.5}, **common),
                                  "mistral3", YARN_FACTS | {"rope.scaling.yarn_log_multiplier": 1.0, "attention.temperature_scale": 0.5, "attention.sliding_window": 90}, permuted=True),
    }


def rope_factors(config: transformers.PretrainedConfig) -> np.ndarray:
    """The tensor that llama.cpp's converter writes for Llama 3: what every pair's frequency is divided by."""
    rope, dim = config.rope_parameters, config.hidden_size // config.num_attention_heads
    factors = []
    for pair in range(dim // 2):
        wave = 2 * math.pi * rope["rope_theta"] ** (2 * pair / dim)
        low, high = (rope["original_max_position_embeddings"] / rope[key] for key in ("low_freq_factor", "high_freq_factor"))
        smooth = (rope["original_max_position_embeddings"] / wave - rope["low_freq_factor"]) / (rope["high_freq_factor"] - rope["low_freq_factor"])
        factors.append(1.0 if wave < high else rope["factor"] if wave > low else 1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(factors, dtype=np.float32)


def text() -> bytes:
    rng = prose.Random(20261130)
    letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ    .,;"
    return bytes(letters[rng.next() % len(letters)] for _ in range(TEXT_BYTES))


def ids() -> list[int]:
    return [len(ADDED) + byte for byte in text()]


def weights(case: Case, model: torch.nn.Module, seed: int) -> dict[str, np.ndarray]:
    rng = prose.Random(seed)

    def normal(shape: tuple[int, ...], scale: float, mean: float = 0.0) -> np.ndarray:
        count = math.prod(shape)
        uniform = np.array([(rng.next() >> 40) for _ in range(count * 12)], dtype=np.float64).reshape(count, 12) / 2**24
        return ((uniform.sum(axis=1) - 6.0) * scale + mean).reshape(shape).astype(np.float32)

    out = {}
    for name, value in sorted(model.state_dict().items()):
        if name == "lm_head.weight" and case.config.tie_word_embeddings:
            continue
        shape = tuple(value.shape)
        if name.endswith("bias"):
            out[name] = normal(shape, 0.3)
        elif "norm" in name:
            mean = case.q_norm if "q_norm" in name else 1.0
            out[name] = normal(shape, 0.3, mean - (1.0 if case.one_added else 0.0))
        elif "layer_scalar" in name:
            out[name] = normal(shape, 0.1, 0.8)
        elif "embed_tokens" in name:
            out[name] = normal(shape, 1.0)
        elif "q_proj" in name or "k_proj" in name:
            out[name] = normal(shape, case.qk_scale)
        elif "down_proj" in name:
            out[name] = normal(shape, 0.1)
        elif "per_layer_input_gate" in name:
            out[name] = normal(shape, 0.02)  # else all of a row's gates close, and the norm behind them magnifies rounding
        else:
            out[name] = normal(shape, 0.2)
    return out


def gguf_name(name: str, case: Case) -> str:
    parts = name.split(".")
    if parts[1] != "layers":
        return {"embed_tokens": "token_embd", "norm": "output_norm", "lm_head": "output", "embed_tokens_per_layer": "per_layer_token_embd", "per_layer_model_projection": "per_layer_model_proj",
                "per_layer_projection_norm": "per_layer_proj_norm"}[parts[-2]] + ".weight"
    if parts[-1] == "layer_scalar":
        return f"blk.{parts[2]}.layer_output_scale.weight"
    names = {"q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output", "q_norm": "attn_q_norm", "k_norm": "attn_k_norm", "gate_proj": "ffn_gate", "up_proj": "ffn_up",
             "down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "post_attention_norm" if case.sandwich else "ffn_norm", "pre_feedforward_layernorm": "ffn_norm",
             "post_feedforward_layernorm": "post_ffw_norm", "per_layer_input_gate": "inp_gate", "per_layer_projection": "proj", "post_per_layer_input_norm": "post_norm"}
    return f"blk.{parts[2]}.{names[parts[-2]]}.{parts[-1]}"


def write(name: str, case: Case, tensors: dict[str, np.ndarray]) -> None:
    config, a = case.config, case.architecture
    path = FOLDER / f"{name}.gguf"
    writer = gguf.GGUFWriter(path, a)
    writer.add_name(f"Headwater tiny random {name}")
    writer.add_license("apache-2.0")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    if a != "gemma4":
        writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    if a != "gemma4":
        writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    rope = config.rope_parameters
    writer.add_rope_freq_base(float(rope.get("full_attention", rope)["rope_theta"]))
    if a not in ("qwen2", "olmo2", "smollm3", "gemma4"):
        writer.add_key_length(config.head_dim)
        writer.add_value_length(config.head_dim)
    for key, value in case.facts.items():
        key = f"{a}.{key}"
        if isinstance(value, str):
            writer.add_string(key, value)
        elif isinstance(value, list):
            writer.add_array(key, value)
        elif isinstance(value, float):
            writer.add_float32(key, value)
        else:
            writer.add_uint32(key, value)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(TOKENS)
    writer.add_token_types([gguf.TokenType.CONTROL] * len(ADDED) + [gguf.TokenType.NORMAL] * (len(TOKENS) - len(ADDED)))
    writer.add_token_merges([" ".join(byte_symbols()[:2])])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    if rope.get("rope_type") == "llama3":
        writer.add_tensor("rope_freqs.weight", rope_factors(config))
    if a == "gemma4":
        pairs = case.facts["attention.key_length"] // 2
        turning = int(rope["full_attention"]["partial_rotary_factor"] * 2 * pairs // 2)
        writer.add_tensor("rope_freqs.weight", np.array([1.0] * turning + [1e30] * (pairs - turning), dtype=np.float32))
    for key, value in tensors.items():
        if case.permuted and ("q_proj" in key or "k_proj" in key):
            value = permute(value, config.num_attention_heads if "q_proj" in key else config.num_key_value_heads)
        if case.one_added and "norm" in key:
            value = value + np.float32(1)
        writer.add_tensor(gguf_name(key, case), np.ascontiguousarray(value.astype(np.float16 if value.ndim == 2 else np.float32)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{path.name}: {path.stat().st_size} bytes")


def stored_types(name: str, tensors: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """Matrices in F16; in BF16 and F16 by turns where they are in shards."""
    matrices = [key for key, value in tensors.items() if value.ndim == 2]
    types = {key: torch.bfloat16 if name == SHARDED and number % 2 == 0 else torch.float16 for number, key in enumerate(matrices)}
    return {key: torch.from_numpy(value).to(types.get(key, torch.float32)) for key, value in tensors.items()}


def write_folder(folder: pathlib.Path, name: str, model: torch.nn.Module, stored: dict[str, torch.Tensor], whole: bool) -> None:
    with tempfile.TemporaryDirectory() as made:
        model.save_pretrained(made, state_dict=stored, max_shard_size="30KB" if name == SHARDED else "1GB")
        (folder / name).mkdir(parents=True, exist_ok=True)
        for path in sorted(pathlib.Path(made).iterdir()):
            if path.name == "config.json" or (whole and path.name.startswith("model")):
                shutil.copyfile(path, folder / name / path.name)
                print(f"{name}/{path.name}: {path.stat().st_size} bytes")


def write_defaults() -> None:
    """What the config classes take for granted, all of it spelled: defaults.json, {model_type: config}."""
    classes = ("Llama", "Mistral", "Qwen2", "Qwen3", "Gemma2", "Gemma3Text", "Gemma4Text", "Olmo2", "Olmo3", "SmolLM3", "Ministral3")
    configs = [getattr(transformers, f"{name}Config")().to_dict() for name in classes]
    unused = ("id2label", "label2id", "transformers_version")
    told = {config["model_type"]: {key: value for key, value in config.items() if key not in unused} for config in configs}
    (FOLDER / "defaults.json").write_text(json.dumps(told, indent=1, sort_keys=True) + "\n")


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--folders", type=pathlib.Path)
    arguments.add_argument("names", nargs="*")
    asked = arguments.parse_args()
    FOLDER.mkdir(exist_ok=True)
    if not asked.folders:
        save_npy(FOLDER / "ids.npy", np.array(ids(), dtype="<i4"))
        write_defaults()
    for number, (name, case) in enumerate(cases().items()):
        if asked.names and name not in asked.names:
            continue
        model = transformers.AutoModelForCausalLM.from_config(case.config, attn_implementation="eager").float().eval()
        tensors = weights(case, model, 1000 + number)
        stored = stored_types(name, tensors)
        tensors = {key: value.float().numpy() for key, value in stored.items()}
        if name in WHOLE:
            stored = {key: value.float() for key, value in stored.items()}
        missing = model.load_state_dict({key: torch.from_numpy(value) for key, value in tensors.items()}, strict=False)
        assert not missing.unexpected_keys and set(missing.missing_keys) <= {"lm_head.weight"}, missing
        model.tie_weights()
        write_folder(asked.folders or FOLDER, name, model, stored, asked.folders is not None or name in WHOLE or case.folder_alone)
        if asked.folders:
            continue
        if not case.folder_alone:
            write(name, case, tensors)
        with torch.inference_mode():
            result = model(torch.tensor([ids()]), output_attentions=True)
            double = model.double()(torch.tensor([ids()]), output_attentions=True)
        attention = np.stack([layer[0].float().numpy() for layer in result.attentions])
        exact = np.stack([layer[0].numpy() for layer in double.attentions])
        save_npy(FOLDER / f"{name}.p.npy", attention[:, :, ROWS].astype("<f4"))
        save_npy(FOLDER / f"{name}.logits.npy", result.logits[0, LOGIT_ROWS].float().numpy().astype("<f4"))
        print(f"{name}: float32 to float64: attention {np.abs(attention - exact).max():.1e}, logits {(result.logits - double.logits)[0, LOGIT_ROWS].abs().max().item():.1e} of {double.logits.abs().max().item():.1f}; "
              f"largest p of a row, mean {attention.max(-1)[:, :, 64:].mean():.2f}")


if __name__ == "__main__":
    main()
