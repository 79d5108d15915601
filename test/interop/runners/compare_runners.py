"""What notelake, nbclient, nbmake and papermill say of the same faults, beside the table of docs/guide/ci.md.

Usage: compare_runners.py FOLDER, with the notebooks that python_traps.py wrote in it.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SCRIPTS = Path(sys.executable).parent
FOLDER = Path(sys.argv[1])
TOOLS = ["notelake", "nbclient", "nbmake", "papermill"]

# What the table calls it, its notebook, and ours where it has another name.
ROWS = {
    "nothing is wrong": ("passes", "passes"),
    "a cell throws": ("exception", "exception"),
    "a cell says the wrong type": ("type-error", "type-error"),
    "a promise or task fails and nobody awaits it": ("rejection", "rejection"),
    "a timer of an earlier cell fails": ("timer", "timer"),
    "a timer fails after the last cell": ("timer-after-end", "timer-after-end"),
    "a cell ends the kernel": ("exit", "exit"),
    "the kernel is killed": ("killed", "killed"),
    "a cell never ends": ("busy-loop", "busy-loop"),
    "a cell asks for input": ("stdin", "stdin"),
    "a cell fails right behind one that may": ("abort-window", "abort-window"),
    "a cell that must fail does not": ("raises-nothing", "raises-nothing"),
    "a cell prints a secret": ("secret", "secrets"),
}


def command(tool: str, theirs: str, ours: str) -> list[str]:
    file = str(FOLDER / f"{theirs}.ipynb")
    out = str(FOLDER / f"{theirs}.{tool}.out")
    if tool == "notelake":
        flags = ["--conditions=notelake-source", "--disable-warning=ExperimentalWarning"]
        fixture = f"test/runner/fixtures/{ours}.ipynb"
        return ["node", *flags, "src/cli.ts", "run", "--cell-timeout", "10", fixture]
    if tool == "nbclient":
        return [str(SCRIPTS / "jupyter-execute"), "--timeout=10", "--output", out, file]
    if tool == "papermill":
        return [str(SCRIPTS / "papermill"), "--execution-timeout", "10", file, out]
    options = ["-q", "-p", "no:cacheprovider", "--nbmake", "--nbmake-timeout=10"]
    return [sys.executable, "-m", "pytest", *options, file]


def verdict(tool: str, theirs: str, ours: str) -> str:
    env = {**os.environ, "LAKE_CLIENT_SECRET": "kX8~not-for-anybodys-eyes"}
    try:
        ran = subprocess.run(command(tool, theirs, ours), capture_output=True, env=env, timeout=120)
    except subprocess.TimeoutExpired:
        return "hangs"
    return "passes" if ran.returncode == 0 else "fails"


with ThreadPoolExecutor(2) as pool:
    jobs = {
        what: [pool.submit(verdict, tool, *names) for tool in TOOLS] for what, names in ROWS.items()
    }
    found = [[what, *(job.result() for job in row)] for what, row in jobs.items()]

lines = [f"| {' | '.join(row)} |" for row in found]
print("\n".join(lines))
guide = Path("docs/guide/ci.md").read_text()
table = re.search(r"\| a notebook in which .*\n\|[-|]+\|\n((?:\|.*\n)+)", guide)
if not table or table[1].splitlines() != lines:
    sys.exit("docs/guide/ci.md says something else:\n" + (table[1] if table else "nothing"))
