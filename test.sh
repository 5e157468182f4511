#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and passes the tests: all but the slow ones, or with --slow those too. A slow test that has passed for this very
# source is not run again by a later call. With --fuzz [SECONDS] it runs the fuzzers instead, each for ten minutes or as long as is said,
# from what the tests of the readers feed them; new inputs stay in build/fuzz/corpus, what broke one in build/fuzz/found.
. "$(dirname "$0")/packaging/setup.sh"

slow=no
case "${1:-}" in
    "") ;;
    --slow) slow=yes ;;
    --fuzz) ;;
    *) fail "usage: ./test.sh [--slow | --fuzz [SECONDS]]" ;;
esac

install_packages
if [ "${1:-}" = --fuzz ]; then
    fuzz "${2:-600}"
    exit
fi
build release all
fetch_model || say "SmolLM2 could not be fetched: the tests that need it will be skipped"

export QT_LOGGING_RULES="*.debug=false"
if [ "$slow" = yes ]; then
    stamps=build/release/slow-passed/$(source_hash)
    mkdir -p "$stamps"
    failed=0
    for name in $(ctest --test-dir build/release -N -L '^slow$' | sed -n 's/^ *Test *#[0-9]*: //p'); do
        if [ -e "$stamps/$name" ]; then
            say "$name has passed before"
        elif ! pass_slow_test "$name" "$stamps/$name"; then
            failed=1
        fi
    done
    [ "$failed" -eq 0 ] || fail "a slow test failed"
fi
pass_tests release --test-dir build/release -LE '^slow$'
