#!/usr/bin/env python3
"""Mutation testing of `count` in one build.

`cargo mutants` lists the mutants; building each of them takes longer than testing it. Here every function holds all its
mutants, chosen by the environment variable MUTANT, so that the crate is built once: 2,800 mutants in a quarter of an hour on
two cores. Works in a copy of the last commit. Without a mutant (MUTANT=0) the program is what it was.

    VECHE_DATA=... python3 crates/count/mutants.py [--cases N] [--slow] [--only FILE] [--out FILE]

Left out: mutants of constant functions and of functions that return `impl Trait`, whose branches would have different types;
`cargo mutants` itself tries those. A mutant that runs out of time or memory counts as caught.
"""

import argparse, bisect, collections, json, os, pathlib, queue, re, resource, subprocess, sys, tempfile, threading, time, tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# What is mutated, how it is built, and which tests take longest (`--slow` takes them too).
CONFIG = HERE / "mutants.toml"
LIB = """
/// Which mutant runs; 0 is none.
#[doc(hidden)]
pub fn mutant() -> u32 {
    static WHICH: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *WHICH.get_or_init(|| std::env::var("MUTANT").ok().and_then(|which| which.parse().ok()).unwrap_or(0))
}
"""
ALLOW = "#![allow(warnings, arithmetic_overflow, unconditional_panic, overflowing_literals, unconditional_recursion)]\n"


def body(text):
    """Where the body of the function in `text` begins (after its brace), and whether its branches may differ."""
    for found in re.finditer(r"\bfn\s+[a-z_]", text):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if not line.strip().startswith("//"):
            break
    depth, at = 0, found.start()
    while text[at] != "{" or depth:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(text[at], 0)
        at += 1
    signature = text[found.start() : at]
    return at + 1, "const" not in line.split() and not re.search(r"->\s*impl\b", signature)


def weave(copy, mutants, out):
    """Writes all mutants but those in `out` into the sources. Returns whose lines are whose, and who is left out."""
    subprocess.run(["git", "checkout", "-q", "-f", "."], cwd=copy, check=True)
    lines, left_out = {}, set()
    by_file = collections.defaultdict(list)
    for number, mutant in enumerate(mutants, 1):
        by_file[mutant["file"]].append((number, mutant))
    for file, of_file in by_file.items():
        source = (copy / file).read_text()
        starts = [0]
        for line in source.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        offset = lambda place: starts[place["line"] - 1] + place["column"] - 1
        span = lambda of: (offset(of["span"]["start"]), offset(of["span"]["end"]))
        spans = sorted({span(m["function"]) for _, m in of_file if m.get("function")})
        outer = []  # A function within a function is part of that.
        for each in spans:
            if not outer or each[0] >= outer[-1][1]:
                outer.append(each)
        groups = collections.defaultdict(list)
        for number, mutant in of_file:
            at = bisect.bisect_right(outer, (span(mutant)[0], len(source))) - 1
            groups[outer[at] if mutant.get("function") and at >= 0 else None].append((number, mutant))
        left_out |= {number for number, _ in groups.pop(None, [])}
        written, at, ranges = [], 0, []
        for begin, end in sorted(groups):
            start, fit = body(source[begin:end])
            start, end = begin + start, end - 1
            arms = [] if fit else None
            for number, mutant in groups[(begin, end + 1)]:
                first, last = span(mutant)
                if arms is None or first < start:
                    left_out.add(number)
                elif number not in out:
                    arms.append((number, source[start:first] + mutant["replacement"] + source[last:end]))
            if not arms:
                continue
            written.append(source[at:start] + " match crate::mutant() {\n")
            for number, arm in arms:
                line = sum(piece.count("\n") for piece in written) + 1
                written.append(f"{number} => {{\n{arm}\n}}\n")
                ranges.append((line, line + written[-1].count("\n"), number))
            written.append(" _ => {" + source[start:end] + "}\n} ")
            at = end
        written.append(source[at:])
        lines[file] = ranges
        (copy / file).write_text("".join(written))
    lib = copy / "crates/count/src/lib.rs"
    lib.write_text(ALLOW + lib.read_text() + LIB)
    return lines, left_out


def build(copy, target, mutants, profile):
    """Builds until nothing is left that does not compile. Returns the test programs, who compiles, and who is left out."""
    env, broken = dict(os.environ, CARGO_TARGET_DIR=str(target)), set()
    while True:
        lines, left_out = weave(copy, mutants, broken)
        command = ["cargo", "test", "-p", "count", "--lib", "--test", "all", "--no-run", "--message-format=json"] + profile
        run = subprocess.run(command, cwd=copy, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        told = [json.loads(line) for line in run.stdout.split("\n") if line.startswith("{")]
        if run.returncode == 0:
            programs = [each["executable"] for each in told if each.get("executable")]
            return programs, set(range(1, len(mutants) + 1)) - broken - left_out, left_out
        before = len(broken)
        for each in told:
            if each.get("reason") == "compiler-message" and each["message"]["level"] == "error":
                for at in each["message"]["spans"]:
                    for first, last, number in lines.get(at["file_name"], []):
                        if at["is_primary"] and first <= at["line_start"] <= last:
                            broken.add(number)
        if len(broken) == before:
            errors = [each["message"]["rendered"] for each in told if each.get("reason") == "compiler-message"]
            sys.exit("The mutants do not compile, and it is none of them:\n" + "\n".join(errors[-3:]))


def fails(program, arguments, number, copy, cases, seconds):
    """The first test that fails with a mutant, or why the program ended otherwise; nothing if all pass."""
    env = dict(os.environ, MUTANT=str(number), PROPTEST_CASES=str(cases), INSTA_UPDATE="no", RUST_BACKTRACE="0")
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (5 << 30, 5 << 30))
    process = subprocess.Popen([program, "--test-threads=1"] + arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env=env, cwd=copy / "crates/count", text=True, preexec_fn=limit)
    late = []
    timer = threading.Timer(seconds, lambda: (late.append(True), process.kill()))
    timer.start()
    test = None
    for line in process.stdout:
        if line.startswith("test ") and line.rstrip().endswith("FAILED"):
            test = line.split()[1]
            process.kill()
            break
    process.wait()
    timer.cancel()
    return test or ("out of time" if late else None if process.returncode == 0 else "crashed")


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--cases", type=int, default=24, help="random cases of each property")
    ask.add_argument("--slow", action="store_true", help="also the tests that take longest")
    ask.add_argument("--only", help="a file with names of mutants, a line each")
    ask.add_argument("--out", default="mutants.txt", help="where the result goes: number, verdict, name")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy, target = pathlib.Path(folder) / "copy", pathlib.Path(os.environ.get("CARGO_TARGET_DIR", folder + "/target"))
        subprocess.run(["git", "clone", "-q", str(ROOT), str(copy)], check=True)
        config = tomllib.loads(CONFIG.read_text())
        listed = ["cargo", "mutants", "--config", str(CONFIG), "-p", "count", "--list", "--json"]
        mutants = json.loads(subprocess.run(listed, cwd=copy, check=True, stdout=subprocess.PIPE, text=True).stdout)
        programs, compile_, left_out = build(copy, target, mutants, config["additional_cargo_args"])
        if asked.only:
            wanted = set(pathlib.Path(asked.only).read_text().split("\n"))
            compile_ = {number for number in compile_ if mutants[number - 1]["name"] in wanted}
        print(f"{len(mutants)} mutants, {len(left_out)} left out, {len(compile_)} to try", flush=True)
        programs.sort(key=os.path.getsize)  # The unit tests are quick.
        slow = [] if asked.slow else [skip for skip in config["additional_cargo_test_args"] if skip.startswith("--skip")]
        start = time.time()
        if any(fails(program, slow, 0, copy, asked.cases, 3_600) for program in programs):
            sys.exit("The tests fail without a mutant.")
        seconds = 3 * (time.time() - start) + 5
        todo, lock, verdicts = queue.Queue(), threading.Lock(), collections.Counter()
        for number in sorted(compile_):
            todo.put(number)
        with open(asked.out, "w") as out:

            def work():
                while True:
                    try:
                        number = todo.get_nowait()
                    except queue.Empty:
                        return
                    name = mutants[number - 1]["name"]
                    # Random elections find what is wrong with a rule, and little else.
                    random, other = ["agreement::"] + slow, ["--skip=agreement::"] + slow
                    turns = (random, other) if "/rules/" in name else (other, random)
                    runs = [(programs[0], []), (programs[1], turns[0]), (programs[1], turns[1])]
                    found = (fails(program, arguments, number, copy, asked.cases, seconds) for program, arguments in runs)
                    verdict = next(filter(None, found), None)
                    with lock:
                        verdicts["caught" if verdict else "missed"] += 1
                        out.write(f"{number}\t{verdict or 'missed'}\t{name}\n")
                        out.flush()

            workers = [threading.Thread(target=work) for _ in range(os.cpu_count() or 1)]
            [worker.start() for worker in workers]
            [worker.join() for worker in workers]
        print(f"{verdicts['caught']} caught, {verdicts['missed']} missed")


if __name__ == "__main__":
    main()
