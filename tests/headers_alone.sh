#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone: it includes what it uses, in whatever order it is included.
#   headers_alone.sh SOURCE_DIR CXX
set -euo pipefail
cd "$1"
export CXX=$2
flags=$(pkg-config --cflags Qt6Widgets Qt6Charts Qt6Test sqlite3 libzstd fmt pangocairo)
export FLAGS="-std=c++20 -fsyntax-only -fPIC -Wall -Wextra -I. -Itests -DHEADWATER_SOURCE_DIR=__FILE__ -DHEADWATER_BINARY_DIR=__FILE__ -DFAKE_ENGINE=__FILE__ -DHEADWATER_PROGRAM=__FILE__ $flags"
# shellcheck disable=SC2016
find core ui app tests -name '*.h' | sort \
    | xargs -P "$(nproc)" -I{} bash -c 'printf "#include \"%s\"\n" "{}" | $CXX $FLAGS -x c++ - || { echo "{} does not compile alone" >&2; exit 1; }'
