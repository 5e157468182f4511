#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a run of SmolLM2 holds at most, with and without generation, beside its estimate and the cache.

The goal: with generation at most the cache, and a tenth of it, beyond the run without. Prints a line a length. The longest
of the default lengths takes some twelve minutes on two cores.

    python3 bench/memory.py --headwater build/release/bin/headwater [--model smollm2-135m] [--tokens 33807 133797]
"""
import argparse
import pathlib
import tempfile

from prefill import exact_prompt, run_json

CACHE = 30 * 2 * 192 * 2  # bytes a token: layers, keys and values, their width, binary16
GENERATED = 4


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headwater", required=True)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--tokens", type=int, nargs="+", default=[33807, 133797])
    parser.add_argument("--select", default="tree", choices=("exact", "tree"))
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for tokens in arguments.tokens:
            prompt, _ = exact_prompt(arguments, folder, tokens)
            held, said = {}, {}
            for generate in (GENERATED, 0):
                report = run_json([arguments.headwater, "run", "--model", arguments.model, "--prompt", prompt, "--chat", "off",
                                   "--select", arguments.select, "--generate", str(generate), "--threads",
                                   str(arguments.threads), "-o", folder / "bench.hwt", "--json"])
                assert report["tokens"] == tokens + generate, report["tokens"]
                held[generate], said[generate] = report["peak_rss_bytes"] / 2**30, report["estimated_bytes"] / 2**30
            cache = (tokens + GENERATED) * CACHE / 2**30
            print(f"{tokens} tokens: {held[GENERATED]:.3f} GiB (estimated {said[GENERATED]:.3f}), without generation "
                  f"{held[0]:.3f} ({said[0]:.3f}), cache {cache:.3f}; beyond the run without and the cache: "
                  f"{held[GENERATED] - held[0] - cache:+.3f} GiB, {(held[GENERATED] - held[0]) / cache:.3f} of the cache",
                  flush=True)


if __name__ == "__main__":
    main()
