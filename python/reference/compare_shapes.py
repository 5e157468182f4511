# SPDX-License-Identifier: Apache-2.0
"""Headwater against transformers (float32, eager) on models of published shapes: true widths, heads, windows and scalings, few layers, random weights, 260 tokens.

    python compare_shapes.py [NAME...] [--headwater PROGRAM] [--tokens 1024]

Writes each model as GGUF (float32) to a temporary folder, runs `headwater run`, `row` and `logits` on a random text and compares sixteen rows of every head, and their logits. It ends with 1
where a probability differs by more than 1e-5 or a logit by more than 1e-4 of the largest. Largest file: 1.6 GB; memory about three times that.
"""
from __future__ import annotations

import argparse
import json
import pathlib
import tempfile

import numpy as np
import torch
import transformers

import make_architectures as tiny
import prose
from compare_rows import Headwater, rows_of
from make_architectures import Case
from reference import ROOT

FULL, SLIDING = "full_attention", "sliding_attention"


def cases() -> dict[str, Case]:
    common = {"vocab_size": len(tiny.TOKENS), "attn_implementation": "eager", "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    e2b = [SLIDING] * 4 + [FULL, SLIDING, FULL]  # one period and two layers that borrow
    return {
        "r1-distill-qwen-1.5b": Case(transformers.Qwen2Config(hidden_size=1536, num_hidden_layers=2, num_attention_heads=12, num_key_value_heads=2, intermediate_size=8960, tie_word_embeddings=False,
                                                              max_position_embeddings=131072, rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common), "qwen2", {}),
        "qwen3-0.6b": Case(transformers.Qwen3Config(hidden_size=1024, num_hidden_layers=2, num_attention_heads=16, num_key_value_heads=8, head_dim=128, intermediate_size=3072, tie_word_embeddings=True,
                                                    max_position_embeddings=40960, rope_parameters={"rope_type": "default", "rope_theta": 1e6}, **common), "qwen3", {}),
        "llama-3.2-1b": Case(transformers.LlamaConfig(hidden_size=2048, num_hidden_layers=2, num_attention_heads=32, num_key_value_heads=8, intermediate_size=8192, tie_word_embeddings=True, rms_norm_eps=1e-5,
                                                      max_position_embeddings=131072, rope_parameters=tiny.LLAMA3 | {"rope_theta": 5e5, "factor": 32.0, "original_max_position_embeddings": 8192}, **common),
                             "llama", {}, permuted=True),
        "gemma-2-2b": Case(transformers.Gemma2Config(hidden_size=2304, num_hidden_layers=2, num_attention_heads=8, num_key_value_heads=4, head_dim=256, intermediate_size=9216, sliding_window=512,
                                                     query_pre_attn_scalar=256, max_position_embeddings=8192, rope_parameters={"rope_type": "default", "rope_theta": 1e4}, **common),
                           "gemma2", {"attention.sliding_window": 512}, sandwich=True, one_added=True),
        "gemma-3-1b": Case(transformers.Gemma3TextConfig(hidden_size=1152, num_hidden_layers=6, num_attention_heads=4, num_key_value_heads=1, head_dim=256, intermediate_size=6912, sliding_window=512,
                                                         query_pre_attn_scalar=256, max_position_embeddings=32768,
                                                         rope_parameters={FULL: {"rope_type": "default", "rope_theta": 1e6}, SLIDING: {"rope_type": "default", "rope_theta": 1e4}}, **common),
                           "gemma3", {"attention.sliding_window": 512}, sandwich=True, one_added=True),
        "gemma-4-e2b": Case(transformers.Gemma4TextConfig(hidden_size=1536, num_hidden_layers=7, num_attention_heads=8, num_key_value_heads=1, head_dim=256, global_head_dim=512, intermediate_size=6144,
                                                          sliding_window=512, layer_types=e2b, num_kv_shared_layers=2, use_double_wide_mlp=True, hidden_size_per_layer_input=256,
                                                          vocab_size_per_layer_input=len(tiny.TOKENS), final_logit_softcapping=30.0, max_position_embeddings=131072, rope_parameters=tiny.GEMMA4_ROPE, **common),
                            "gemma4", tiny.GEMMA4_FACTS | {"attention.head_count_kv": [1] * 7, "feed_forward_length": [6144] * 5 + [12288] * 2, "attention.key_length": 512, "attention.value_length": 512,
                                                           "attention.key_length_swa": 256, "attention.value_length_swa": 256, "rope.dimension_count": 512, "rope.dimension_count_swa": 256,
                                                           "attention.sliding_window": 512, "attention.sliding_window_pattern": [kind == SLIDING for kind in e2b], "attention.shared_kv_layers": 2,
                                                           "embedding_length_per_layer_input": 256, "final_logit_softcapping": 30.0}, sandwich=True, q_norm=0.06),
        "olmo-2-1b": Case(transformers.Olmo2Config(hidden_size=2048, num_hidden_layers=2, num_attention_heads=16, num_key_value_heads=16, intermediate_size=8192, tie_word_embeddings=False, rms_norm_eps=1e-6,
                                                   max_position_embeddings=4096, rope_parameters={"rope_type": "default", "rope_theta": 5e5}, **common), "olmo2", {}, sandwich=True),
        "smollm3-3b": Case(transformers.SmolLM3Config(hidden_size=2048, num_hidden_layers=4, num_attention_heads=16, num_key_value_heads=4, intermediate_size=11008, tie_word_embeddings=True,
                                                      max_position_embeddings=65536, rope_parameters={"rope_type": "default", "rope_theta": 5e6}, **common), "smollm3", {}, permuted=True),
        "ministral-3-3b": Case(transformers.Ministral3Config(hidden_size=3072, num_hidden_layers=2, num_attention_heads=32, num_key_value_heads=8, head_dim=128, intermediate_size=9216, tie_word_embeddings=True,
                                                             max_position_embeddings=262144,
                                                             rope_parameters=tiny.YARN | {"rope_theta": 1e6, "factor": 16.0, "original_max_position_embeddings": 16384, "mscale": 1.0, "mscale_all_dim": 1.0,
                                                                                          "llama_4_scaling_beta": 0.1}, **common),
                               "mistral3", tiny.YARN_FACTS | {"rope.scaling.factor": 16.0, "rope.scaling.original_context_length": 16384, "rope.scaling.yarn_log_multiplier": 1.0,
                                                              "attention.temperature_scale": 0.1}, permuted=True),
    }


def weights(case: Case, model: torch.nn.Module) -> dict[str, np.ndarray]:
    """Normal numbers, projections such that what they give is about as large as what they read."""
    rng = np.random.default_rng(7)
    out = {}
    for name, value in model.state_dict().items():
        if name == "lm_head.weight" and case.config.tie_word_embeddings:
            continue
        shape = tuple(value.shape)
        if "norm" in name:
            mean, scale = (case.q_norm if "q_norm" in name else 1.0) - (1.0 if case.one_added else 0.0), 0.1
        elif "layer_scalar" in name:
            mean, scale = 0.9, 0.05
        elif name.endswith("bias"):
            mean, scale = 0.0, 0.2
        elif "embed_tokens" in name:
            mean, scale = 0.0, 0.02
        else:
            mean, scale = 0.0, 0.9 / shape[-1] ** 0.5
        out[name] = (rng.standard_normal(shape, dtype=np.float32) * np.float32(scale) + np.float32(mean)).astype(np.float32)
    return out


def compute_angles_in_float64(model: torch.nn.Module) -> None:
    """Replaces what computes frequencies, cos and sin; they are rounded to the model's type afterwards. transformers computes them in float32: 6e-5 off at position 1 000."""
    single, torch.float = torch.float, torch.float64  # the type that the functions of frequencies name
    try:
        exact = type(model.model.rotary_emb)(model.config)
    finally:
        torch.float = single

    def forward(x: torch.Tensor, position_ids: torch.Tensor, layer_type: str | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        prefix = f"{layer_type}_" if layer_type else ""
        frequencies = getattr(exact, prefix + "inv_freq")
        assert frequencies.dtype == torch.float64
        angles = position_ids[..., None].double() * frequencies
        angles = torch.cat((angles, angles), dim=-1)
        scaling = getattr(exact, prefix + "attention_scaling")
        return (angles.cos() * scaling).to(x.dtype), (angles.sin() * scaling).to(x.dtype)

    model.model.rotary_emb.forward = forward


def reference(model: torch.nn.Module, ids: list[int], rows: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities [rows, layers, heads, tokens] and logits [rows, vocabulary]."""
    kept: list[np.ndarray] = []
    hooks = [layer.self_attn.register_forward_hook(lambda _module, _inputs, output: kept.append(output[1][0][:, rows].float().numpy().copy())) for layer in model.model.layers]
    with torch.inference_mode():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0, rows].float().numpy()
    for hook in hooks:
        hook.remove()
    return np.stack(kept).transpose(2, 0, 1, 3), logits


def compare(name: str, case: Case, program: str, tokens: int) -> bool:
    model = transformers.AutoModelForCausalLM.from_config(case.config, attn_implementation="eager").float().eval()
    tensors = weights(case, model)
    model.load_state_dict({key: torch.from_numpy(value) for key, value in tensors.items()}, strict=False)
    model.tie_weights()
    letters = b"abcdefghijklmnopqrstuvwxyz    .,;"
    rng = prose.Random(11)
    text = bytes(letters[rng.below(len(letters))] for _ in range(tokens))
    ids = [len(tiny.ADDED) + byte for byte in text]
    rows = rows_of(tokens)
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        tiny.FOLDER = at
        tiny.write(name, case, tensors)
        del tensors
        headwater = Headwater(program, str(at / f"{name}.gguf"), at)
        headwater.trace(text, tokens)
        p = headwater.rows(tokens, rows)
        (at / "ids.json").write_text(json.dumps(ids))
        headwater.ask("logits", "--model", headwater.model, "--ids", "ids.json", "--rows", ",".join(map(str, rows)), "--out", "logits.npy", "--json")
        logits = np.load(at / "logits.npy")
    as_it_is = reference(model, ids, rows)
    compute_angles_in_float64(model)
    expected = reference(model, ids, rows)
    double = reference(model.double(), ids, rows)
    p = p.reshape(expected[0].shape)
    size = np.abs(expected[1]).max()

    def off(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
        return float(np.abs(one[0] - other[0]).max()), float(np.abs(one[1] - other[1]).max())

    print(f"{name}, {len(expected[0][0])} layers, {tokens} tokens; largest p of a row, mean {expected[0].max(-1).mean():.2f}; largest logit {size:.1f}")
    for what, pair in {"to transformers with exact angles": off((p, logits), expected), "to transformers as it is": off((p, logits), as_it_is), "to float64": off((p, logits), double),
                       "transformers as it is to float64": off(as_it_is, double), "transformers with exact angles to float64": off(expected, double)}.items():
        print(f"  {what}: a probability differs by at most {pair[0]:.1e}, a logit by {pair[1]:.1e}", flush=True)
    of_p, of_logits = off((p, logits), expected)
    return of_p <= 1e-5 and of_logits <= 1e-4 * max(1.0, size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--headwater", default=str(ROOT / "build" / "release" / "bin" / "headwater"))
    parser.add_argument("--tokens", type=int, default=1024)
    args = parser.parse_args()
    torch.set_num_threads(2)
    held = [compare(name, case, args.headwater, args.tokens) for name, case in cases().items() if not args.names or name in args.names]
    if not all(held):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
