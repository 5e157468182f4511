#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# transformers 5.23.0 computes a Llama in float64 (dtype=torch.float64, the obvious reference) with rotary angles in float32: position
# times frequency is rounded to half a step of the angle before cos and sin are cast to float64. Rotary attention depends on distances
# alone, so the same 64 tokens must read each other alike wherever they stand; they do not, and float64 is as far off as float32.
# Seen for 64 tokens that end at position T, of a head with a mean largest probability of 0.75 (random weights), float32 = float64:
#     T        angle     largest change of an attention probability against T = 64 (with angles in float64: below 1e-6)
#     2 048    7.2e-5    4.1e-5
#     8 192    3.0e-4    2.1e-4
#     32 768   1.2e-3    1.4e-3
# For us: angles are exact to double at any position (core/backend/cpu/rope.h), and python/reference/compare_rows.py gives transformers
# such angles before it compares rows within 1e-5.
# Needs about 6 GB, because of torch.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q transformers==5.23.0 torch==2.15.0 numpy==2.4.6
"$folder/venv/bin/python" - <<'P'
import torch
import transformers

TOKENS, DIM, THETA = 64, 64, 10000.0
torch.manual_seed(1)
torch.set_num_threads(1)
config = transformers.LlamaConfig(
    vocab_size=256, hidden_size=DIM, intermediate_size=64, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1,
    head_dim=DIM, max_position_embeddings=131072, initializer_range=0.3, attn_implementation="eager",
    rope_parameters={"rope_type": "default", "rope_theta": THETA})
weights = transformers.LlamaForCausalLM(config).state_dict()
ids = torch.randint(0, 256, (1, TOKENS))


def angles(positions):
    """[1, tokens, DIM], float64."""
    frequencies = THETA ** -(torch.arange(0, DIM, 2, dtype=torch.float64) / DIM)
    return (positions[..., None].double() * frequencies).repeat(1, 1, 2)


def attention(model, end):
    """[query, key] of the tokens that end before a position."""
    with torch.no_grad():
        positions = torch.arange(end - TOKENS, end)[None]
        return model(ids, position_ids=positions, output_attentions=True).attentions[0][0, 0].double()


def furthest(model, end):
    """Radians between an angle of the model and the right one; and how far a probability is from the one at the start."""
    positions = torch.arange(end - TOKENS, end)[None]
    cosine, sine = model.model.rotary_emb(torch.zeros(1, dtype=torch.float64), positions)
    turned = torch.atan2(sine, cosine) - angles(positions)
    turned = torch.remainder(turned + torch.pi, 2 * torch.pi) - torch.pi
    return turned.abs().max().item(), (attention(model, end) - attention(model, TOKENS)).abs().max().item()


models = {}
for name in ("float32", "float64", "float64, angles too"):
    models[name] = transformers.LlamaForCausalLM(config).to(getattr(torch, name[:7])).eval()
    models[name].load_state_dict(weights)
models["float64, angles too"].model.rotary_emb.forward = lambda x, position_ids: (
    angles(position_ids).cos(), angles(position_ids).sin())
found = {(name, end): furthest(model, end) for name, model in models.items() for end in (2048, 8192, 32768)}
print(f"transformers {transformers.__version__}, torch {torch.__version__}: largest probabilities are "
      f"{attention(models['float64'], TOKENS).amax(-1).mean():.2f} on average")
for (name, end), (angle, probability) in found.items():
    print(f"{name:20} T {end:6}  angle {angle:.1e}  probability {probability:.1e}")
for end, least in ((2048, 2e-5), (8192, 1e-4), (32768, 5e-4)):
    assert found["float64", end][0] > least and found["float64", end][1] > least, "float64 turns in float64 now"
    assert found["float64", end][1] > 0.5 * found["float32", end][1], "float64 is nearer than float32 now"
    assert found["float64, angles too", end][1] < 1e-6, "something else moves the probabilities"
P
