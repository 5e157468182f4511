#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tokens a second that are decoded behind a context, beside llama.cpp with its better setting of flash attention.

Three programs hold the same model with the same context and take turns: a few tokens of Headwater (decoding_bench: the steps of `generate`), a
few of llama.cpp with flash attention, a few without. What counts is the quickest turn of each, so that another program's processor time
spoils turns, not the result; medians of the turns are printed beside it. Fails where a ratio is below its goal.

    python3 bench/decoding.py --bench build/release/bench/decoding_bench --llama-python VENV/bin/python \\
        --smollm2 FILE.gguf [--gemma FILE.gguf] [--seeded r1-qwen-1.5b] [--turns 25] [--turn-tokens 8]
"""
import argparse
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

import seeded_model

ROOT = pathlib.Path(__file__).resolve().parent.parent
# context and the least ratio to llama.cpp
GOALS = {"smollm2": ((134, 1.0), (1988, 2.0), (7747, 4.0)), "gemma": ((134, 1.0), (1988, 1.0), (7747, 1.0)), "seeded": ((500, 0.8),)}


class Player:
    """A program that decodes when it is its turn, and waits without working when it is not."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{command[0]} did not start")
        self.turns = []

    def decode(self, tokens):
        self.process.stdin.write(f"{tokens}\n")
        self.process.stdin.flush()
        seconds = [float(word) for word in self.process.stdout.readline().split()]
        if len(seconds) != tokens:
            raise SystemExit("a program ended early")
        self.turns.append(sum(seconds) / tokens)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(arguments, name, model, context, goal, folder):
    # Seeded ids that every vocabulary has: what they say does not matter, only how many they are.
    rng = random.Random(context)
    ids = folder / f"{name}-{context}.txt"
    ids.write_text(" ".join(str(rng.randrange(100, 250)) for _ in range(context)))
    room = (arguments.turns + 1) * arguments.turn_tokens
    peer = [arguments.llama_python, ROOT / "python/reference/bench_llama_decoding.py", "--model", model, "--ids", ids, "--room", str(room),
            "--threads", str(arguments.threads)]
    players = {"Headwater": Player([arguments.bench, model, ids, str(arguments.threads), str(room)]),
               "flash": Player(peer + ["--flash", "1"]), "no flash": Player(peer + ["--flash", "0"])}
    for player in players.values():  # pages and caches warm
        player.decode(arguments.turn_tokens)
        player.turns.clear()
    for _ in range(arguments.turns):
        for player in players.values():
            player.decode(arguments.turn_tokens)
            time.sleep(0.05)  # the peer's threads look out for work for a while
    for player in players.values():
        player.close()
    best = {key: 1 / min(player.turns) for key, player in players.items()}
    median = {key: 1 / statistics.median(player.turns) for key, player in players.items()}
    ratio = best["Headwater"] / max(best["flash"], best["no flash"])
    print(f"{name:8} {context:5} tokens: " + ", ".join(f"{key} {best[key]:.1f} (median {median[key]:.1f})" for key in players)
          + f" tokens/s; ratio {ratio:.2f}, of medians {median['Headwater'] / max(median['flash'], median['no flash']):.2f}, goal {goal}",
          flush=True)
    return ratio >= goal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="decoding_bench")
    parser.add_argument("--llama-python", required=True, help="a Python with llama-cpp-python")
    parser.add_argument("--smollm2")
    parser.add_argument("--gemma")
    parser.add_argument("--seeded", choices=sorted(seeded_model.SHAPES))
    parser.add_argument("--turns", type=int, default=25)
    parser.add_argument("--turn-tokens", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    reached = True
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        models = {"smollm2": arguments.smollm2, "gemma": arguments.gemma}
        if arguments.seeded:
            models["seeded"] = folder / "seeded.gguf"
            seeded_model.write(arguments.seeded, models["seeded"])
        for key, model in models.items():
            for context, goal in GOALS[key] if model else ():
                reached = compare(arguments, key, model, context, goal, folder) and reached
    sys.exit(0 if reached else 1)


if __name__ == "__main__":
    main()
