#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets everything up on a bare Debian 12 and runs the main job: a real model reads an 8 000-token prompt, and the window
# shows what its heads read. A second call does only what is missing.
. "$(dirname "$0")/packaging/setup.sh"

install_packages
build release headwater headwater-explorer
headwater=build/release/bin/headwater
explorer=build/release/bin/headwater-explorer

output=build/demo
mkdir -p "$output"
if fetch_model; then
    model=smollm2-135m
    prompt=resources/samples/needle-8k.txt
    trace=$output/needle-8k.hwt
else
    say "SmolLM2 could not be fetched: showing the built-in model instead"
    model=builtin:needle
    prompt=$output/builtin-needle.txt
    trace=$output/builtin-needle.hwt
    "$headwater" bench --make-prompt 8000 --decoys 8 --needles 1 -o "$prompt"
fi

if ! is_whole "$trace" || [ "$prompt" -nt "$trace" ] || [ "$headwater" -nt "$trace" ]; then
    say "$model reads $prompt"
    "$headwater" run --model "$model" --prompt "$prompt" -o "$trace"
else
    say "$trace is there already"
    "$headwater" info "$trace" | sed '/^layer head/,$d' # what it is and what was found, without the table of heads
fi

shown=69 # what the explorer ends with where no display answers
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    say "opening the window on $trace, where the answer was read"
    shown=0
    "$explorer" "$trace" --do go.answer || shown=$?
fi
if [ "$shown" = 69 ]; then
    picture=$output/window.png
    "$explorer" "$trace" --size 1600x1000 --do go.answer --do view.wait --screenshot "$picture" --exit
    say "no display: a screenshot of the window is in $picture"
    shown=0
fi
exit "$shown"
