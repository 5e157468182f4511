#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What --predictions on adds to a run of SmolLM2 at 8 192 tokens, every head recorded.

Interleaved runs, with and without in turn, the first of each pair in turn too, so that both meet the same machine. Counted is
the forward with selection, the predictions, and all writing; loading, generation and the behaviour check are left out.
Prints every pair, the ratio of medians (goal: at most 1.15), bytes of the trace and peak memory.

    python3 bench/predictions.py --headwater build/release/bin/headwater [--model smollm2-135m] [--pairs 5] [--select exact|tree]
"""
import argparse
import pathlib
import statistics
import tempfile

from prefill import TOKENS, exact_prompt, run_json


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headwater", required=True)
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--select", default="exact", choices=("exact", "tree"))
    arguments = parser.parse_args()
    seconds, sizes, memory, added = {"on": [], "off": []}, {}, {}, []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prompt, _ = exact_prompt(arguments, folder)
        for pair in range(arguments.pairs):
            for predictions in ("off", "on") if pair % 2 == 0 else ("on", "off"):
                report = run_json([arguments.headwater, "run", "--model", arguments.model, "--prompt", prompt, "--chat", "off",
                                   "--select", arguments.select, "--generate", "0", "--predictions", predictions, "--threads",
                                   str(arguments.threads), "-o", folder / "bench.hwt", "--json"])
                assert report["tokens"] == TOKENS and ("predictions" in report) == (predictions == "on")
                took = report["seconds"]
                seconds[predictions].append(took["prefill"] + took["write"] + took["predictions"])
                if predictions == "on":
                    added.append(took["predictions"])
                sizes[predictions] = (folder / "bench.hwt").stat().st_size
                memory[predictions] = max(memory.get(predictions, 0), report["peak_rss_bytes"])
            print(f"pair {pair + 1}: " + ", ".join(f"{key} {values[-1]:.2f} s" for key, values in seconds.items())
                  + f", of it predictions {added[-1]:.2f} s", flush=True)
    on, off = statistics.median(seconds["on"]), statistics.median(seconds["off"])
    print(f"median: on {on:.2f} s, off {off:.2f} s, ratio {on / off:.3f}; predictions themselves {statistics.median(added):.2f} s, "
          f"{statistics.median(added) / off:.3f} of a run without")
    print(f"trace: {sizes['on']} bytes, {sizes['off']} without: {(sizes['on'] - sizes['off']) / TOKENS:.1f} a token")
    print(f"peak memory: {memory['on'] / 2**20:.0f} MiB, {memory['off'] / 2**20:.0f} without")


if __name__ == "__main__":
    main()
