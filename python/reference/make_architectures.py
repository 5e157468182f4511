# SPDX-License-Identifier: Apache-2.0
"""Tiny random models of every architecture: as GGUF with the names, row order and norms of llama.cpp's converter, and what transformers (float32, eager) computes of them.

    python make_architectures.py [NAME...]

Writes tests/data/reference/architectures/: ids.npy (the tokens of one text, without the added tokens), and of every model NAME.gguf, NAME.p.npy
(attention, [layers, heads, ROWS, tokens]) and NAME.logits.npy ([LOGIT_ROWS, vocabulary]). All weights, norms and biases too, come from SplitMix64; shapes are odd on purpose:
head counts that are no power of two, heads that are not width / heads, windows shorter than the text, texts longer than the original context.
"""
from __future__ import annotations

import dataclasses
import math
import sys
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


@dataclasses.dataclass
class Case:
    config: transformers.PretrainedConfig
    architecture: str  # general.architecture
    facts: dict[str, typing.Any]  # the keys that are this architecture's own
    permuted: bool = False  # rows of q and k for neighbouring pairs
    sandwich: bool = False  # post_attention_layernorm is of attention's output
    one_added: bool = False  # norms are stored without their 1
    qk_scale: float = 0.25


def cases() -> dict[str, Case]:
    common = {"vocab_size": len(TOKENS), "max_position_embeddings": 512, "attn_implementation": "eager", "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    qwen2 = transformers.Qwen2Config
    qwen3 = transformers.Qwen3Config
    return {
        "qwen2-tied": Case(qwen2(hidden_size=40, num_hidden_layers=3, num_attention_heads=5, num_key_value_heads=1, intermediate_size=56, tie_word_embeddings=True,
                                 rope_parameters={"rope_type": "default", "rope_theta": 1e6}, **common), "qwen2", {}),
        "qwen2-untied": Case(qwen2(hidden_size=36, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=3, intermediate_size=40, tie_word_embeddings=False, rms_norm_eps=1e-5,
                                   rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common), "qwen2", {}),
        "qwen3": Case(qwen3(hidden_size=32, num_hidden_layers=3, num_attention_heads=5, num_key_value_heads=5, head_dim=12, intermediate_size=40, tie_word_embeddings=True,
                            rope_parameters={"rope_type": "default", "rope_theta": 1e6}, **common), "qwen3", {}),
        "qwen3-grouped": Case(qwen3(hidden_size=36, num_hidden_layers=2, num_attention_heads=6, num_key_value_heads=2, head_dim=16, intermediate_size=48, tie_word_embeddings=False,
                                    rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common), "qwen3", {}),
    }


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
            mean = 2.0 if "q_norm" in name else 1.0
            out[name] = normal(shape, 0.3, mean - (1.0 if case.one_added else 0.0))
        elif "embed_tokens" in name:
            out[name] = normal(shape, 1.0)
        elif "q_proj" in name or "k_proj" in name:
            out[name] = normal(shape, case.qk_scale)
        elif "down_proj" in name:
            out[name] = normal(shape, 0.1)
        else:
            out[name] = normal(shape, 0.2)
    return out


def gguf_name(name: str, case: Case) -> str:
    parts = name.split(".")
    if parts[1] != "layers":
        return {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}[name]
    names = {"q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output", "q_norm": "attn_q_norm", "k_norm": "attn_k_norm", "gate_proj": "ffn_gate", "up_proj": "ffn_up",
             "down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "post_attention_norm" if case.sandwich else "ffn_norm", "pre_feedforward_layernorm": "ffn_norm",
             "post_feedforward_layernorm": "post_ffw_norm"}
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
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    rope = config.rope_parameters
    writer.add_rope_freq_base(float(rope.get("full_attention", rope)["rope_theta"]))
    head_dim = getattr(config, "head_dim", None)
    if a not in ("qwen2", "olmo2", "smollm3"):
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
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
    for key, value in tensors.items():
        if case.permuted and ("q_proj" in key or "k_proj" in key):
            value = permute(value, config.num_attention_heads if "q_proj" in key else config.num_key_value_heads)
        if case.one_added and "norm" in key:
            value = value + np.float32(1)
        writer.add_tensor(gguf_name(key, case), np.ascontiguousarray(value))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{path.name}: {path.stat().st_size} bytes")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    save_npy(FOLDER / "ids.npy", np.array(ids(), dtype="<i4"))
    for number, (name, case) in enumerate(cases().items()):
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        model = transformers.AutoModelForCausalLM.from_config(case.config, attn_implementation="eager").float().eval()
        tensors = weights(case, model, 1000 + number)
        missing = model.load_state_dict({key: torch.from_numpy(value) for key, value in tensors.items()}, strict=False)
        assert not missing.unexpected_keys and set(missing.missing_keys) <= {"lm_head.weight"}, missing
        model.tie_weights()
        write(name, case, tensors)
        with torch.inference_mode():
            result = model(torch.tensor([ids()]), output_attentions=True)
            double = model.double()(torch.tensor([ids()]), output_attentions=True)
        attention = np.stack([layer[0].float().numpy() for layer in result.attentions])
        exact = np.stack([layer[0].numpy() for layer in double.attentions])
        save_npy(FOLDER / f"{name}.p.npy", attention[:, :, ROWS].astype("<f4"))
        save_npy(FOLDER / f"{name}.logits.npy", result.logits[0, LOGIT_ROWS].float().numpy().astype("<f4"))
        print(f"{name}: float32 to float64: attention {np.abs(attention - exact).max():.1e}, logits {(result.logits - double.logits).abs().max().item():.1e} of {double.logits.abs().max().item():.1f}; "
              f"largest p of a row, mean {attention.max(-1)[:, :, 64:].mean():.2f}")


if __name__ == "__main__":
    main()
