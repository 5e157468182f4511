# SPDX-License-Identifier: Apache-2.0
"""Whole rows of `headwater row --model` against transformers (float32, eager) on the same dequantised weights: 16 rows of every head.

    python compare_rows.py --model SmolLM2-135M-Instruct.Q4_1.gguf [--headwater PROGRAM] [--text NAME] [--tokens 512 2048]

Runs `headwater run --generate 0 --predictions on` on the first tokens of a text, asks its trace for the rows (numbers as .npy and as JSON) and compares all
keys of them with the attention that transformers' layers return, and the log-probability that every row gives to the token after it. Token ids are
the trace's own. transformers multiplies positions and frequencies in float32, so that its angles are off by 6e-8 of themselves: at position 2 000 by
1e-4. Hence three references: transformers as it is, the same float32 model with angles computed in float64 (judged: a probability within 1e-5, a
log-probability within 2e-3, else it ends with 1), and all of it in float64 but the scores, which its softmax takes as float32; both are compared to that: how much of a difference is whose.
"""
from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

import prose
import smollm2
from reference import ROOT, TEXTS, check_model

sys.path.insert(0, str(ROOT / "python"))
import headwater  # noqa: E402  the trace's reader

ROWS = 16
WITHIN = 1e-5
LOGPROB_WITHIN = 2e-3


def rows_of(tokens: int) -> list[int]:
    """Seeded rows, ascending; the first and the last are among them."""
    rng = prose.Random(tokens)
    chosen = {0, tokens - 1}
    while len(chosen) < ROWS:
        chosen.add(rng.below(tokens - 1))
    return sorted(chosen)


def transformers_rows(model: torch.nn.Module, ids: list[int], rows: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities [rows, layers, heads, tokens] and log-probabilities of the tokens that follow [tokens - 1]. Of each layer the rows alone are kept."""
    kept: list[np.ndarray] = []
    hooks = [layer.self_attn.register_forward_hook(lambda _module, _inputs, output: kept.append(output[1][0][:, rows].numpy().copy())) for layer in model.model.layers]
    with torch.inference_mode():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0, :-1]
        following = torch.log_softmax(logits, dim=-1).gather(1, torch.tensor(ids[1:])[:, None])[:, 0].numpy()
    for hook in hooks:
        hook.remove()
    return np.stack(kept).transpose(2, 0, 1, 3), following


def compute_angles_in_float64(model: torch.nn.Module) -> None:
    """Replaces what computes cos and sin; they are rounded to the model's type afterwards."""
    config, rotary = model.config, model.model.rotary_emb
    assert rotary.rope_type == "default" and rotary.attention_scaling == 1
    dim = config.hidden_size // config.num_attention_heads
    frequencies = config.rope_parameters["rope_theta"] ** -(torch.arange(0, dim, 2, dtype=torch.float64) / dim)

    def forward(x: torch.Tensor, position_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        angles = position_ids[..., None].double() * frequencies
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos().to(x.dtype), angles.sin().to(x.dtype)

    rotary.forward = forward


class Headwater:
    def __init__(self, program: str, model: str, folder: pathlib.Path) -> None:
        self.program, self.model, self.folder = program, model, folder

    def ask(self, *arguments: str) -> str:
        done = subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{arguments[0]} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def trace(self, text: bytes, tokens: int) -> pathlib.Path:
        """A run of the text's first tokens, dense and observed."""
        (self.folder / "text.txt").write_bytes(text)
        ends = json.loads(self.ask("tokenize", "--model", self.model, "--prompt", "text.txt", "--json"))["bytes"]
        if len(ends) < tokens:
            raise SystemExit(f"the text has {len(ends)} tokens, expected at least {tokens}")
        (self.folder / "prompt.txt").write_bytes(text[: ends[tokens - 1][1]])
        self.ask("run", "--model", self.model, "--prompt", "prompt.txt", "--chat", "off", "--select", "exact", "--observed", "--generate", "0", "--predictions", "on", "-o", "rows.hwt")
        return self.folder / "rows.hwt"

    def rows(self, tokens: int, rows: list[int]) -> np.ndarray:
        """Shape: [rows, layers · heads, tokens]. The JSON of the same question must name the same numbers."""
        listed = json.loads(self.ask("row", "rows.hwt", "--model", self.model, "--token", ",".join(map(str, rows)), "--layer", "all", "--head", "all", "--top", "8", "-o", "rows.npy", "--json"))
        values = np.load(self.folder / "rows.npy")
        assert values.shape == (len(listed), tokens)
        for row, numbers in zip(listed, values):
            assert row["exact"] and row["quantity"] == "p_model"
            assert np.array_equal(np.array(row["p"], dtype="<f4"), numbers[row["keys"]])
        return values.reshape(len(rows), -1, tokens)


class Case:
    """Headwater's rows of one length."""

    def __init__(self, program: Headwater, text: bytes, tokens: int) -> None:
        self.tokens, self.rows = tokens, rows_of(tokens)
        with headwater.open_trace(program.trace(text, tokens)) as trace:
            self.ids = [int(token) for token in trace.token_ids]
            self.logprobs = np.array(trace.predictions().logprob[1:], dtype=np.float64)
        assert len(self.ids) == tokens, f"the text was cut inside a token: {len(self.ids)} tokens"
        self.p = program.rows(tokens, self.rows).astype(np.float64)
        print(f"{tokens} tokens, {len(self.p) * self.p.shape[1]} rows; largest distance of a row's sum from 1: {np.abs(self.p.sum(-1) - 1).max():.1e}")

    def compare(self, what: str, p: np.ndarray, logprobs: np.ndarray, other: tuple[np.ndarray, np.ndarray] | None = None) -> bool:
        """Prints how far the rows (or another's) are from a reference; whether that is near enough."""
        mine = self.p.reshape(p.shape) if other is None else other[0]
        off = np.abs(mine - p)
        worst = np.unravel_index(off.argmax(), off.shape)
        of_tokens = np.abs((self.logprobs if other is None else other[1]) - logprobs)
        print(
            f"  {what}: a probability differs by at most {off.max():.2e} (row {self.rows[worst[0]]}, layer {worst[1]}, head {worst[2]}, key {worst[3]}), "
            f"a log-probability by at most {of_tokens.max():.2e} (mean {of_tokens.mean():.1e})"
        )
        return bool(off.max() <= WITHIN and of_tokens.max() <= LOGPROB_WITHIN)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--headwater", default=str(ROOT / "build" / "release" / "bin" / "headwater"))
    parser.add_argument("--text", default="english-survey")
    parser.add_argument("--tokens", type=int, nargs="+", default=[512, 2048])
    args = parser.parse_args()
    torch.set_num_threads(2)
    path = str(pathlib.Path(check_model(args.model)).resolve())
    text = (TEXTS / f"{args.text}.txt").read_bytes()
    held = True
    for tokens in args.tokens:
        with tempfile.TemporaryDirectory() as folder:
            case = Case(Headwater(args.headwater, path, pathlib.Path(folder)), text, tokens)
        model = smollm2.load(path)
        as_it_is = transformers_rows(model, case.ids, case.rows)
        compute_angles_in_float64(model)
        exact_angles = transformers_rows(model, case.ids, case.rows)
        double = transformers_rows(model.double(), case.ids, case.rows)
        case.compare("to transformers as it is", *as_it_is)
        held = case.compare("to transformers with exact angles", *exact_angles) and held
        case.compare("to float64", *double)
        case.compare("transformers as it is to float64", *double, other=as_it_is)
        case.compare("transformers with exact angles to float64", *double, other=exact_angles)
    if not held:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
