#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cairo 1.16.0 (through pycairo 1.27.0): every SVG file counts its glyphs from glyph0-0 (1.16) or glyph-0-0 (1.18), and refers to them by that id.
# Ids belong to the page, so of two figures in one HTML report the second is drawn with the letters of the first.
# Seen: two files that say "layer 3" and "head 20" have all ids of the shorter one in common, and the same id is another letter.
# For us: every id of an exported SVG follows from a hash of the whole figure (core/figure/svg_ids.h).
# Needs libcairo2-dev and a compiler, because pycairo is built here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pycairo==1.27.0
cd "$folder"
venv/bin/python - <<'P'
import re

import cairo


def glyphs_of(text):
    with cairo.SVGSurface("a.svg", 200, 40) as surface:
        context = cairo.Context(surface)
        context.move_to(5, 20)
        context.show_text(text)
    return dict(re.findall(r'id="(glyph[^"]*)"[^>]*>\s*<path[^>]* d="([^"]*)"', open("a.svg").read()))


first, second = glyphs_of("layer 3"), glyphs_of("head 20")
common = set(first) & set(second)
other = [name for name in common if first[name] != second[name]]
print(f"cairo {cairo.cairo_version_string()}: {len(first)} and {len(second)} glyphs, {len(common)} ids in common, "
      f"{len(other)} of them another letter")
assert len(common) == min(len(first), len(second)) and other
P
