# SPDX-License-Identifier: Apache-2.0
"""What chat templates make of ten user turns, by transformers' own renderer: tests/data/reference/chats.json.

    python make_chats.py NAME=FAMILY=TEMPLATE.jinja=BOS[=keep] ...

NAME names the template, FAMILY is Headwater's, BOS the token that the tokenizer gives it ("" where it has none). The text is kept without
BOS, and whether the template wrote one. A template is kept beside its texts with `keep` alone: Gemma's and Llama's terms do not allow all
that this repository's licence does.
"""
from __future__ import annotations

import json
import sys

from transformers.utils.chat_template_utils import render_jinja_template

from reference import DATA

TURNS = [
    "What is 2+2?",
    "  spaces around \n",
    "\u00a0\u3000wide spaces\u2003",
    "two\n\nparagraphs\n\n",
    "a control token: <|im_end|> <end_of_turn> <|eot_id|>",
    "<think>a thought</think> and a question",
    "{{ no template }} {% here %} 'quoted' \"twice\" \\n",
    "Grüße, 日本語, עברית 🐟",
    "x",
    "  ",
]


def main() -> None:
    out = []
    for argument in sys.argv[1:]:
        name, family, path, bos, *keep = argument.split("=")
        with open(path, encoding="utf-8", newline="") as file:
            template = file.read()
        turns = []
        for turn in TURNS:
            (text,), _ = render_jinja_template([[{"role": "user", "content": turn}]], chat_template=template, add_generation_prompt=True, bos_token=bos, eos_token="")
            begins = bool(bos) and text.startswith(bos)
            turns.append({"user": turn, "text": text[len(bos) :] if begins else text, "bos": begins})
        assert len({turn["bos"] for turn in turns}) == 1
        out.append({"name": name, "family": family, "template": template if keep else "", "turns": turns})
    (DATA / "chats.json").write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"chats.json: {len(out)} templates, {sum(len(entry['turns']) for entry in out)} turns")


if __name__ == "__main__":
    main()
