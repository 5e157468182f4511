# SPDX-License-Identifier: Apache-2.0
"""Gemma 3 270M in transformers: float32, eager attention, weights dequantised from the GGUF that Headwater reads.

Its GGUF leaves out the pattern (every sixth layer is global), the local rotary base (10 000) and query_pre_attn_scalar (the head's size); norms hold the 1 that
transformers adds.
"""
from __future__ import annotations

import gguf
import numpy as np
import torch
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
NAMES = {"attn_norm": "input_layernorm", "post_attention_norm": "post_attention_layernorm", "ffn_norm": "pre_feedforward_layernorm", "post_ffw_norm": "post_feedforward_layernorm",
         "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "attn_q_norm": "self_attn.q_norm",
         "attn_k_norm": "self_attn.k_norm", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
BASES = {"full_attention": 1e6, "sliding_attention": 1e4}


def load(path: str, dtype: torch.dtype = torch.float32) -> torch.nn.Module:
    layers, head = 18, 256
    config = Gemma3TextConfig(
        vocab_size=262_144, hidden_size=640, intermediate_size=2_048, num_hidden_layers=layers, num_attention_heads=4, num_key_value_heads=1, head_dim=head, max_position_embeddings=32_768,
        rms_norm_eps=1e-6, sliding_window=512, query_pre_attn_scalar=head, rope_parameters={kind: {"rope_type": "default", "rope_theta": base} for kind, base in BASES.items()},
        layer_types=["full_attention" if (i + 1) % 6 == 0 else "sliding_attention" for i in range(layers)], attn_implementation="eager", tie_word_embeddings=True)
    model = Gemma3ForCausalLM(config).float().eval()
    state = model.state_dict()
    tensors = gguf.GGUFReader(path).tensors
    with torch.no_grad():
        for tensor in tensors:
            values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            part = tensor.name.split(".")
            key = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}.get(part[0]) or f"model.layers.{part[1]}.{NAMES[part[2]]}"
            if part[-2].endswith("norm"):
                values = values - 1
            assert state[f"{key}.weight"].shape == values.shape, (tensor.name, values.shape)
            state[f"{key}.weight"].copy_(torch.from_numpy(values.copy()))
    print(f"weights: {len(tensors)} tensors, dequantised by gguf-py")
    return model.to(dtype)


def compute_angles_in_float64(model: torch.nn.Module) -> None:
    """Replaces what computes cos and sin; they are rounded to the model's type afterwards."""
    dim = model.config.head_dim

    def forward(x: torch.Tensor, position_ids: torch.Tensor, layer_type: str) -> tuple[torch.Tensor, torch.Tensor]:
        frequencies = BASES[layer_type] ** -(torch.arange(0, dim, 2, dtype=torch.float64) / dim)
        angles = position_ids[..., None].double() * frequencies
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos().to(x.dtype), angles.sin().to(x.dtype)

    model.model.rotary_emb.forward = forward
