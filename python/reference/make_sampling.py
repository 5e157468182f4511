# SPDX-License-Identifier: Apache-2.0
"""What transformers' logits processors and warpers leave of rows of logits, in the order in which `generate` applies them.

    python make_sampling.py

Writes sampling.json: rows of logits, the ids that stand before them, and for each case its options with the ids that may be drawn and their probabilities.
"""
from __future__ import annotations

import json

import numpy
import torch
from transformers.generation.logits_process import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from reference import DATA

VOCAB = 60
BEFORE = [3, 17, 17, 42, 59]
CASES = [
    {"temperature": 1.0},
    {"temperature": 0.7},
    {"temperature": 1.6, "repetition_penalty": 1.3},
    {"temperature": 1.0, "repetition_penalty": 0.8},
    {"temperature": 1.0, "top_k": 1},
    {"temperature": 1.0, "top_k": 7},
    {"temperature": 1.0, "top_k": 200},
    {"temperature": 1.0, "top_p": 0.9},
    {"temperature": 1.0, "top_p": 0.05},
    {"temperature": 1.0, "min_p": 0.1},
    {"temperature": 2.0, "min_p": 0.9},
    {"temperature": 0.8, "top_k": 40, "top_p": 0.95},
    {"temperature": 1.4, "top_k": 20, "top_p": 0.8, "min_p": 0.05, "repetition_penalty": 1.2},
]


def kept_of(logits: torch.Tensor, case: dict) -> tuple[list[int], list[float]]:
    steps = LogitsProcessorList()
    if "repetition_penalty" in case:
        steps.append(RepetitionPenaltyLogitsProcessor(case["repetition_penalty"]))
    steps.append(TemperatureLogitsWarper(case["temperature"]))
    if "top_k" in case:
        steps.append(TopKLogitsWarper(case["top_k"]))
    if "top_p" in case:
        steps.append(TopPLogitsWarper(case["top_p"]))
    if "min_p" in case:
        steps.append(MinPLogitsWarper(case["min_p"]))
    left = steps(torch.tensor([BEFORE]), logits.double().unsqueeze(0))[0]
    ids = torch.nonzero(torch.isfinite(left)).flatten()
    return ids.tolist(), torch.softmax(left, 0)[ids].tolist()


def main() -> None:
    generator = numpy.random.default_rng(15)
    rows = [
        generator.normal(0, 3, VOCAB),
        generator.normal(-20, 1, VOCAB),
        numpy.where(numpy.arange(VOCAB) == 17, 30.0, generator.normal(0, 1, VOCAB)),
        numpy.repeat(generator.normal(0, 2, VOCAB // 3), 3),  # equal logits, three by three
    ]
    made = {"before": BEFORE, "rows": [], "cases": []}
    for number, row in enumerate(rows):
        logits = torch.tensor(row, dtype=torch.float32)
        made["rows"].append([float(value) for value in logits])
        for case in CASES:
            if number == 3 and "top_p" in case:
                continue  # which of equal tokens a share takes is not transformers' to say: its sort is not stable
            ids, probabilities = kept_of(logits, case)
            made["cases"].append({"row": number, "options": case, "ids": ids, "probabilities": probabilities})
    (DATA / "sampling.json").write_text(json.dumps(made, indent=None, separators=(",", ":")) + "\n")
    print(f"{len(made['cases'])} cases")


if __name__ == "__main__":
    main()
