# SPDX-License-Identifier: MIT
"""Runs nca and its peers by turns and prints the medians and how many times faster nca is."""
import argparse
import json
import os
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# Each program with the Python that runs it; the last is Debian's own PyTorch, where it is there.
PEERS = [(sys.executable, "peer_torch.py"), (sys.executable, "peer_jax.py"),
         ("/usr/bin/python3", "peer_torch.py")]


def output(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def our_times(report):
    """name → ms with the most threads that it was measured with."""
    best = {}
    for r in report["results"]:
        threads = r.get("threads", report.get("threads", 1))
        if threads >= best.get(r["name"], (0, 0))[0]:
            best[r["name"]] = threads, r["ms"]
    return {name: ms for name, (_, ms) in best.items()}


def columns(times):
    """(peer, kind) in the order of their first measurement."""
    return list(dict.fromkeys((peer, variant.split()[0]) for peer, _, variant in times))


def fastest(times, column, name):
    """The fastest variant of that kind by its median: (ms, variant), or None."""
    ways = [(statistics.median(ms), variant) for (peer, work, variant), ms in times.items()
            if (peer, variant.split()[0]) == column and work == name]
    return min(ways, default=None)


def row(name, ours, times):
    """What is known of one work; ratio: how many times faster nca is."""
    entry = {"name": name, "nca_ms": statistics.median(ours), "peers": []}
    for column in columns(times):
        found = fastest(times, column, name)
        if found:
            entry["peers"].append({"peer": column[0], "kind": column[1], "variant": found[1],
                                   "ms": found[0], "ratio": found[0] / entry["nca_ms"]})
    return entry


def print_table(rows):
    """One line for each work and peer, the medians of all rounds."""
    print(f"\n{'':18}{'ms a step or iteration':>54}  nca is faster by")
    for r in rows:
        print(f"{r['name']:18}{'nca':44}{r['nca_ms']:10.3f}")
        for p in r["peers"]:
            print(f"{'':18}{p['peer'] + ', ' + p['variant']:44}{p['ms']:10.3f}{p['ratio']:8.1f} ×")


def print_share(report):
    """What part of the multiply-adds a GPU could do it does."""
    peak = report.get("device_peak_gflops")
    for r in report["results"] if peak else []:
        print(f"{r['name']:18}{r['gflops']:10.0f} of {peak:.0f} GFLOP/s, {100 * r['gflops'] / peak:.0f} %")


def measure_peer(python, program, arguments, times):
    """Adds its times; a peer that is not there is left out."""
    if subprocess.run([python, "-c", "import numpy, " + program[len("peer_"):-len(".py")]], cwd=HERE,
                      stderr=subprocess.DEVNULL).returncode:
        print(f"left out: {program} with {python}", file=sys.stderr)
        return
    found = output([python, os.path.join(HERE, program), *arguments])
    for r in found["results"]:
        times.setdefault((found["peer"], r["name"], r["variant"]), []).append(r["ms"])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nca", required=True)
    parser.add_argument("--json", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="to see that it works")
    parser.add_argument("--gpu", action="store_true",
                        help="on the first OpenCL device, and the peers by CUDA")
    options = parser.parse_args()
    bench = [options.nca, "bench", "--json"] + (["--device", "opencl:0"] if options.gpu else [])
    arguments = [f"--{name}" for name in ("quick", "gpu") if getattr(options, name)]
    ours, times = {}, {}
    for i in range(1 if options.quick else options.rounds):
        print(f"round {i + 1}", file=sys.stderr)
        report = output(bench)
        for name, ms in our_times(report).items():
            ours.setdefault(name, []).append(ms)
        for python, program in PEERS:
            measure_peer(python, program, arguments, times)
    rows = [row(name, ms, times) for name, ms in ours.items()]
    print_table(rows)
    print_share(report)
    about = {key: value for key, value in report.items() if key != "results"}
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump({**about, "works": rows}, file, indent=1)
    print("written:", options.json)


main()
