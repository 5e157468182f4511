# SPDX-License-Identifier: Apache-2.0
"""Whole rows of `headwater row --model` against transformers (float32, eager) on the same dequantised weights: 16 rows of every head.

    python compare_rows.py --model SmolLM2-135M-Instruct.Q4_1.gguf|gemma-3-270m-q4_k_m.gguf [--headwater PROGRAM] [--threads 2] [TEXT[+TEXT]:TOKENS …]

Runs `headwater run --generate 0 --predictions on` on the first tokens of a text (or of several, joined), asks its trace for the rows (numbers as .npy and as JSON) and compares all
keys of them with the attention that transformers' layers return, and the log-probability that every row gives to the token after it. Token ids are
the trace's own. transformers multiplies positions and frequencies in float32, so that its angles are off by 6e-8 of themselves: at position 2 000 by
1e-4. Hence three references: transformers as it is, the same float32 model with angles computed in float64 (judged: a probability within 1e-5, a
log-probability within 2e-3, the last 64 rows' best token the same, else it ends with 1), and all of it in float64 but the scores, which its softmax takes as float32; both are compared to that: how much of a difference is whose.
"""
from __future__ import annotations

import argparse
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

import gemma3
import prose
import smollm2
from reference import ROOT, TEXTS, check_model

sys.path.insert(0, str(ROOT / "python"))
import headwater  # noqa: E402  the trace's reader

ROWS = 16
LAST = 64
TOP = 50
WITHIN = 1e-5
LOGPROB_WITHIN = 2e-3


def rows_of(tokens: int) -> list[int]:
    """Seeded rows, ascending; the first and the last are among them."""
    rng = prose.Random(tokens)
    chosen = {0, tokens - 1}
    while len(chosen) < ROWS:
        chosen.add(rng.below(tokens - 1))
    return sorted(chosen)


def transformers_rows(model: torch.nn.Module, ids: list[int], rows: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities [rows, layers, heads, tokens], log-probabilities of the tokens that follow [tokens - 1] and of all tokens in the last rows [LAST, vocabulary].
    Of each layer the rows alone are kept, of the vocabulary a few rows at once."""
    kept: list[np.ndarray] = []
    hooks = [layer.self_attn.register_forward_hook(lambda _module, _inputs, output: kept.append(output[1][0][:, rows].numpy().copy())) for layer in model.model.layers]
    following, last = [], []
    with torch.inference_mode():
        hidden = model.model(torch.tensor([ids]), use_cache=False).last_hidden_state[0]
        for begin in range(0, len(ids), 128):
            logprobs = torch.log_softmax(model.lm_head(hidden[begin : begin + 128]), dim=-1)
            of = torch.tensor(ids[begin + 1 : begin + 129])
            following.append(logprobs[: len(of)].gather(1, of[:, None])[:, 0].numpy())
            last.append(logprobs[max(0, len(ids) - LAST - begin) :].numpy().copy())
    for hook in hooks:
        hook.remove()
    return np.stack(kept).transpose(2, 0, 1, 3), np.concatenate(following), np.concatenate(last)


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


    def last_logprobs(self) -> np.ndarray:
        """Of all tokens in the last rows. Shape: [LAST, vocabulary]."""
        self.ask("logits", "--model", self.model, "--prompt", "prompt.txt", "--chat", "off", "--rows", f"last:{LAST}", "--out", "last.npy")
        return torch.log_softmax(torch.from_numpy(np.load(self.folder / "last.npy")).double(), dim=-1).numpy()


class Case:
    """Headwater's rows of one length."""

    def __init__(self, program: Headwater, text: bytes, tokens: int) -> None:
        self.tokens, self.rows = tokens, rows_of(tokens)
        with headwater.open_trace(program.trace(text, tokens)) as trace:
            self.ids = [int(token) for token in trace.token_ids]
            self.logprobs = np.array(trace.predictions().logprob[1:], dtype=np.float64)
        assert len(self.ids) == tokens, f"the text was cut inside a token: {len(self.ids)} tokens"
        self.p = program.rows(tokens, self.rows).astype(np.float64)
        self.last = program.last_logprobs()
        print(f"{tokens} tokens, {len(self.p) * self.p.shape[1]} rows; largest distance of a row's sum from 1: {np.abs(self.p.sum(-1) - 1).max():.1e}")

    def compare(self, what: str, p: np.ndarray, logprobs: np.ndarray, last: np.ndarray, other: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None) -> bool:
        """Prints how far the rows (or another's) are from a reference; whether that is near enough."""
        mine = self.p.reshape(p.shape) if other is None else other[0]
        off = np.abs(mine - p)
        worst = np.unravel_index(off.argmax(), off.shape)
        of_tokens = np.abs((self.logprobs if other is None else other[1]) - logprobs)
        best = np.argsort(-last, axis=1)[:, :TOP]
        mine_last = self.last if other is None else other[2]
        of_best = np.abs(np.take_along_axis(mine_last, best, 1) - np.take_along_axis(last, best, 1)).max()
        same = float((mine_last.argmax(1) == last.argmax(1)).mean())
        print(
            f"  {what}: a probability differs by at most {off.max():.2e} (row {self.rows[worst[0]]}, layer {worst[1]}, head {worst[2]}, key {worst[3]}), "
            f"a log-probability by at most {of_tokens.max():.2e} (mean {of_tokens.mean():.1e}), the {TOP} best of the last {LAST} rows by {of_best:.2e}, the best is the same in {same:.0%}"
        )
        return bool(off.max() <= WITHIN and max(of_tokens.max(), of_best) <= LOGPROB_WITHIN and same == 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--headwater", default=str(ROOT / "build" / "release" / "bin" / "headwater"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("cases", nargs="*", default=["english-survey:512", "english-survey:2048"])
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    is_gemma = hashlib.sha256(pathlib.Path(args.model).read_bytes()).hexdigest() == gemma3.SHA256
    family = gemma3 if is_gemma else smollm2
    path = str(pathlib.Path(args.model if is_gemma else check_model(args.model)).resolve())
    held = True
    for asked in args.cases:
        name, tokens = asked.split(":")
        text = b"\n".join((TEXTS / f"{part}.txt").read_bytes() for part in name.split("+"))
        print(f"{name}:")
        with tempfile.TemporaryDirectory() as folder:
            case = Case(Headwater(args.headwater, path, pathlib.Path(folder)), text, int(tokens))
        model = family.load(path)
        as_it_is = transformers_rows(model, case.ids, case.rows)
        family.compute_angles_in_float64(model)
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
