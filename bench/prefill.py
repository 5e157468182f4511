#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prefill of a model at 8 192 tokens, every head recorded, against llama.cpp's prefill of the same tokens without maps.

Interleaved runs: exact, tree, llama.cpp, exact, tree, llama.cpp, ... so that all meet the same machine; --before adds another build of Headwater, as
`exact-` and `tree-`. Prints every run, the medians, and the ratio of medians (above 1: Headwater is faster). Ours counts the forward with selection and the writing
of the trace; loading, generation and the behaviour check are excluded on both sides.

    python3 bench/prefill.py --headwater build/release/bin/headwater --llama-python VENV/bin/python --model FILE.gguf [--pairs 5]
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOKENS = 8192


def run_json(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)


def exact_prompt(arguments, folder, tokens=TOKENS):
    """The sample prompt, repeated and cut at the byte where its last token ends."""
    text = ((ROOT / "resources/samples/needle-8k.txt").read_bytes() + b"\n") * (tokens // 7000 + 1)
    whole = folder / "whole.txt"
    whole.write_bytes(text)
    encoded = run_json([arguments.headwater, "tokenize", "--model", arguments.model, "--prompt", whole, "--json"])
    prompt = folder / "prompt.txt"
    prompt.write_bytes(text[: encoded["bytes"][tokens - 1][1]])
    ids = folder / "ids.txt"
    ids.write_text(" ".join(map(str, encoded["ids"][:tokens])))
    return prompt, ids


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headwater", required=True)
    parser.add_argument("--llama-python", required=True, help="a Python with llama-cpp-python")
    parser.add_argument("--model", required=True)
    parser.add_argument("--before", help="another build's headwater")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    builds = {"": arguments.headwater} | ({"-": arguments.before} if arguments.before else {})
    rates = {select + build: [] for build in builds for select in ("exact", "tree")} | {"llama.cpp": []}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        prompt, ids = exact_prompt(arguments, folder)
        peak = 0
        for pair in range(arguments.pairs):
            for build, program in builds.items():
                for select in ("exact", "tree"):
                    report = run_json([program, "run", "--model", arguments.model, "--prompt", prompt, "--chat", "off", "--select", select, "--keep-keys", "512", "--generate", "0",
                                       "--predictions", "off", "--threads", str(arguments.threads), "-o", folder / "bench.hwt", "--json"])
                    assert report["tokens"] == TOKENS, report["tokens"]
                    rates[select + build].append(report["tokens_per_second"])
                    device = run_json([program, "info", folder / "bench.hwt", "--json"])["meta"]["device"]["description"]
                    peak = max(peak, report["peak_rss_bytes"]) if program == arguments.headwater else peak
            peer = run_json([arguments.llama_python, ROOT / "python/reference/bench_llama.py", "--model", arguments.model,
                             "--ids", ids, "--reps", "1", "--threads", str(arguments.threads)])
            rates["llama.cpp"].append(peer["tokens_per_second_median"])
            print(f"pair {pair + 1}: " + ", ".join(f"{key} {values[-1]:.0f}" for key, values in rates.items()) + " tokens/s",
                  flush=True)
    print(f"Headwater on: {device}; at most {peak / 2**30:.3f} GiB resident")
    peer = statistics.median(rates["llama.cpp"])
    for key, values in rates.items():
        print(f"{key:10} min {min(values):6.0f}  median {statistics.median(values):6.0f} tokens/s  "
              f"ratio of medians to llama.cpp {statistics.median(values) / peer:.2f}")


if __name__ == "__main__":
    main()
