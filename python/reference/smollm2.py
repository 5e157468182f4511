# SPDX-License-Identifier: Apache-2.0
"""SmolLM2 in transformers: float32, eager attention, weights dequantised from the GGUF that Headwater reads."""
from __future__ import annotations

import pathlib

import gguf
import numpy as np
import torch
import transformers


def load(path: str, dtype: torch.dtype = torch.float32) -> torch.nn.Module:
    file = pathlib.Path(path)
    model = transformers.AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32, attn_implementation="eager")
    model = model.to(dtype).eval()
    check(model, path)
    return model


def compute_angles_in_float64(model: torch.nn.Module) -> None:
    """Replaces what computes cos and sin; they are rounded to the model's type afterwards."""
    config, rotary = model.config, model.model.rotary_emb
    assert rotary.rope_type == "default" and rotary.attention_scaling == 1
    dim = config.hidden_size // config.num_attention_heads
    frequencies = config.rope_parameters["rope_theta"] ** -(torch.arange(0, dim, 2, dtype=torch.float64) / dim)

    def forward(x: torch.Tensor, position_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        angles = position_ids[..., None].double() * frequencies
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos().to(x.dtype), angles.sin().to(x.dtype)

    rotary.forward = forward


def check(model: torch.nn.Module, path: str) -> None:
    """The weights must be gguf-py's dequantisation, q and k rows put back into the order of Hugging Face."""
    config = model.config
    heads = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    names = {"attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
             "ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
    state = {key: value.detach().float().numpy() for key, value in model.state_dict().items()}
    seen = 0
    for tensor in gguf.GGUFReader(path).tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        part = tensor.name.split(".")
        if part[0] == "blk":
            if part[2] in heads:
                values = unpermute(values, heads[part[2]])
            key = f"model.layers.{part[1]}.{names[part[2]]}.weight"
        else:
            key = {"token_embd": "model.embed_tokens.weight", "output_norm": "model.norm.weight", "output": "lm_head.weight"}[part[0]]
        assert values.shape == state[key].shape, (tensor.name, values.shape, state[key].shape)
        assert np.array_equal(values, state[key]), tensor.name
        seen += 1
    print(f"weights: {seen} tensors equal gguf-py's dequantisation bit for bit")


def unpermute(weights: np.ndarray, heads: int) -> np.ndarray:
    """GGUF's interleaved pairs (2i, 2i + 1) back to halves (i, i + d/2), as Hugging Face rotates them."""
    rows = weights.shape[0]
    return weights.reshape(heads, rows // heads // 2, 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def permute(weights: np.ndarray, heads: int) -> np.ndarray:
    """What llama.cpp's converter does to q and k: halves to interleaved pairs."""
    rows = weights.shape[0]
    return weights.reshape(heads, 2, rows // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)
