"""Writes the file that settings show into a folder, and prints what to type then."""

import pathlib
import re
import sys

blocks = {}
name = None
for line in sys.stdin.read().split("\n"):
    head = re.fullmatch(r"# (\S+):", line)
    if head:
        name = head[1]
        blocks[name] = []
    elif name and re.match(r"#( {3}|$)", line):
        blocks[name].append(line[4:])
    else:
        name = None
print("\n".join(blocks.pop("Then")))
for file, lines in blocks.items():
    path = pathlib.Path(sys.argv[1], file)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
