# SPDX-License-Identifier: Apache-2.0
"""Vocabularies of 8 000 tokens, trained with the exact settings of six families, and what `tokenizers` and SentencePiece make of 10 000 lines.

    python make_vocabularies.py

Writes tokenizer/family-NAME.json.zst (tokenizer.json), tokenizer/family-mistral-v1.model.zst (tokenizer.model), and tokenizer/family-NAME.crc.zst: the CRC-32
of every line's ids (u32 each, little endian), first those of corpus.bin.zst, then of 1 000 lines that spell the vocabulary's added tokens.
"""
from __future__ import annotations

import io
import json
import struct
import zlib

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

import prose
from make_family_ids import FOLDER, corpus, pack
from reference import TEXTS

SIZE = 8_000
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
TEKKEN = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def training(lines: list[bytes]) -> list[str]:
    return [line.decode() for line in lines] + [text for path in sorted(TEXTS.glob("*.txt")) for text in path.read_text(encoding="utf-8").split("\n")]


def byte_level(pattern: str, texts: list[str], added: list[AddedToken], nfc: bool, ignore_merges: bool, bos: str | None) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if nfc:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=SIZE, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.add_tokens([token for token in added if not token.special])
    tokenizer.add_special_tokens([token for token in added if token.special])
    if bos:
        tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing(single=f"{bos} $A", special_tokens=[(bos, tokenizer.token_to_id(bos))])])
    return tokenizer


def sentence_piece(texts: list[str], model_type: str) -> bytes:
    """As Mistral 7B's (a BPE) or LLM-jp's (unigram): identity, dummy prefix, byte fallback, digits alone."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text for text in texts if 0 < len(text) and "\0" not in text), model_writer=model, model_type=model_type, vocab_size=SIZE, normalization_rule_name="identity",
        remove_extra_whitespaces=False, add_dummy_prefix=True, split_digits=True, byte_fallback=True, allow_whitespace_only_pieces=True, character_coverage=0.995, max_sentence_length=8192,
        minloglevel=2, num_threads=1)
    return model.getvalue()


def of_pieces(data: bytes, marks: normalizers.Normalizer | None, splits: pre_tokenizers.PreTokenizer | None) -> Tokenizer:
    """The same pieces as tokenizer.json: merges in the order of the scores, as transformers' converter lists them."""
    proto = sentencepiece_model_pb2.ModelProto.FromString(data)
    vocab = {piece.piece: i for i, piece in enumerate(proto.pieces)}
    scores = {piece.piece: piece.score for piece in proto.pieces}
    merges = []
    for piece in proto.pieces:
        if piece.type != 1:
            continue
        local = [(piece.piece[:i], piece.piece[i:]) for i in range(1, len(piece.piece)) if piece.piece[:i] in vocab and piece.piece[i:] in vocab]
        merges += [(scores[piece.piece], vocab[left], vocab[right], left, right) for left, right in local]
    merges.sort(key=lambda merge: (-merge[0], merge[1], merge[2]))
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[(left, right) for _, _, _, left, right in merges], unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if marks is not None:
        tokenizer.normalizer = marks
    if splits is not None:
        tokenizer.pre_tokenizer = splits
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ("<unk>", "<s>", "</s>")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def of_scores(data: bytes) -> Tokenizer:
    """A unigram model as tokenizer.json, words split at spaces, as transformers' converter writes it."""
    proto = sentencepiece_model_pb2.ModelProto.FromString(data)
    tokenizer = Tokenizer(models.Unigram([(piece.piece, piece.score) for piece in proto.pieces], unk_id=0, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always", split=True)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ("<unk>", "<s>", "</s>")])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


def own_lines(added: list[str], seed: int) -> list[bytes]:
    rng = prose.Random(seed)
    lines = []
    for _ in range(1_000):
        parts = [rng.pick([rng.pick(added), rng.pick(added), prose.sentence(rng), " ", "  ", "\n", "e\u0301", "\u1100\u1161", "A\u030a\u0327", "\u212b", "<|", "word"]) for _ in range(rng.between(1, 12))]
        lines.append("".join(parts).encode())
    return lines


def crcs(rows: list[list[int]]) -> bytes:
    return b"".join(struct.pack("<I", zlib.crc32(struct.pack(f"<{len(row)}I", *row))) for row in rows)


def main() -> None:
    lines = corpus()
    texts = training(lines)
    special = lambda token, **flags: AddedToken(token, special=True, normalized=False, **flags)  # noqa: E731
    families = {
        "llama3": byte_level(LLAMA3, texts, [special("<|begin_of_text|>"), special("<|end_of_text|>"), special("<|eot_id|>"), special("<|start_header_id|>")], False, True, "<|begin_of_text|>"),
        "qwen3": byte_level(QWEN, texts, [AddedToken("<think>", normalized=False), AddedToken("</think>", normalized=False), special("<|im_start|>"), special("<|im_end|>"), special("<|endoftext|>")], True, False, None),
        "tekken": byte_level(TEKKEN, texts, [special("<s>"), special("</s>"), special("[INST]"), special("[/INST]")], False, True, "<s>"),
        "flags": byte_level(QWEN, texts, [AddedToken("<left>", lstrip=True, normalized=False), AddedToken("<right>", rstrip=True, normalized=False), AddedToken("word", single_word=True, normalized=False),
                                          AddedToken("\u00c5ngstrom", normalized=True), AddedToken("<b>", normalized=True), special("<mask>", lstrip=True, rstrip=True)], True, False, None),
    }
    pieces = sentence_piece(texts, "bpe")
    pack("family-mistral-v1.model", pieces)
    families["mistral-v1"] = of_pieces(pieces, None, pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="first", split=False))
    families["llama2"] = of_pieces(pieces, normalizers.Sequence([normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")]), None)
    families["gemma"] = of_pieces(pieces, normalizers.Replace(" ", "\u2581"), pre_tokenizers.Split(" ", "merged_with_previous"))
    unigram = sentence_piece(texts, "unigram")
    pack("family-unigram.model", unigram)
    families["unigram"] = of_scores(unigram)
    for name, tokenizer in families.items():
        added = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
        own = own_lines(added + (["\u212bngstrom", "A\u030angstrom"] if name == "flags" else []), sum(name.encode()))
        pack(f"family-{name}.json", json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")).encode())
        pack(f"family-{name}.lines", b"".join(struct.pack("<I", len(line)) + line for line in own))
        pack(f"family-{name}.crc", crcs([tokenizer.encode(line.decode()).ids for line in lines + own]))
    for name, data in (("mistral-v1", pieces), ("unigram", unigram)):
        processor = sentencepiece.SentencePieceProcessor(model_proto=data)
        pack(f"family-{name}.pieces.crc", crcs([[1] + processor.encode(line.decode()) for line in lines]))


if __name__ == "__main__":
    main()
