#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hictkpy 1.4.0 opens an asymmetric .cool (storage-mode "square", which cooler writes and reads), and then gives three answers
# for one matrix: fetch().to_numpy() is whole, to_df() and to_coo() drop every value below the diagonal without a word, and a
# range raises "querying files with storage-mode="square" is not supported". By default values are read as integers, so
# fractions become 0; count_type=float reads them.
# Seen for values at (0,0), (1,0), (1,1), (3,2): to_numpy has 4, to_df and to_coo 2.
# For us: causal attention lives below the diagonal, so an exported .cool looks empty there: export query and key transposed
# or say it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q cooler==0.11.0 'hictkpy[pyarrow,scipy]==1.4.0' numpy==2.4.6 pandas==3.1.1
cd "$folder"
venv/bin/python -W ignore - <<'P'
import cooler
import hictkpy
import pandas

bins = pandas.DataFrame({"chrom": ["T"] * 4, "start": [0, 16, 32, 48], "end": [16, 32, 48, 64]})
pixels = pandas.DataFrame({"bin1_id": [0, 1, 1, 3], "bin2_id": [0, 0, 1, 2], "count": [1.0, 0.25, 0.75, 0.5]})
cooler.create_cooler("a.cool", bins, pixels, symmetric_upper=False, dtypes={"count": float})
file = hictkpy.File("a.cool", 16)
whole = file.fetch(count_type=float)
counts = {"to_numpy": int((whole.to_numpy() != 0).sum()), "to_df": len(whole.to_df()), "to_coo": whole.to_coo().nnz,
          "as integers": int((file.fetch().to_numpy() != 0).sum()), "cooler": len(cooler.Cooler("a.cool").pixels()[:])}
print(hictkpy.__version__, counts)
assert counts == {"to_numpy": 4, "to_df": 2, "to_coo": 2, "as integers": 1, "cooler": 4}
try:
    file.fetch("T:16-48")
    raise SystemExit("a range is answered now")
except Exception as error:
    print("a range:", error)
    assert "square" in str(error)
P
