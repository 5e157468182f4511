#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which selections keep a model's answer, on prompts that the dense model answers whole.

Needle prompts of about 6 000 tokens, seeded: four forms of needle, sixteen names each, random values, ten depths, none, one or
three distractors of the same form, in shuffled prose. Every prompt is forwarded densely with its answer behind it; it
counts when every token of the value is the arg-max. Then it is forwarded over the masks of every selection (all layers at
once, propagated) at 256 and 512 keys and blocks 64/32 and 16/16. Prints how many prompts keep their whole value, with the
95 % Wilson interval, and the mean KL(dense || masked) at 64 rows spread over the prompt.

    python3 bench/fidelity.py --program build/release/bench/fidelity --model FILE.gguf [--prompts 24] [--results FILE]

Fails unless `tree` keeps at least as many as `exact` (the oracle) less one in twelve, at 512 keys, for both block shapes.
Cost: 19 forwards of 6 000 tokens a prompt, over an hour on two cores. What was finished stays in the results file and is not
computed again by the same program for the same prompts. Exit code 77: the model is not there.
"""
import argparse
import hashlib
import json
import math
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python/reference"))
import prose  # noqa: E402

SEED = 20261125
PLACES = ["gauge house", "bell tower", "boat house", "ferry house", "lock house", "toll house", "school house", "pump room",
          "signal box", "seed store", "ice cellar", "wool barn", "north gate", "chart room", "tar shed", "rope walk"]
PEOPLE = ["Agnes", "Bruno", "Clara", "Dario", "Edith", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaya", "Lionel", "Mina",
          "Nadia", "Oscar", "Petra"]
CITIES = ["Helsinki", "Lisbon", "Nairobi", "Toronto", "Kyoto", "Prague", "Lima", "Oslo", "Dublin", "Havana", "Jakarta", "Madrid",
          "Tunis", "Vienna", "Warsaw", "Zagreb"]
THINGS = ["brass lamp", "oak chest", "red kettle", "glass bowl", "copper bell", "silk scarf", "iron stove", "clay jar", "pine table",
          "wool coat", "silver spoon", "stone mortar", "leather saddle", "linen sail", "tin drum", "birch canoe"]
# names, needle, question, how the answer begins
FORMS = [
    (PLACES, "The access number of the {name} is {value}.", "What is the access number of the {name}?", "The access number of the {name} is"),
    (PEOPLE, "The locker code of {name} is {value}.", "What is the locker code of {name}?", "The locker code of {name} is"),
    (CITIES, "The magic number of {name} is {value}.", "What is the magic number of {name}?", "The magic number of {name} is"),
    (THINGS, "The price of the {name} is {value} crowns.", "What is the price of the {name}?", "The price of the {name} is"),
]
SELECTIONS = ["exact", "tree", "flat", "stream", "local"]


def prompt_of(index, most):
    rng = prose.Random(SEED + index)
    form = index % len(FORMS)
    names, needle, question, begin = FORMS[form]
    names = list(names)
    rng.shuffle(names)
    depth = 5 + 10 * rng.below(10)
    distractors = rng.pick([0, 1, 3])
    lines = []
    size = 0
    for line in prose.sentences(rng, 700):
        lines.append(line)
        size += len(line) + 1
        if size >= most:
            break
    value = str(rng.between(1000, 9999))
    for name in names[1 : 1 + distractors]:
        other = str(rng.between(1000, 9999))
        while other == value:
            other = str(rng.between(1000, 9999))
        lines.insert(rng.below(len(lines)), needle.format(name=name, value=other))
    lines.insert(len(lines) * depth // 100, needle.format(name=names[0], value=value))
    text = prose.paragraphs(rng, lines) + "\n\n" + question.format(name=names[0])
    return {"name": f"{index:03d}-form{form}-d{depth:02d}-x{distractors}", "prompt": text, "answer_begin": begin.format(name=names[0]),
            "value": " " + value}


def wilson(kept, of):
    """The 95 % Wilson score interval of a share."""
    z = 1.959963985
    share = kept / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--prompts", type=int, default=24)
    parser.add_argument("--bytes", type=int, default=26_000, help="of a prompt; about 6 000 tokens of SmolLM2 (36 000: 8 000 of Gemma 3)")
    parser.add_argument("--results", type=pathlib.Path, help="default: beside the program")
    arguments = parser.parse_args()
    prompts = "".join(json.dumps(prompt_of(index, arguments.bytes)) + "\n" for index in range(10 * arguments.prompts))
    made_by = hashlib.sha256(arguments.program.read_bytes() + prompts.encode()).hexdigest()[:16]
    folder = arguments.results.parent if arguments.results else arguments.program.parent
    results = arguments.results or folder / f"fidelity-{made_by}.jsonl"
    prompt_file = folder / f"fidelity-{made_by}.prompts.jsonl"
    prompt_file.write_text(prompts)
    status = subprocess.run([arguments.program, arguments.model, prompt_file, results, str(arguments.prompts)]).returncode
    if status != 0:
        return status

    rows = [json.loads(line) for line in results.read_text().splitlines() if line.endswith("}")]
    dense = [row for row in rows if row["cell"] == "dense"]
    answered = [row["prompt"] for row in dense if row["whole"]][: arguments.prompts]
    tokens = [row["tokens"] for row in dense if row["prompt"] in answered]
    print(f"{len(answered)} prompts of {min(tokens)} to {max(tokens)} tokens that the dense model answers, of {len(dense)} tried")
    print(f"{'blocks':8}{'keys':>6}  {'selection':10}{'whole':>9}  {'95 % Wilson':>14}{'KL':>8}{'top-1':>8}{'s':>7}")
    kept = {}
    for blocks in ((64, 32), (16, 16)):
        for keys in (512, 256, 1):
            for name in SELECTIONS:
                cell = [row for row in rows if row["prompt"] in answered and row["cell"] == name and row["keep_keys"] == keys
                        and (row["block_q"], row["block_k"]) == blocks]
                if not cell:
                    continue
                assert len(cell) == len(answered), (blocks, keys, name, len(cell))
                whole = sum(row["whole"] for row in cell)
                kept[blocks, keys, name] = whole
                low, high = wilson(whole, len(cell))
                mean = {key: sum(row[key] for row in cell) / len(cell) for key in ("kl", "top1", "seconds")}
                print(f"{blocks[0]}/{blocks[1]:<5}{'own' if name == 'local' else keys:>6}  {name:10}{whole:>4} / {len(cell):<3}"
                      f"  {low:5.2f} to {high:4.2f}{mean['kl']:9.3f}{mean['top1']:8.3f}{mean['seconds']:7.1f}")
    allowed = len(answered) // 12
    short = [blocks for blocks in ((64, 32), (16, 16)) if kept[blocks, 512, "tree"] < kept[blocks, 512, "exact"] - allowed]
    for blocks in short:
        print(f"tree at 512 keys, blocks {blocks[0]}/{blocks[1]}, keeps {kept[blocks, 512, 'tree']}; the oracle "
              f"{kept[blocks, 512, 'exact']} less {allowed} allowed", file=sys.stderr)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
