#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tokenizers 0.23.3: with encode_special_tokens = True the spelling of a special token is text like any other. Whether an added token
# that is not special is still found inside that spelling depends on its flag `normalized`, although nothing is normalized here.
# Seen for special "<|x|>", added "x|", text "<|x|>": normalized=True finds it (<, |, x|, >), normalized=False does not
# (<, |, x, |, >); outside the spelling both find it.
# For us: GGUF files carry no such flag, so a tokenizer read from one can follow one of the two only: ours finds it
# (tests/core/tokenizer/tst_bpe_tokenizer.cpp).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q tokenizers==0.23.3
"$folder/venv/bin/python" - <<'P'
import tokenizers
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers


def tokens_of(text, normalized):
    tokenizer = Tokenizer(models.BPE(vocab={"<": 0, "|": 1, "x": 2, ">": 3, "a": 4}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens([AddedToken("<|x|>", special=True)])
    tokenizer.add_tokens([AddedToken("x|", special=False, normalized=normalized)])
    tokenizer.encode_special_tokens = True
    return tokenizer.encode(text, add_special_tokens=False).tokens


found = {normalized: tokens_of("<|x|>", normalized) for normalized in (True, False)}
print(tokenizers.__version__, found)
assert found == {True: ["<", "|", "x|", ">"], False: ["<", "|", "x", "|", ">"]}
assert tokens_of("ax|a", True) == tokens_of("ax|a", False) == ["a", "x|", "a"]
P
