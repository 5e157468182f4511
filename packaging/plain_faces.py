#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the bundled faces: Inter and JetBrains Mono in which every character keeps its own glyph.

A token must look like itself, and Qt 6.4 cannot switch a font's features off. So the faces lose every substitution that
is a matter of taste (calt, liga, dlig, ...: "!=" as one sign, "->" as an arrow) and keep what writing needs: composed
characters (ccmp), forms of a language (locl), places of marks (mark, mkmk), and kerning.

The licence (SIL OFL 1.1) allows that; both originals' names are trademarks, so what is made of them has names of its own,
which also keeps it apart from an original that the desktop has.

Usage: plain_faces.py FOLDER OUT, with Inter-{Regular,Medium,SemiBold}.otf (3.019) and JetBrainsMono-Regular.ttf (2.242)
in FOLDER. Needs fontTools (Debian: python3-fonttools). The same input makes the same bytes.
"""
import pathlib
import sys

from fontTools import subset
from fontTools.ttLib import TTFont

KEPT_FEATURES = ["ccmp", "locl", "kern", "mark", "mkmk"]
FACES = {  # original: family, style
    "Inter-Regular.otf": ("Headwater Sans", "Regular"),
    "Inter-Medium.otf": ("Headwater Sans", "Medium"),
    "Inter-SemiBold.otf": ("Headwater Sans", "SemiBold"),
    "JetBrainsMono-Regular.ttf": ("Headwater Mono", "Regular"),
}


def plain(font):
    """Every character of the font, and only the features above."""
    options = subset.Options(layout_features=KEPT_FEATURES, name_IDs=["*"], name_languages=["*"], notdef_outline=True,
                             glyph_names=True, hinting=True, drop_tables=["DSIG", "GlyphOrder"], recalc_timestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap())
    subsetter.subset(font)


def rename(font, family, style):
    """Names by the rules of OpenType: a family of four styles at most for old programs, the whole one beside it."""
    original = font["name"].getDebugName(4)
    version = font["name"].getDebugName(5).split(";")[0]
    kept = {number: font["name"].getDebugName(number) for number in (0, 13, 14)}
    is_regular = style == "Regular"
    file_name = f"{family}-{style}".replace(" ", "")
    names = {
        **{number: text for number, text in kept.items() if text},
        1: family if is_regular else f"{family} {style}",
        2: "Regular",
        3: f"{version};{file_name}",
        4: f"{family} {style}",
        5: version,
        6: file_name,
        10: f"{original} without ligatures and contextual alternates, for Headwater.",
    }
    if not is_regular:
        names |= {16: family, 17: style}
    font["name"].names = []
    for number, text in sorted(names.items()):
        font["name"].setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [file_name]
        top = cff.topDictIndex[0]
        top.FullName, top.FamilyName, top.Weight = f"{family} {style}", family, style
    return file_name


def main(folder, out):
    for source, (family, style) in FACES.items():
        font = TTFont(pathlib.Path(folder) / source, recalcTimestamp=False)
        plain(font)
        path = pathlib.Path(out) / (rename(font, family, style) + pathlib.Path(source).suffix)
        font.save(path)
        print(path)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
