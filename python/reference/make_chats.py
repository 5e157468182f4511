# SPDX-License-Identifier: Apache-2.0
"""What chat templates make of conversations, by transformers' own renderer: tests/data/reference/chats.json.

    python make_chats.py NAME=FAMILY=TEMPLATE.jinja=BOS=EOS[=keep][=thinking][=nosystem] ...

NAME names the template, FAMILY is Headwater's, BOS and EOS the tokens that the tokenizer gives it ("" where it has none). The text is kept
without BOS, and whether the template wrote one. A template is kept beside its texts with `keep` alone: Gemma's and Llama's terms do not
allow all that this repository's licence does. `thinking`: the conversations once more with enable_thinking true and false. `nosystem`: the
template refuses a system turn. The day is 30 November 2026, whatever the clock says.
"""
from __future__ import annotations

import datetime
import json
import sys

import transformers.utils.chat_template_utils as chat_template_utils

from reference import DATA

DAY = "2026-11-30"
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
CONVERSATIONS = [
    ["You are terse.", "Hi"],
    ["  Spaces \n", "What is it? "],
    ["", "An empty system turn"],
    ["Speak of <|im_end|> and [/INST] as text.\n\nTwo paragraphs.", "Well?"],
    [None, "One", "two", "three"],
    ["System", "One", " two \n", "three", "four", "five"],
    [None, "Think", "<think>\nA thought\n</think>\n\nAn answer", "Again"],
    ["With thoughts", "q", "<think>one</think>\n<think>two</think> a ", "r", "\n\nlines first", "s"],
    [None, "<tool_response>20</tool_response>", "a", "q", "<think>\nwhy\n</think>\n\nb", "<tool_response>21</tool_response>"],
    ["Use /no_think here", "q", "a", "r"],
    ["Use /think here ", "q", "a", "r"],
    ["/system_override You are a fish. ", "q"],
]


def messages(conversation: list[str | None]) -> list[dict[str, str]]:
    system, *turns = conversation
    start = [] if system is None else [{"role": "system", "content": system}]
    return start + [{"role": ("user", "assistant")[i % 2], "content": turn} for i, turn in enumerate(turns)]


class Day(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return cls.fromisoformat(DAY)


def main() -> None:
    chat_template_utils.datetime = Day
    out = []
    for argument in sys.argv[1:]:
        name, family, path, bos, eos, *how = argument.split("=")
        with open(path, encoding="utf-8", newline="") as file:
            template = file.read()
        conversations = [conversation for conversation in CONVERSATIONS if conversation[0] is None or "nosystem" not in how]
        chats = []
        for thinking in ("auto", "on", "off") if "thinking" in how else ("auto",):
            switch = {} if thinking == "auto" else {"enable_thinking": thinking == "on"}
            for said in [messages([None, turn]) for turn in TURNS] + [messages(conversation) for conversation in conversations]:
                (text,), _ = chat_template_utils.render_jinja_template(
                    [said], chat_template=template, add_generation_prompt=True, bos_token=bos, eos_token=eos, **switch
                )
                begins = bool(bos) and text.startswith(bos)
                chats.append({"turns": said, "thinking": thinking, "text": text[len(bos) :] if begins else text, "bos": begins})
        assert len({chat["bos"] for chat in chats}) == 1
        out.append({"name": name, "family": family, "eos": eos, "template": template if "keep" in how else "", "chats": chats})
    (DATA / "chats.json").write_text(json.dumps(out, ensure_ascii=False, separators=(",", ":")).replace('},{"turns"', '},\n{"turns"') + "\n", encoding="utf-8")
    print(f"chats.json: {len(out)} templates, {sum(len(entry['chats']) for entry in out)} conversations")


if __name__ == "__main__":
    main()
