#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How long the tests of a lane took, beside what is kept in tests/times.tsv.

    tests/test_times.py LANE REPORT.xml           prints the slowest ten
    tests/test_times.py LANE REPORT.xml --keep    keeps these times instead (whoever made a test slower on purpose)

REPORT.xml is ctest's --output-junit. Machines differ, so a test is compared with the others of its run: "x kept" is its time
over its kept time, divided by the median of that ratio over the tests of at least a second.
"""
import argparse
import pathlib
import statistics
import xml.etree.ElementTree

KEPT = pathlib.Path(__file__).with_name("times.tsv")
SHOWN = 10


def read_kept():
    lines = KEPT.read_text().splitlines()[1:] if KEPT.exists() else []
    return {(lane, test): float(seconds) for lane, test, seconds in (line.split("\t") for line in lines)}


def read_report(path):
    """Seconds of each test that ran: {name: seconds}."""
    cases = xml.etree.ElementTree.parse(path).getroot().iter("testcase")
    return {case.get("name"): float(case.get("time")) for case in cases if case.get("status") in ("run", "fail")}


def print_slowest(lane, times, kept):
    ratios = {test: seconds / kept[lane, test] for test, seconds in times.items() if kept.get((lane, test), 0) >= 1}
    machine = statistics.median(ratios.values()) if ratios else 1
    print(f"The slowest {SHOWN} of {len(times)} tests ({lane}, {sum(times.values()):.0f} s in all, "
          f"{machine:.2f} x the kept times):")
    for test, seconds in sorted(times.items(), key=lambda item: -item[1])[:SHOWN]:
        beside = f"{ratios[test] / machine:5.2f} x kept" if test in ratios else "    not kept"
        print(f"  {seconds:7.1f} s  {beside}  {test}")


def keep(lane, times, kept):
    """A test that did not run now keeps its line."""
    kept.update({(lane, test): round(seconds, 2) for test, seconds in times.items()})
    lines = [f"{lane}\t{test}\t{seconds:g}" for (lane, test), seconds in sorted(kept.items())]
    KEPT.write_text("\n".join(["lane\ttest\tseconds", *lines]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lane")
    parser.add_argument("report")
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    times, kept = read_report(arguments.report), read_kept()
    if arguments.keep:
        keep(arguments.lane, times, kept)
    else:
        print_slowest(arguments.lane, times, kept)


if __name__ == "__main__":
    main()
