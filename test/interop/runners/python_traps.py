"""The traps of test/runner/fixtures in Python, for the runners of notebooks that run Python."""

import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
RAISES = {"tags": ["raises-exception"]}

# Name of the trap and its cells.
TRAPS = {
    "passes": [("x = 6 * 7", {}), ("print(x)", {})],
    "exception": [("def total(rows):\n    raise ValueError('no rows')", {}), ("total([])", {})],
    "rejection": [
        ("import asyncio\nasync def save():\n    raise OSError('disk full')", {}),
        ("task = asyncio.create_task(save())\n'looks fine'", {}),
        ("await asyncio.sleep(0.2)\nprint('went on')", {}),
    ],
    "timer": [
        (
            "import asyncio\ndef late():\n    raise RuntimeError('from the timer')\n"
            "asyncio.get_running_loop().call_later(0.05, late)\n'set'",
            {},
        ),
        ("await asyncio.sleep(0.3)", {}),
    ],
    "timer-after-end": [
        (
            "import threading\ndef late():\n    raise RuntimeError('after the end')\n"
            "threading.Timer(0.9, late).start()\n'set'",
            {},
        )
    ],
    "exit": [("before = 1", {}), ("import os\nos._exit(3)", {})],
    "killed": [("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", {})],
    "busy-loop": [("while True: pass", {})],
    "type-error": [("size: int = '12'\nsize", {})],
    "raises-nothing": [("'all is well'", RAISES)],
    "abort-window": [("raise ValueError('expected')", RAISES), ("raise ValueError('second')", {})],
    "secret": [
        ("import os\nprint(os.environ['LAKE_CLIENT_SECRET'])", {}),
    ],
    "stdin": [("name = input('Name: ')", {})],
}


def main(folder: Path) -> None:
    for name, cells in TRAPS.items():
        notebook = new_notebook(
            metadata={"kernelspec": KERNEL, "language_info": {"name": "python"}},
            cells=[new_code_cell(code, metadata=metadata) for code, metadata in cells],
        )
        nbformat.write(notebook, folder / f"{name}.ipynb")


main(Path(sys.argv[1]))
