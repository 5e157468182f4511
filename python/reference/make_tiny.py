# SPDX-License-Identifier: Apache-2.0
"""A tiny random llama-type model: as GGUF (what llama.cpp's converter would write) and as a transformers model.

    python make_tiny.py

Writes tiny-llama-f32.gguf: hidden 64, 3 layers, 4 query heads on 2 key heads of 16, feed-forward 128, 300 tokens (3 added tokens,
256 bytes, 41 merges), F32, an output matrix of its own. Weights come from SplitMix64, so they are equal on every platform. The query and key
matrices are wide enough that attention is far from uniform. Then it checks with llama.cpp that the file gives torch's logits.
"""
from __future__ import annotations

import math

import gguf
import numpy as np
import torch
import transformers

import prose
from reference import DATA, Llama, byte_symbols
from smollm2 import permute

PATH = DATA / "tiny-llama-f32.gguf"
HIDDEN, LAYERS, HEADS, KV_HEADS, HEAD_DIM, FFN, VOCAB, CONTEXT = 64, 3, 4, 2, 16, 128, 300, 2048
THETA, EPS = 10000.0, 1e-5
ADDED = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def vocabulary() -> tuple[list[str], list[str]]:
    """Tokens and merges. The merges are learned from the essay's words by plain byte-pair counting."""
    from reference import TEXTS

    symbols = byte_symbols()
    words: dict[tuple[str, ...], int] = {}
    for word in (TEXTS / "english-essay.txt").read_text(encoding="utf-8").replace("\n", " ").split(" "):
        pieces = tuple(symbols[byte] for byte in (" " + "".join(c for c in word if c.isalpha())).encode())
        words[pieces] = words.get(pieces, 0) + 1
    tokens, merges = ADDED + symbols, []
    while len(tokens) < VOCAB:
        counts: dict[tuple[str, str], int] = {}
        for pieces, count in words.items():
            for pair in zip(pieces, pieces[1:]):
                counts[pair] = counts.get(pair, 0) + count
        best = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(" ".join(best))
        tokens.append("".join(best))
        merged: dict[tuple[str, ...], int] = {}
        for pieces, count in words.items():
            out, i = [], 0
            while i < len(pieces):
                if pieces[i : i + 2] == best:
                    out.append("".join(best))
                    i += 2
                else:
                    out.append(pieces[i])
                    i += 1
            merged[tuple(out)] = merged.get(tuple(out), 0) + count
        words = merged
    return tokens, merges


def weights(seed: int = 20261124) -> dict[str, np.ndarray]:
    """Weights under Hugging Face's names and in its order of rows."""
    rng = prose.Random(seed)

    def normal(*shape: int, scale: float, mean: float = 0.0) -> np.ndarray:
        count = math.prod(shape)
        # A sum of twelve uniforms: near normal, and exact everywhere (no logarithm, no cosine).
        uniform = np.array([(rng.next() >> 40) for _ in range(count * 12)], dtype=np.float64).reshape(count, 12) / 2**24
        return ((uniform.sum(axis=1) - 6.0) * scale + mean).reshape(shape).astype(np.float32)

    out = {"model.embed_tokens.weight": normal(VOCAB, HIDDEN, scale=1.0), "model.norm.weight": normal(HIDDEN, scale=0.1, mean=1.0), "lm_head.weight": normal(VOCAB, HIDDEN, scale=0.3)}
    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        out[at + "self_attn.q_proj.weight"] = normal(HEADS * HEAD_DIM, HIDDEN, scale=0.2)
        out[at + "self_attn.k_proj.weight"] = normal(KV_HEADS * HEAD_DIM, HIDDEN, scale=0.2)
        out[at + "self_attn.v_proj.weight"] = normal(KV_HEADS * HEAD_DIM, HIDDEN, scale=0.15)
        out[at + "self_attn.o_proj.weight"] = normal(HIDDEN, HEADS * HEAD_DIM, scale=0.15)
        out[at + "mlp.gate_proj.weight"] = normal(FFN, HIDDEN, scale=0.15)
        out[at + "mlp.up_proj.weight"] = normal(FFN, HIDDEN, scale=0.15)
        out[at + "mlp.down_proj.weight"] = normal(HIDDEN, FFN, scale=0.1)
        out[at + "input_layernorm.weight"] = normal(HIDDEN, scale=0.1, mean=1.0)
        out[at + "post_attention_layernorm.weight"] = normal(HIDDEN, scale=0.1, mean=1.0)
    return out


def load() -> torch.nn.Module:
    config = transformers.LlamaConfig(
        hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=HEADS, num_key_value_heads=KV_HEADS, head_dim=HEAD_DIM, intermediate_size=FFN, vocab_size=VOCAB,
        max_position_embeddings=CONTEXT, rms_norm_eps=EPS, rope_parameters={"rope_type": "default", "rope_theta": THETA}, tie_word_embeddings=False, attn_implementation="eager",
    )
    model = transformers.LlamaForCausalLM(config)
    missing = model.load_state_dict({key: torch.from_numpy(value) for key, value in weights().items()}, strict=True)
    assert not missing.missing_keys and not missing.unexpected_keys
    return model.float().eval()


def write() -> None:
    names = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
             "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}
    tokens, merges = vocabulary()
    writer = gguf.GGUFWriter(PATH, "llama")
    writer.add_type("model")
    writer.add_name("Headwater tiny random llama")
    writer.add_license("apache-2.0")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FFN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(THETA)
    writer.add_rope_dimension_count(HEAD_DIM)
    writer.add_layer_norm_rms_eps(EPS)
    writer.add_vocab_size(VOCAB)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL] * len(ADDED) + [gguf.TokenType.NORMAL] * (VOCAB - len(ADDED)))
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    for key, value in weights().items():
        part = key.split(".")
        if part[1] == "layers":
            name = f"blk.{part[2]}.{names['.'.join(part[3:-1])]}.weight"
            if part[-2] == "q_proj":
                value = permute(value, HEADS)
            elif part[-2] == "k_proj":
                value = permute(value, KV_HEADS)
        else:
            name = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}[key]
        writer.add_tensor(name, np.ascontiguousarray(value))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(f"{PATH.name}: {PATH.stat().st_size} bytes")


def verify() -> None:
    """Torch and llama.cpp must agree on the logits of every row."""
    import llama_cpp

    text = prose.paragraphs(prose.Random(7), prose.sentences(prose.Random(7), 12))
    llama = Llama(str(PATH), n_ctx=512, logits_all=True, flash_attn=False, type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32)
    ids = llama.tokenize(text)[:256]
    llama.llm.eval(ids)
    other = torch.log_softmax(torch.tensor(llama.llm.scores[: len(ids)]), dim=-1)
    with torch.inference_mode():
        own = torch.log_softmax(load()(torch.tensor([ids])).logits[0], dim=-1)
    difference = (own - other).abs().max().item()
    print(f"tiny: {len(ids)} rows, log-probabilities of torch against llama.cpp: largest difference {difference:.2e}, arg-max equal {(own.argmax(-1) == other.argmax(-1)).float().mean():.4f}")
    assert difference < 5e-3, difference


if __name__ == "__main__":
    write()
    verify()
