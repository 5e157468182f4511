#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a run holds at most of a model whose weights do not fit as float32, beside its file and its estimate.

The goal: at most the file and 35 % of it, mapped pages and activations counted. The file is a seeded 7B model in Q4_K_M (seeded_model.py,
4.4 GB in a temporary folder); the address space is limited to three times as much, so that every machine keeps the weights as stored. Takes
some minutes on two cores. Fails where the peak or the estimate is off.

    python3 bench/stored_weights.py --headwater build/release/bin/headwater [--shape mistral-7b] [--tokens 4096]
"""
import argparse
import json
import pathlib
import random
import resource
import subprocess
import sys
import tempfile

import seeded_model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headwater", required=True)
    parser.add_argument("--shape", default="mistral-7b", choices=sorted(seeded_model.SHAPES))
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--generate", type=int, default=4)
    parser.add_argument("--select", default="tree", choices=("exact", "tree"))
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        model, prompt = folder / "seeded.gguf", folder / "prompt.txt"
        seeded_model.write(arguments.shape, model)
        prompt.write_text("".join(random.Random(1).choices("cdefghijklmnopqrstuv ", k=arguments.tokens)))  # a token a letter
        size = model.stat().st_size
        command = [arguments.headwater, "run", "--model", model, "--prompt", prompt, "--chat", "off", "--select", arguments.select,
                   "--generate", str(arguments.generate), "--predictions", "off", "--threads", str(arguments.threads),
                   "-o", folder / "bench.hwt", "--json"]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 * size, 3 * size)))
    report = json.loads(done.stdout)
    peak, said = report["peak_rss_bytes"], report["estimated_bytes"]
    stored = any("stay as stored" in note for note in report["notes"])
    seconds = {key: round(value, 1) for key, value in report["seconds"].items() if value >= 0.1}
    print(f"{arguments.shape}, {size / 1e9:.3f} GB, {report['tokens']} tokens, weights {'as stored' if stored else 'as float32'}: "
          f"peak {peak / 1e9:.3f} GB, {peak / size:.3f} of the file; estimated {said / 1e9:.3f}, {said / peak:.3f} of the peak; {seconds}")
    sys.exit(0 if stored and peak <= 1.35 * size and peak <= said <= 1.15 * peak else 1)


if __name__ == "__main__":
    main()
