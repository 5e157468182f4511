#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cooler 0.11.0: create_cooler stores the float column "count" as int32 unless dtypes says otherwise. No error, no warning
# about it (one about triangles comes): every probability below one becomes 0, the sum in the file's attributes too.
# Seen: [1.0, 0.25, 0.75, 0.5] is read back as [1, 0, 0, 0] (int32); with dtypes={"count": float} as it was.
# For us: a map exported as .cool must name the type of its values.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q cooler==0.11.0 numpy==2.4.6 pandas==3.1.1
cd "$folder"
venv/bin/python -W ignore - <<'P'
import cooler
import pandas
bins = pandas.DataFrame({"chrom": ["T"] * 4, "start": [0, 16, 32, 48], "end": [16, 32, 48, 64]})
pixels = pandas.DataFrame({"bin1_id": [0, 1, 1, 3], "bin2_id": [0, 0, 1, 2], "count": [1.0, 0.25, 0.75, 0.5]})
cooler.create_cooler("plain.cool", bins, pixels, symmetric_upper=False)
cooler.create_cooler("typed.cool", bins, pixels, symmetric_upper=False, dtypes={"count": float})
plain, typed = (cooler.Cooler(name).pixels()[:]["count"] for name in ("plain.cool", "typed.cool"))
print(cooler.__version__, "without dtypes:", plain.tolist(), plain.dtype, "with:", typed.tolist(), typed.dtype)
assert plain.tolist() == [1, 0, 0, 0] and str(plain.dtype) == "int32"
assert typed.tolist() == [1.0, 0.25, 0.75, 0.5]
P
