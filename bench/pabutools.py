"""Equal shares by pabutools 1.2.3 and by ours, on the same machine in the same run.

    python3 -m venv venv && venv/bin/pip install pabutools==1.2.3
    cargo build --release
    venv/bin/python bench/pabutools.py <folder with .pb files> [target/release/veche]

Prints CPU time (user + system) and peak memory of each, their ratio, and for Wieliczka where the winners differ from
the published ones. Every measurement is a process of its own.
"""

import json
import os
import sys

LODZ = "Poland_Lodz_2022.pb"
WIELICZKA = "Poland_Wieliczka_2023_Green_Budget.pb"
PLAIN = '{"rule":"equal_shares","start":"exact","completion":"none","stop":"overspend","comparison":"none"}'


def theirs(path, how):
    """Run in a child: pabutools' own reading and counting, with exact fractions as by default. `grouped` counts equal
    votes together (its multiprofile), as ours always does."""
    # This script is called like the package it measures.
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path = [folder for folder in sys.path if os.path.abspath(folder) != here]
    from pabutools.election import Cost_Sat, parse_pabulib
    from pabutools.rules import method_of_equal_shares

    instance, profile = parse_pabulib(path)
    options = {"sat_class": Cost_Sat}
    if how == "raise":
        options["voter_budget_increment"] = 1
    if how == "grouped":
        profile = profile.as_multiprofile()
    won = method_of_equal_shares(instance, profile, **options)
    print(json.dumps(sorted(project.name for project in won)))


def measured(command):
    """Output, CPU seconds and peak megabytes of one process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writer, 1)
        os.execvp(command[0], command)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        output = pipe.read()
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{' '.join(command)} failed")
    return output, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def projects(path):
    """Published winners, and project numbers in their order."""
    ids, published, section, head = [], set(), "", []
    with open(path, encoding="utf-8-sig") as lines:
        for line in lines:
            fields = line.rstrip("\r\n").split(";")
            if len(fields) == 1 and fields[0].upper() in ("META", "PROJECTS", "VOTES"):
                section, head = fields[0].upper(), []
            elif not head:
                head = fields
            elif section == "PROJECTS":
                row = dict(zip(head, fields))
                ids.append(row["project_id"])
                if row.get("selected") == "1":
                    published.add(row["project_id"])
    return ids, published


def main():
    if sys.argv[1] == "--theirs":
        return theirs(sys.argv[2], sys.argv[3])
    folder = sys.argv[1]
    veche = sys.argv[2] if len(sys.argv) > 2 else "target/release/veche"
    for name, how in ((LODZ, "plain"), (LODZ, "grouped"), (WIELICZKA, "raise")):
        path = os.path.join(folder, name)
        raise_shares = how == "raise"
        output, their_cpu, their_peak = measured([sys.executable, __file__, "--theirs", path, how])
        command = [veche, "count", path, "--json"]
        if not raise_shares:
            command += ["--rule", PLAIN]
        result, our_cpu, our_peak = measured(command)
        ids, published = projects(path)
        ours = {ids[option] for option in json.loads(result)["outcome"]["winners"]}
        other = set(json.loads(output))
        print(f"{name} ({'shares raised by 1' if raise_shares else 'equal shares'}, pabutools called {how}), reading included")
        print(f"  pabutools {their_cpu:8.3f} s CPU {their_peak:8.1f} MB  {len(other)} projects")
        print(f"  ours      {our_cpu:8.3f} s CPU {our_peak:8.1f} MB  {len(ours)} projects")
        print(f"  ratio     {their_cpu / our_cpu:8.0f} ×     {their_peak / our_peak:8.0f} ×")
        if raise_shares:
            for who, won in (("pabutools", other), ("ours", ours)):
                if won == published:
                    print(f"  {who}: exactly the {len(published)} published projects")
                else:
                    print(f"  {who}: not published but funded {sorted(won - published)}, published but not funded {sorted(published - won)}")
        else:
            print(f"  the same projects: {'yes' if ours == other else 'no, they differ in ' + str(sorted(ours ^ other))}")


if __name__ == "__main__":
    main()
