"""Appends trips to a Delta table with deltalake: delta_contender.py TRIPS_PARQUET TABLE, for delta.bench.ts.

Prints its name, and for every line that it is sent, `file` or `frame`, what one append cost, as JSON.
"""

import json
import sys
import time

import deltalake
import pandas
import pyarrow.parquet

trips, table = sys.argv[1:]
frame = pandas.read_parquet(trips)


def append_file() -> None:
    deltalake.write_deltalake(table, pyarrow.parquet.read_table(trips), mode="append")


def append_frame() -> None:
    deltalake.write_deltalake(table, frame, mode="append")


print(json.dumps(f"deltalake {deltalake.__version__}"), flush=True)
for line in sys.stdin:
    work = append_file if line.strip() == "file" else append_frame
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    cost = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    print(json.dumps(cost), flush=True)
