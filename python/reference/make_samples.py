# SPDX-License-Identifier: Apache-2.0
"""Writes resources/samples and checks every sample with llama.cpp: greedy, 16 tokens, SmolLM2's own chat template.

    python make_samples.py --model SmolLM2-135M-Instruct.Q4_1.gguf [--only NAME] [--no-check]

A sample is what a person types: filler of seeded sentences with one needle among them, and the question at the end.
The files end without a newline, so that the expanded prompt is the same whether or not a program strips one.
"""
from __future__ import annotations

import argparse
import json
import pathlib

import prose
from reference import CHAT_HEAD, CHAT_TAIL, SAMPLES, Llama, check_model

QUESTION = "What is the access number of the {place}?"
NEEDLE = "The access number of the {place} is {number}."
HERE = pathlib.Path(__file__).resolve().parent

# name: (target tokens with the chat template, depth in per cent, seed, place)
NEEDLES = {
    "needle-8k": (8000, 50, 8050, "gauge house"),  # the same as needle-8k-d50
    **{f"needle-{size // 1000}k-d{depth}": (size, depth, size + depth, "gauge house") for size in (2000, 4000, 8000) for depth in (25, 50, 75)},
}
# The dense model fails here: the needle says it in other words than the question, and six other houses have an "access number".
FAILURE = (8000, 30, 5, "gauge house")
FAILURE_NEEDLE = "Whoever wants to open the {place} has to turn the lock to {number}."
DECOYS = ["boat house", "bell tower", "lock house", "ferry house", "toll house", "school house"]


def sample(llama: Llama, target: int, depth: int, seed: int, place: str, decoys: list[str], needle: str = NEEDLE) -> tuple[str, str]:
    """(text, number). Sentences are added until one more would pass the target."""
    rng = prose.Random(seed)
    number = str(rng.between(1000, 9999))
    lines = prose.sentences(rng, target // 14)
    for other in decoys:
        lines.insert(rng.below(len(lines)), NEEDLE.format(place=other, number=rng.between(1000, 9999)))

    def build(count: int) -> str:
        kept = lines[:count]
        kept.insert(count * depth // 100, needle.format(place=place, number=number))
        return prose.paragraphs(prose.Random(seed + 1), kept) + "\n\n" + QUESTION.format(place=place)

    low, high = 1, len(lines)
    while low < high:
        middle = (low + high + 1) // 2
        if len(llama.tokenize(CHAT_HEAD + build(middle) + CHAT_TAIL)) <= target:
            low = middle
        else:
            high = middle - 1
    return build(low), number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--only")
    parser.add_argument("--no-check", action="store_true")
    parser.add_argument("--seed", type=int, help="another seed for the samples of --only")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    llama = Llama(check_model(args.model), threads=args.threads)
    SAMPLES.mkdir(parents=True, exist_ok=True)

    expected: dict[str, tuple[str, bool]] = {}
    texts: dict[str, str] = {}
    for name, (target, depth, seed, place) in NEEDLES.items():
        texts[name], number = sample(llama, target, depth, args.seed or seed, place, [])
        expected[name] = (number, True)
    story = (HERE / "data" / "story.txt").read_text(encoding="utf-8")
    texts["story-1k"] = story.format(needle="7421") + "\n" + QUESTION.format(place="gauge house")
    expected["story-1k"] = ("7421", True)
    # The prompt of the bundled trace; tst_sample_trace checks its answer.
    paragraphs = texts["story-1k"].split("\n\n")
    (SAMPLES / "story.txt").write_bytes("\n\n".join(paragraphs[i] for i in (0, 1, 4, 7, 8)).encode())
    target, depth, seed, place = FAILURE
    texts["failure"], number = sample(llama, target, depth, args.seed or seed, place, DECOYS, FAILURE_NEEDLE)
    expected["failure"] = (number, False)

    wrong = 0
    table = {}
    for name, text in texts.items():
        if args.only and name not in args.only.split(","):
            continue
        (SAMPLES / f"{name}.txt").write_bytes(text.encode())
        number, right = expected[name]
        prompt = CHAT_HEAD + text + CHAT_TAIL
        entry = {"tokens": len(llama.tokenize(prompt)), "bytes": len(text.encode()), "number": number, "dense_answers": right}
        if not args.no_check:
            _, answer, margins = llama.greedy(prompt)
            entry |= {"answer": answer, "margins": margins}
            if (number in answer) != right:
                wrong += 1
                entry["unexpected"] = True
        table[name] = entry
        print(name, json.dumps(entry), flush=True)
    if wrong:
        raise SystemExit(f"{wrong} samples are not answered as expected")
    if not args.no_check and not args.seed:
        path = SAMPLES / "samples.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        merged = {name: table.get(name, known.get(name)) for name in texts if name in table or name in known}
        path.write_text("{\n" + ",\n".join(f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in merged.items()) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
