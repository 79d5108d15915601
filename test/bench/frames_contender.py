"""One contender of frames.bench.ts in Python, in a process of its own, so that its peak memory is its own.

python frames_contender.py DESCRIPTION CA CONTENDER FILE prints its name, and for every line that it
is sent what one run cost, as JSON.
"""

import json
import os
import resource
import sys
import time

from lake_fs import fs
from practice_cloud import account, service_credential, storage_url

contender, file = sys.argv[3:5]
what, _, deed = contender.partition(" ")
is_csv = file.endswith(".csv")
path = f"raw/{file}"


def answer(groups, trips, means):
    return f"{groups} groups, {trips} trips, {means:.3f}"


def pandas_contender():
    import pandas

    def load(columns=None):
        with fs.open(path) as opened:
            if is_csv:
                return pandas.read_csv(opened, parse_dates=["pickup", "day"])
            return pandas.read_parquet(opened, columns=columns)

    def totals():
        groups = load(["id", "city", "total"]).groupby("city", dropna=False)
        frame = groups.agg(trips=("id", "count"), mean=("total", "mean"))
        return answer(len(frame), frame["trips"].sum(), frame["mean"].sum())

    name = f"pandas {pandas.__version__} + adlfs"
    return name, {"frame": lambda: f"{len(load())} rows", "totals": totals}


def polars_contender():
    import polars

    token = service_credential().get_token("https://storage.azure.com/.default").token
    options = {
        "azure_storage_account_name": account,
        "azure_storage_endpoint": storage_url,
        "azure_endpoint": storage_url,
        "azure_storage_token": token,
    }

    def scan():
        if is_csv:
            return polars.scan_csv(f"abfss://{path}", storage_options=options, try_parse_dates=True)
        return polars.scan_parquet(f"abfss://{path}", storage_options=options)

    def totals():
        frame = scan().group_by("city").agg(polars.len().alias("trips"), polars.col("total").mean())
        frame = frame.sort("city").collect()
        return answer(frame.height, frame["trips"].sum(), frame["total"].sum())

    name = f"polars {polars.__version__}, its own reader"
    return name, {"frame": lambda: f"{scan().collect().height} rows", "totals": totals}


def polars_adlfs_contender():
    import polars

    def load():
        data = fs.cat_file(path)
        return polars.read_csv(data, try_parse_dates=True) if is_csv else polars.read_parquet(data)

    def totals():
        frame = load().group_by("city").agg(polars.len().alias("trips"), polars.col("total").mean())
        return answer(frame.height, frame["trips"].sum(), frame.sort("city")["total"].sum())

    name = f"polars {polars.__version__} + adlfs"
    return name, {"frame": lambda: f"{load().height} rows", "totals": totals}


def duckdb_contender():
    import duckdb

    connection = duckdb.connect()
    connection.register_filesystem(fs)
    source = f"abfs://{path}"

    def totals():
        rows = connection.sql(
            f"select city, count(*) as trips, avg(total) as mean from '{source}' group by city order by city"
        ).fetchall()
        return answer(len(rows), sum(row[1] for row in rows), sum(row[2] for row in rows))

    def frame():
        rows = len(connection.sql(f"from '{source}'").df())
        return f"{rows} rows"

    return f"duckdb {duckdb.__version__} + adlfs", {"frame": frame, "totals": totals}


CONTENDERS = {
    "pandas": pandas_contender,
    "polars": polars_contender,
    "polars+adlfs": polars_adlfs_contender,
    "duckdb": duckdb_contender,
}


def tell(**facts):
    print(json.dumps(facts), flush=True)


try:
    name, works = CONTENDERS[what]()
except ImportError:
    tell(name=None)
    sys.exit()

tell(name=name)
for _ in sys.stdin:
    fs.invalidate_cache()
    start, cpu = time.perf_counter(), time.process_time()
    found = works[deed]()
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    tell(wall=wall, cpu=cpu, peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, answer=found)
os._exit(0)  # at any other end duckdb lists what it leaks
