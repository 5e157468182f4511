# SPDX-License-Identifier: Apache-2.0
"""Ten thousand seeded lines and their ids by llama.cpp's own tokenizer for SmolLM2 (added tokens parsed, no BOS).

    python make_tokenizer_ids.py --model SmolLM2-135M-Instruct.Q4_1.gguf [--compare]

Writes tokenizer/corpus.bin.zst: for every line u32 length, bytes (valid UTF-8, may hold any control character, line feeds included),
and tokenizer/ids.bin.zst: for every line u32 count, u32 ids. Little endian. --compare says where Hugging Face's `tokenizers`, set up as
SmolLM2's own tokenizer.json is (each digit alone, then GPT-2's pattern), differs.
"""
from __future__ import annotations

import argparse
import struct

import gguf
import zstandard

import prose
from reference import DATA, TEXTS, Llama, byte_symbols, check_model

LINES = 10_000

# One string of letters (with marks) a script, and its own digits where it has them.
SCRIPTS = {
    "latin": "abcdefghijklmnopqrstuvwxyzäöüßéèêçñåøæœłżźčřšžğışőűđþðǆǅ",
    "greek": "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώςΐϋ",
    "cyrillic": "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґјљњћђўқғ",
    "armenian": "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ",
    "georgian": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
    "hebrew": "אבגדהוזחטיכלמנסעפצקרשתםןףךץְִֶַ",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأإؤئةىپچژگَُِّْ٠١٢٣٤٥٦٧٨٩۰۱۲۳",
    "devanagari": "अआइईउऊएऐओऔकखगघचछजझटठडढतथदधनपफबभमयरलवशषसहािीुूेैोौ्ंः०१२३४५",
    "bengali": "অআইউএওকখগঘচছজটডতথদধনপফবভমযরলশসহািীুেৈো্ং০১২৩",
    "tamil": "அஆஇஈஉஎஏஐஒகஙசஞடணதநபமயரலவழளறனாிீுூெேைொ்௧௨",
    "telugu": "అఆఇఉఎఒకఖగఘచజటడతదనపబమయరలవసహాిీుూెో్ం౦౧",
    "thai": "กขคงจฉชซญดตถทธนบปผพภมยรลวศสหอฮะาำิีึืุูเแโใไ่้๊๐๑๒๓",
    "khmer": "កខគឃងចឆជញដឋណតថទធនបផពភមយរលវសហអាិីុូេែៃោ្០១",
    "ethiopic": "ሀለሐመሠረሰሸቀበተቸነኘአከኸወዐዘዠየደጀገጠጨጰጸፀፈፐሁሂሃሄ፩፪",
    "han": "的一是不了人我在有他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起",
    "hiragana": "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんがぎぐげごっゃ",
    "katakana": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンーガギ",
    "hangul": "가나다라마바사아자차카타파하강물산비다리마을겨울여름학교사람시간오늘내일",
    "cherokee": "ᎠᎡᎢᎣᎤᎦᎧᎨᎩᎪᎭᎮᎯᎰᎳᎴᎵᎹᎺᎾᎿᏀᏃᏆᏌᏍ",
    "mongolian": "ᠠᠡᠢᠣᠤᠥᠦᠨᠪᠫᠬᠭᠮᠯᠰᠱᠲᠳ᠐᠑᠒",
    "tibetan": "ཀཁགངཅཆཇཉཏཐདནཔཕབམཙཚཛའཡརལཤསཧཨིེོུ༠༡༢་",
    "gothic": "𐌰𐌱𐌲𐌳𐌴𐌵𐌶𐌷𐌸𐌹𐌺𐌻𐌼𐌽",
}
MARKS = "\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u0328"
EMOJI = ["😀", "🎉", "🚀", "👍🏽", "👩‍💻", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇫🇮", "🇩🇪", "❤️", "☕", "🐟", "🦦", "🌊", "🏞️", "1️⃣", "#️⃣", "♞", "☃︎", "🫠", "🧑🏿‍🚀"]
ADDED = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<reponame>", "<file_sep>", "<filename>", "<gh_stars>", "<issue_start>", "<issue_comment>", "<issue_closed>",
         "<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<jupyter_script>", "<empty_output>"]
BROKEN = ["<|im_start|", "<|im_end", "im_end|>", "<|IM_START|>", "<|im_start |>", "< |im_end|>", "<repo_name", "<repo-name>", "<|", "|>", "<|im_start|im_end|>", "<<|im_end|>>", "<filename>>"]
SPACES = [" ", "  ", "   ", "    ", "        ", "\t", "\t\t", " \t", "\t ", "\n", "\n\n", "\n\n\n", "\r\n", "\r", " \n", "\n ", "\u00a0", "\u2003", "\u3000", "\u200b", "\u200a", "\u2028", "\u2029", "\u0085", "\u1680", "\u202f", "\u205f", "\ufeff", "\v", "\f"]
CODE = [
    "for (int i = 0; i < {n}; ++i) {{ sum += values[i] * 0x{h}; }}", "\tif err != nil {{\n\t\treturn fmt.Errorf(\"read %d: %w\", {n}, err)\n\t}}", "def {w}_{w2}(self, *, limit={n}):\n    return [x for x in self.{w} if x <= limit]",
    "std::vector<std::pair<int, {w}>> out; out.reserve({n}u);", "SELECT {w}, COUNT(*) FROM {w2} WHERE id >= {n} GROUP BY 1;", "    }}  // end of {w} ({n}.{m}e-{m})", "<a href=\"/{w}?page={n}&q={w2}\">{w}</a>",
    "{{\"{w}\": [{n}, {m}, null, true], \"{w2}\": \"\\u00e9\\n\"}}", "#define {W}_MAX ((1u << {m}) - 1)", "let {w} = |x: &str| -> Option<u{m}> {{ x.parse().ok() }};", "git commit -m '{w}: {w2}' && make -j{m} || exit {m}",
    "{w} != {w2} ? a->{w} : b::{w2}<{n}>();;", "$\\sum_{{i=1}}^{{{n}}} x_i^{m} \\leq {n}$", "@{w}.setter\n\n\n        pass", "2026-11-{m}T0{m}:{n}:00Z  {h}{h}", "https://example.org/{w}/{w2}#L{n}-L{m}", "x^={n};y|=~{m};z&&=!{w}",
]
CONTRACTIONS = ["I'm", "you're", "we've", "they'll", "he'd", "it's", "don't", "I'M", "YOU'RE", "IT'S", "'s", "'tis", "o'clock", "rock'n'roll", "’s", "l'eau", "'re're", "''s", "'llama", "'stop"]
NUMBERS = ["½", "²", "Ⅷ", "①", "٣", "४", "〇", "𝟘", "零", "一", "㊿", "߁"]
SYMBOLS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~¡¢£§©«»°±¶·¿×÷–—‘’“”†•…‰€™←↑→↓∀∂∃∅∈∑√∞≠≤≥█▒■○★☆♪♯※「」、。，！？"


class Corpus:
    def __init__(self, seed: int, vocabulary: list[str]) -> None:
        self.rng = prose.Random(seed)
        self.vocabulary = vocabulary

    def word(self, script: str | None = None) -> str:
        rng = self.rng
        letters = SCRIPTS[script or rng.pick(list(SCRIPTS))]
        word = "".join(rng.pick(letters) for _ in range(rng.between(1, 9)))
        if rng.chance(6):
            word = word.upper() if rng.chance(2) else word.capitalize()
        if rng.chance(25):
            at = rng.between(1, len(word))
            word = word[:at] + rng.pick(MARKS) + word[at:]
        return word

    def english(self) -> str:
        return prose.sentence(self.rng)

    def ascii_word(self) -> str:
        return self.rng.pick(self.english().lower().replace(",", "").replace(".", "").split())

    def scripts(self) -> str:
        script = self.rng.pick(list(SCRIPTS))
        joint = "" if script in ("han", "hiragana", "katakana", "thai", "khmer") and not self.rng.chance(4) else " "
        return joint.join(self.word(script) for _ in range(self.rng.between(2, 10))) + self.rng.pick([".", "", "!", "。", "؟", "।", "…", ","])

    def mixed(self) -> str:
        out = []
        for _ in range(self.rng.between(2, 8)):
            out.append(self.rng.pick([self.word(), self.ascii_word(), self.number(), self.rng.pick(EMOJI), self.rng.pick(SYMBOLS)]))
            if not self.rng.chance(3):
                out.append(" ")
        return "".join(out)

    def number(self) -> str:
        rng = self.rng
        digits = "".join(str(rng.below(10)) for _ in range(rng.between(1, 12)))
        return rng.pick([digits, digits, f"-{digits}", f"{digits}.{rng.below(1000)}", f"{int(digits):,}", f"0x{int(digits):x}", f"{digits}%", f"${digits}", f"{rng.below(100)}{rng.pick(NUMBERS)}", f"{digits}th", f"v{rng.below(20)}.{rng.below(20)}", f"a{digits}b"])

    def code(self) -> str:
        rng = self.rng
        word, other = self.ascii_word(), self.ascii_word()
        indent = rng.pick(["", "", "    ", "        ", "\t", "\t\t"])
        return indent + rng.pick(CODE).format(n=rng.below(10000), m=rng.below(32), h=f"{rng.next() & 0xFFFFFF:x}", w=word, w2=other, W=word.upper())

    def spaces(self) -> str:
        rng = self.rng
        out = []
        for _ in range(rng.between(1, 6)):
            out.append(rng.pick(SPACES) * rng.pick([1, 1, 1, 2, 3, 7, 16, 40]))
            out.append(rng.pick(["", self.ascii_word(), self.number(), self.word(), rng.pick(SYMBOLS), rng.pick(EMOJI)]))
        if rng.chance(2):
            out.append(rng.pick(SPACES) * rng.between(1, 5))
        return "".join(out)

    def emoji(self) -> str:
        rng = self.rng
        return "".join(rng.pick(EMOJI) + rng.pick(["", "", " ", self.ascii_word()]) for _ in range(rng.between(1, 8)))

    def control(self) -> str:
        rng = self.rng
        out = []
        for _ in range(rng.between(1, 10)):
            out.append(rng.pick([chr(rng.below(32)), chr(rng.below(32)), "\x7f", chr(0x80 + rng.below(32)), "\u00ad", "\u200d", "\u202e", "\ufffd", "\ufffe", "\U000e0041", "\U0010fffd", "\ue000", self.ascii_word(), " "]))
        return "".join(out)

    def added(self) -> str:
        rng = self.rng
        out = []
        for _ in range(rng.between(1, 6)):
            out.append(rng.pick([rng.pick(ADDED), rng.pick(ADDED), rng.pick(BROKEN), self.ascii_word(), " " + self.ascii_word() + " ", rng.pick(SPACES), self.number(), self.word()]))
        return "".join(out)

    def anything(self) -> str:
        """Code points from everywhere, surrogates left out."""
        rng = self.rng
        out = []
        for _ in range(rng.between(1, 24)):
            point = rng.below([0x80, 0x800, 0x3000, 0x10000, 0x20000][rng.below(5)])
            out.append("\ufffd" if 0xD800 <= point < 0xE000 else chr(point))
        return "".join(out)

    def repeat(self) -> str:
        rng = self.rng
        return rng.pick(["a", "ab", " ", "=", "-", "0", "é", "中", "😀", "\n", "ha", ".", "\t", "<|im_end|>"]) * rng.between(2, 200)

    def pieces(self) -> str:
        """Tokens of the vocabulary, put together at random: they meet merges that no sentence would."""
        return "".join(self.rng.pick(self.vocabulary) for _ in range(self.rng.between(3, 24)))

    def contractions(self) -> str:
        return self.rng.pick(["", " "]).join(self.rng.pick([self.rng.pick(CONTRACTIONS), self.ascii_word()]) for _ in range(self.rng.between(2, 9)))

    def lines(self) -> list[str]:
        makers = [(self.english, 14), (self.code, 12), (self.scripts, 18), (self.pieces, 16), (self.mixed, 8), (self.number, 4), (self.spaces, 8), (self.emoji, 3), (self.control, 4), (self.added, 6), (self.anything, 3), (self.repeat, 1), (self.contractions, 3)]
        kinds = [maker for maker, weight in makers for _ in range(weight)]
        out = ["", " ", "\n", "\0", "\t", "a", "\u0301"] + ADDED + [" " + token + " " for token in ADDED]
        for name in ("multilingual", "source-code", "english-licence"):
            out += (TEXTS / f"{name}.txt").read_text(encoding="utf-8").split("\n")
        while len(out) < LINES:
            out.append(self.rng.pick(kinds)())
        return out


def vocabulary(path: str) -> list[str]:
    """The text of every token that is whole UTF-8."""
    symbols = {symbol: byte for byte, symbol in enumerate(byte_symbols())}
    out = []
    for token in gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents():
        if token in ADDED:
            continue
        try:
            out.append(bytes(symbols[c] for c in token).decode())
        except UnicodeDecodeError:
            pass
    return out


def compare(path: str, lines: list[str], ids: list[list[int]]) -> None:
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in ADDED])
    differing = [i for i, line in enumerate(lines) if tokenizer.encode(line, add_special_tokens=False).ids != ids[i]]
    print(f"tokenizers: {len(differing)} of {len(lines)} lines differ")
    for i in differing[:20]:
        print(i, ascii(lines[i])[:300], ids[i][:40], tokenizer.encode(lines[i], add_special_tokens=False).ids[:40])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--compare", action="store_true")
    args = parser.parse_args()
    path = check_model(args.model)
    llama = Llama(path, vocab_only=True)
    lines = Corpus(49152, vocabulary(path)).lines()
    assert len(lines) == LINES
    ids = [llama.tokenize(line) for line in lines]
    corpus = b"".join(struct.pack("<I", len(line.encode())) + line.encode() for line in lines)
    packed = b"".join(struct.pack(f"<{len(row) + 1}I", len(row), *row) for row in ids)
    folder = DATA / "tokenizer"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (("corpus", corpus), ("ids", packed)):
        target = folder / f"{name}.bin.zst"
        target.write_bytes(zstandard.ZstdCompressor(level=19, write_content_size=True).compress(data))
        print(f"tokenizer/{target.name}: {len(data)} bytes, {target.stat().st_size} compressed")
    print(f"{len(lines)} lines, {sum(map(len, ids))} ids, {len(set().union(*ids))} different")
    symbols = {symbol: byte for byte, symbol in enumerate(byte_symbols())}
    pieces = [token.encode() if token in ADDED else bytes(symbols[c] for c in token) for token in gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents()]
    missing = [byte for byte in range(256) if bytes([byte]) not in pieces]
    print(f"bytes without a token, which llama.cpp drops: {' '.join(f'{byte:02x}' for byte in missing)}")
    dropped = 0
    for line, row in zip(lines, ids):
        kept = bytes(byte for byte in line.encode() if byte not in missing)
        assert b"".join(pieces[i] for i in row) == kept, ascii(line)
        dropped += kept != line.encode()
    print(f"{dropped} lines hold such a byte; all others are their tokens' bytes exactly")
    if args.compare:
        compare(path, lines, ids)


if __name__ == "__main__":
    main()
