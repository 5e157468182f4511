#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The needle samples (2 000, 4 000, 8 000 tokens, depths 25, 50, 75 %) answered densely and over the masks of a selection.

    python3 bench/needles.py --headwater build/release/bin/headwater --model FILE|NAME [--select tree] [--keep-keys 512] [--threads 0]

Each sample is one `run --check --expect`: the dense forward's answer, the answer over the masks, how far the last 64 rows are apart, and what share of
the interactions was pruned (of all pairs a head may use, and of those of layers without a window). Fails unless the masked model answers whatever the dense one does.
Cost: three forwards of each sample.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--headwater", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--select", default="tree")
    parser.add_argument("--keep-keys", default="512")
    parser.add_argument("--threads", default="0")
    arguments = parser.parse_args()
    samples = json.loads((ROOT / "resources/samples/samples.json").read_text())
    lost = []
    print(f"{'sample':16}{'tokens':>8}{'dense':>7}{arguments.select:>7}{'KL':>9}{'top-1':>7}{'pruned':>8}{'global':>8}{'kept mass':>11}{'s':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for name, sample in samples.items():
            if "-d" not in name:
                continue
            report = json.loads(subprocess.run(
                [arguments.headwater, "run", "--model", arguments.model, "--prompt", ROOT / f"resources/samples/{name}.txt", "--select", arguments.select, "--keep-keys", arguments.keep_keys,
                 "--check", "--expect", sample["number"], "--predictions", "off", "--threads", arguments.threads, "-o", pathlib.Path(folder) / "needle.hwt", "--json"],
                check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
            check = report["check"]
            masked = check["masked"].strip().startswith(sample["number"])
            if check["dense_gives_expected"] and not masked:
                lost.append(name)
            shares = [f"{1 - report[key]:.3f}" if key in report else "-" for key in ("kept_fraction", "kept_fraction_global")]
            print(f"{name:16}{report['tokens']:>8}{'yes' if check['dense_gives_expected'] else 'no':>7}{'yes' if masked else 'no':>7}{check['kl_mean']:>9.4f}{check['top1_agreement']:>7.3f}"
                  f"{shares[0]:>8}{shares[1]:>8}{report['kept_mass']['mean']:>11.4f}{report['seconds']['total']:>7.1f}", flush=True)
    for name in lost:
        print(f"{name}: the dense model answers, the masked one does not", file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
