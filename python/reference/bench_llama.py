# SPDX-License-Identifier: Apache-2.0
"""Prefill speed of llama.cpp, one JSON object on stdout: the peer of bench/.

    python bench_llama.py --model FILE (--ids FILE.npy | --prompt FILE [--chat]) [--tokens N] [--reps 3] [--threads 2] [--flash 1] [--swa-full 0]

Flash attention on, n_batch 2048, n_ubatch 512, KV cache f16, logits of the last token alone, no maps. Loading and tokenizing are not in
the times. --reps 1 run by run in turn with Headwater's own gives interleaved pairs; --warm-up adds one batch that is not counted.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import resource
import statistics
import time

import llama_cpp
import numpy as np

from reference import CHAT_HEAD, CHAT_TAIL, Llama


def prefill(llm: llama_cpp.Llama, ids: np.ndarray, n_batch: int) -> int:
    """Reads all ids, asks for the last logits only, and returns the arg-max."""
    context = llm._ctx.ctx
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
    batch = llama_cpp.llama_batch_init(n_batch, 0, 1)
    try:
        for start in range(0, len(ids), n_batch):
            part = ids[start : start + n_batch]
            batch.n_tokens = len(part)
            for i, token in enumerate(part):
                batch.token[i] = int(token)
                batch.pos[i] = start + i
                batch.n_seq_id[i] = 1
                batch.seq_id[i][0] = 0
                batch.logits[i] = start + i + 1 == len(ids)
            status = llama_cpp.llama_decode(context, batch)
            if status != 0:
                raise SystemExit(f"llama_decode: {status}")
        llama_cpp.llama_synchronize(context)
        logits = np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, -1), shape=(llm.n_vocab(),))
        return int(logits.argmax())
    finally:
        llama_cpp.llama_batch_free(batch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--ids", help=".npy with int32 token ids, or text with ids between spaces or commas")
    source.add_argument("--prompt", help="text file; --chat puts it into SmolLM2's chat template")
    parser.add_argument("--chat", action="store_true")
    parser.add_argument("--tokens", type=int, help="read just the first N")
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--warm-up", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=2048)
    parser.add_argument("--ubatch", type=int, default=512)
    parser.add_argument("--flash", type=int, choices=(0, 1), default=1)
    parser.add_argument("--swa-full", type=int, choices=(0, 1), default=0)
    args = parser.parse_args()

    if args.ids and args.ids.endswith(".npy"):
        ids = np.load(args.ids).ravel().astype(np.int32)
    elif args.ids:
        with open(args.ids, encoding="ascii") as file:
            ids = np.array(file.read().replace(",", " ").replace("[", " ").replace("]", " ").split(), dtype=np.int32)
    else:
        with open(args.prompt, "rb") as file:
            text = file.read()
        if args.chat:
            text = CHAT_HEAD.encode() + text + CHAT_TAIL.encode()
        ids = np.array(Llama(args.model, vocab_only=True).tokenize(text), dtype=np.int32)
    if args.tokens:
        if len(ids) < args.tokens:
            raise SystemExit(f"{len(ids)} tokens, {args.tokens} wanted")
        ids = ids[: args.tokens]

    started = time.perf_counter()
    llm = llama_cpp.Llama(args.model, n_ctx=-(-len(ids) // 256) * 256, n_batch=args.batch, n_ubatch=args.ubatch, n_threads=args.threads, n_threads_batch=args.threads,
                          flash_attn=bool(args.flash), swa_full=bool(args.swa_full), verbose=False)
    loaded = time.perf_counter() - started
    if args.warm_up:
        prefill(llm, ids[: args.ubatch], args.batch)
    seconds, best = [], -1
    for _ in range(args.reps):
        started = time.perf_counter()
        best = prefill(llm, ids, args.batch)
        seconds.append(time.perf_counter() - started)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "program": "llama.cpp", "llama_cpp_python": llama_cpp.__version__, "system": llama_cpp.llama_print_system_info().decode().strip(), "tokens": len(ids),
        "ids_sha256": hashlib.sha256(ids.astype("<i4").tobytes()).hexdigest(), "threads": args.threads, "n_batch": args.batch, "n_ubatch": args.ubatch, "flash": bool(args.flash), "swa_full": bool(args.swa_full),
        "reps": args.reps, "load_seconds": round(loaded, 3), "seconds": [round(value, 4) for value in seconds], "tokens_per_second_best": round(len(ids) / min(seconds), 1),
        "tokens_per_second_median": round(len(ids) / statistics.median(seconds), 1), "next_id": best, "next_text": llm.detokenize([best]).decode(errors="replace"), "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_rss_bytes": usage.ru_maxrss * 1024,
    }))


if __name__ == "__main__":
    main()
