# SPDX-License-Identifier: Apache-2.0
"""Top 50 log-probabilities of SmolLM2 (transformers, float32, eager) at the last 64 rows of five texts.

    python make_logits.py --model SmolLM2-135M-Instruct.Q4_1.gguf [--text NAME] [--float64]

Token ids are llama.cpp's for this file: transformers' conversion from GGUF forgets SmolLM2's digit splitting. No BOS, no chat template.
Writes logits-NAME.{ids,top_ids,top_logprobs}.npy. --float64 writes nothing and prints how far float32 is from float64.
"""
from __future__ import annotations

import argparse
import time

import numpy as np
import torch

import smollm2
from reference import DATA, TEXTS, Llama, check_model, save_npy

ROWS = 64
TOP = 50
NAMES = ["english-essay", "english-licence", "english-survey", "source-code", "multilingual"]


def last_logprobs(model: torch.nn.Module, ids: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        logits = model(torch.tensor([ids]), use_cache=False, logits_to_keep=ROWS).logits[0]
        return torch.log_softmax(logits, dim=-1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--text", choices=NAMES)
    parser.add_argument("--float64", action="store_true")
    args = parser.parse_args()
    path = check_model(args.model)
    torch.set_num_threads(2)
    llama = Llama(path)
    model = smollm2.load(path)
    double = smollm2.load(path, torch.float64) if args.float64 else None
    for name in [args.text] if args.text else NAMES:
        start = time.time()
        ids = llama.tokenize((TEXTS / f"{name}.txt").read_bytes())
        logprobs = last_logprobs(model, ids)
        top = torch.topk(logprobs, TOP, dim=-1)
        if double is not None:
            exact = last_logprobs(double, ids)
            difference = (torch.gather(exact, 1, top.indices) - top.values.double()).abs().max().item()
            same = (exact.argmax(-1) == logprobs.argmax(-1)).float().mean().item()
            gap = torch.topk(exact, 2, dim=-1).values
            print(f"{name}: float32 against float64: largest difference {difference:.2e}, arg-max equal {same:.4f}, least gap of the first two {(gap[:, 0] - gap[:, 1]).min().item():.2e}", flush=True)
            continue
        # llama.cpp quantises activations to 8 bits here, so it only has to be near.
        llama.llm.reset()
        llama.llm.eval(ids)
        other = torch.log_softmax(torch.tensor(llama.logits()), dim=-1)
        near = (other[top.indices[-1]] - top.values[-1]).abs()
        print(f"{name}: {len(ids)} tokens, {time.time() - start:.1f} s; last row against llama.cpp: median {near.median():.3f}, largest {near.max():.3f}", flush=True)
        save_npy(DATA / f"logits-{name}.ids.npy", np.array(ids, dtype="<i4"))
        save_npy(DATA / f"logits-{name}.top_ids.npy", top.indices.numpy().astype("<i4"))
        save_npy(DATA / f"logits-{name}.top_logprobs.npy", top.values.numpy().astype("<f4"))


if __name__ == "__main__":
    main()
