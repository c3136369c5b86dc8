"""The classic map by red-dwarf 0.4.0 and by ours, of the same generated conversation in the same run.

    python3 -m venv venv && venv/bin/pip install red-dwarf==0.4.0
    cargo build --release
    venv/bin/python bench/red_dwarf.py [target/release/veche] [participants statements each]

Prints CPU time (user + system), peak memory and the ratio. Of red-dwarf, only its pipeline is counted, not reading the
table nor importing packages; of ours, only the map. Every measurement is a process of its own. red-dwarf leaves out the
bunches of at most 100 that Polis makes first; ours makes them.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time


def theirs(path):
    """Run in a child: votes as its pipeline takes them, then the pipeline alone."""
    import csv

    from reddwarf.implementations.polis import run_pipeline

    with open(path) as table:
        votes = [
            {"participant_id": int(row["participant"]), "statement_id": int(row["statement"]), "vote": int(row["response"]), "modified": at}
            for at, row in enumerate(csv.DictReader(table))
        ]
    before = time.process_time()
    result = run_pipeline(votes=votes, random_state=1)
    cpu = time.process_time() - before
    groups = len(set(label for label in result.participants_df["cluster_id"].dropna()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu_seconds": cpu, "peak_megabytes": peak, "groups": groups, "responses": len(votes)}))


def measured(command):
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def main():
    if sys.argv[1:2] == ["--theirs"]:
        return theirs(sys.argv[2])
    veche = sys.argv[1] if len(sys.argv) > 1 else "target/release/veche"
    case = sys.argv[2:5] or ["10000", "500", "50"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "responses.csv")
        subprocess.run([veche, "bench", "opinion", "--case", *case, "--write", path], check=True)
        ours = measured([veche, "--json", "bench", "opinion", "--method", "classic", "--case", *case])
        other = measured([sys.executable, __file__, "--theirs", path])
    print(f"classic, {' × '.join(case)}, {ours['responses']} responses")
    for name, one in (("red-dwarf", other), ("ours", ours)):
        print(f"  {name:<10} {one['cpu_seconds']:9.3f} s CPU {one['peak_megabytes']:9.1f} MB  {one['groups']} groups")
    cpu, memory = (other[what] / ours[what] for what in ("cpu_seconds", "peak_megabytes"))
    print(f"  ratio      {cpu:9.0f} ×     {memory:9.0f} ×      (bar: ≥ 200 × the CPU)")


if __name__ == "__main__":
    main()
