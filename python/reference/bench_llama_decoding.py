# SPDX-License-Identifier: Apache-2.0
"""Decodes tokens with llama.cpp in step with Headwater: the peer of bench/decoding.py, which starts both.

    python bench_llama_decoding.py --model FILE --ids FILE --room N [--threads 2] [--flash 1]

Reads the ids, says "ready", then decodes as many tokens as each line of its input says, taking the likeliest, and prints the seconds that
each took. KV cache f16, as Headwater's.
"""
from __future__ import annotations

import argparse
import sys
import time

import llama_cpp
import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--ids", required=True)
    parser.add_argument("--room", type=int, required=True, help="tokens that are decoded at most")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--flash", type=int, choices=(0, 1), default=1)
    args = parser.parse_args()
    with open(args.ids, encoding="ascii") as file:
        ids = [int(word) for word in file.read().split()]
    llm = llama_cpp.Llama(args.model, n_ctx=-(-(len(ids) + args.room) // 256) * 256, n_batch=2048, n_ubatch=512, n_threads=args.threads,
                          n_threads_batch=args.threads, flash_attn=bool(args.flash), swa_full=False, verbose=False)
    llm.eval(ids)
    context = llm._ctx.ctx
    batch = llama_cpp.llama_batch_init(1, 0, 1)
    batch.n_tokens, batch.n_seq_id[0], batch.seq_id[0][0], batch.logits[0] = 1, 1, 0, 1
    position, token = len(ids), ids[-1]
    print("ready", flush=True)
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            started = time.perf_counter()
            batch.token[0], batch.pos[0] = token, position
            status = llama_cpp.llama_decode(context, batch)
            if status != 0:
                raise SystemExit(f"llama_decode: {status}")
            llama_cpp.llama_synchronize(context)
            token = int(np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, -1), shape=(llm.n_vocab(),)).argmax())
            position += 1
            seconds.append(time.perf_counter() - started)
        print(" ".join(f"{value:.7f}" for value in seconds), flush=True)


if __name__ == "__main__":
    main()
