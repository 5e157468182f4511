# SPDX-License-Identifier: Apache-2.0
"""Ids that transformers' apply_chat_template gives to the conversations of chats.json, with vocabularies of those families' settings.

    python make_chat_ids.py FAMILY=NAME=TEMPLATE.jinja=BOS=EOS ...

FAMILY is a vocabulary of make_vocabularies.py, NAME the template's in chats.json. Writes tests/data/reference/chat-ids.json: control tokens that somebody
spells take effect there, as apply_chat_template has them. The day is that of make_chats.py.
"""
from __future__ import annotations

import json
import sys

import transformers.utils.chat_template_utils as chat_template_utils
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from make_chats import Day
from make_family_ids import unpack
from reference import DATA


def main() -> None:
    chat_template_utils.datetime = Day
    chats = {entry["name"]: entry["chats"] for entry in json.loads((DATA / "chats.json").read_text(encoding="utf-8"))}
    out = []
    for argument in sys.argv[1:]:
        family, name, path, bos, eos = argument.split("=")
        with open(path, encoding="utf-8", newline="") as file:
            template = file.read()
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_object=Tokenizer.from_str(unpack(f"family-{family}.json").decode()), bos_token=bos or None, eos_token=eos or None, chat_template=template
        )
        ids = []
        for chat in chats[name]:
            switch = {} if chat["thinking"] == "auto" else {"enable_thinking": chat["thinking"] == "on"}
            ids.append(tokenizer.apply_chat_template(chat["turns"], add_generation_prompt=True, return_dict=False, **switch))
        out.append({"family": family, "name": name, "ids": ids})
    (DATA / "chat-ids.json").write_text(json.dumps(out, separators=(",", ":")).replace("]],", "]],\n") + "\n", encoding="utf-8")
    print(f"chat-ids.json: {sum(len(entry['ids']) for entry in out)} conversations")


if __name__ == "__main__":
    main()
