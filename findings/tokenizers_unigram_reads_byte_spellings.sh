#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tokenizers 0.23.3 beside sentencepiece 0.2.3, one unigram vocabulary with byte_fallback: a text that spells a byte token ("<0x41>", as
# hex dumps and papers on tokenizers do) is six characters for SentencePiece and the one byte token for tokenizers, so that decoding
# gives another text than the one that went in.
# Seen for "a <0x41> b": SentencePiece gives it back as it was; tokenizers gives "a A b".
# For us: byte tokens are no pieces of a unigram model's vocabulary, from either file (core/tokenizer/unigram.h, docs/models.md).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q tokenizers==0.23.3 sentencepiece==0.2.3
"$folder/venv/bin/python" - <<'P'
import io

import sentencepiece
import tokenizers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

model = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(["a b < 0 x 4 1 > the river and the bridge", "the bridge over the river, and 41 trees"] * 50), model_writer=model, model_type="unigram",
    vocab_size=310, hard_vocab_limit=False, normalization_rule_name="identity", byte_fallback=True, minloglevel=2)
pieces = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
vocab = [(pieces.id_to_piece(i), pieces.get_score(i)) for i in range(pieces.get_piece_size())]
other = Tokenizer(models.Unigram(vocab, unk_id=pieces.unk_id(), byte_fallback=True))
other.pre_tokenizer = pre_tokenizers.Metaspace()
other.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])

plain, text = "the river and 41 trees", "a <0x41> b"
assert other.encode(plain).ids == pieces.encode(plain)
found = pieces.decode(pieces.encode(text)), other.decode(other.encode(text).ids)
print(f"sentencepiece {sentencepiece.__version__}, tokenizers {tokenizers.__version__}: {text!r} becomes {found[0]!r} and {found[1]!r}")
assert found == (text, "a A b")
P
