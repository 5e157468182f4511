# SPDX-License-Identifier: Apache-2.0
"""Writes texts/english-survey.txt from the seeded grammar, with readings, dates and lists of numbers.

The other texts are written by hand (english-essay, source-code, multilingual) or a verbatim copy of Debian's
/usr/share/common-licenses/Apache-2.0 (english-licence), and are left alone.

    python make_texts.py
"""
from __future__ import annotations

import prose
from reference import TEXTS


def survey(seed: int, days: int) -> str:
    rng = prose.Random(seed)
    out = ["Field notes of the river survey, second season", ""]
    day, month = 3, 4
    level = 112
    for number in range(1, days + 1):
        level += rng.between(-9, 11)
        out.append(f"Day {number}, {day:02d}.{month:02d}.1987 ({rng.pick(prose.WEATHER)})")
        out.append(" ".join(prose.sentences(rng, rng.between(3, 5))))
        readings = ", ".join(f"{level + rng.between(-3, 3)}.{rng.below(10)}" for _ in range(rng.between(3, 6)))
        out.append(f"\tGauge: {readings} cm; flow {rng.between(4, 19)}.{rng.below(100):02d} m3/s; temperature {rng.between(2, 14)}.{rng.below(10)} C.")
        if rng.chance(3):
            out.append(f"    * {rng.between(1000, 99999):,} paces from {rng.pick(prose.PLACES)} to {rng.pick(prose.PLACES)}; see page {rng.between(1, 240)}.")
        out.append("")
        day += rng.between(1, 3)
        if day > 28:
            day, month = day - 28, month + 1
    return "\n".join(out)


if __name__ == "__main__":
    TEXTS.mkdir(parents=True, exist_ok=True)
    path = TEXTS / "english-survey.txt"
    path.write_text(survey(1987, 22), encoding="utf-8")
    print(path.name, path.stat().st_size, "bytes")
