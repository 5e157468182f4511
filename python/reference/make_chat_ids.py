# SPDX-License-Identifier: Apache-2.0
"""Ids that transformers' apply_chat_template gives to the conversations of chats.json, with vocabularies of those families' settings.

    python make_chat_ids.py FAMILY=NAME=TEMPLATE.jinja=BOS=EOS ...
    python make_chat_ids.py NAME=MODEL.gguf ...

FAMILY is a vocabulary of make_vocabularies.py, NAME the template's in chats.json. Writes tests/data/reference/chat-ids.json: control tokens that somebody
spells take effect there, as apply_chat_template has them. The day is that of make_chats.py.

The second form writes chat-file-ids.json instead: ids, without BOS, that llama.cpp's tokenizer for that file gives to the text of the conversations.
"""
from __future__ import annotations

import json
import pathlib
import sys
import tempfile

from make_family_ids import unpack, whole
from reference import DATA, Llama


def write(name: str, out: list[dict]) -> None:
    (DATA / name).write_text(json.dumps(out, separators=(",", ":")).replace("]],", "]],\n") + "\n", encoding="utf-8")
    print(f"{name}: {sum(len(entry['ids']) for entry in out)} conversations")


def of_files(arguments: list[str], chats: dict[str, list[dict]]) -> None:
    out = []
    with tempfile.TemporaryDirectory() as folder:
        for argument in arguments:
            name, path = argument.split("=")
            llama = Llama(whole(pathlib.Path(path), folder), vocab_only=True)
            out.append({"name": name, "ids": [llama.tokenize(chat["text"]) for chat in chats[name]]})
    write("chat-file-ids.json", out)


def of_families(arguments: list[str], chats: dict[str, list[dict]]) -> None:
    import transformers.utils.chat_template_utils as chat_template_utils
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    from make_chats import Day

    chat_template_utils.datetime = Day
    out = []
    for argument in arguments:
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
    write("chat-ids.json", out)


def main() -> None:
    chats = {entry["name"]: entry["chats"] for entry in json.loads((DATA / "chats.json").read_text(encoding="utf-8"))}
    arguments = sys.argv[1:]
    (of_files if all(argument.count("=") == 1 for argument in arguments) else of_families)(arguments, chats)


if __name__ == "__main__":
    main()
