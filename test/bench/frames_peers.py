"""The same work by pandas and polars over adlfs: medians in seconds, as JSON for frames.bench.ts."""

import asyncio
import json
import statistics
import sys
import time

import pandas
import polars
from adlfs import AzureBlobFileSystem
from practice_cloud import account, cloud, service_credential

rounds = int(sys.argv[3])


class AsyncCredential:
    def __init__(self, credential):
        self.credential = credential

    async def get_token(self, *scopes, **options):
        return await asyncio.to_thread(self.credential.get_token, *scopes, **options)

    async def close(self):
        pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass


fs = AzureBlobFileSystem(
    account_name=account,
    account_host=f"{cloud['origin'].removeprefix('https://')}/{account}",
    credential=AsyncCredential(service_credential()),
)


def median(work):
    times, cpus = [], []
    for _ in range(rounds):
        fs.invalidate_cache()
        start, cpu = time.perf_counter(), time.process_time()
        work()
        times.append(time.perf_counter() - start)
        cpus.append(time.process_time() - cpu)
    return {"wall": statistics.median(times), "cpu": statistics.median(cpus), "memory": 0}


def pandas_csv():
    with fs.open("raw/trips.csv") as file:
        return pandas.read_csv(file, parse_dates=["pickup", "day"])


def pandas_parquet(columns=None):
    with fs.open("raw/trips.parquet") as file:
        return pandas.read_parquet(file, columns=columns)


def polars_csv():
    return polars.read_csv(fs.cat("raw/trips.csv"), try_parse_dates=True)


def polars_parquet():
    return polars.read_parquet(fs.cat("raw/trips.parquet"))


def aggregate(frame):
    if isinstance(frame, pandas.DataFrame):
        return frame.groupby("city", dropna=False).agg(trips=("id", "count"), mean=("total", "mean"))
    return frame.group_by("city").agg(polars.len(), polars.col("total").mean()).sort("city")


print(json.dumps({
    "csv": {"pandas + adlfs": median(pandas_csv), "polars + adlfs": median(polars_csv)},
    "parquet": {"pandas + adlfs": median(pandas_parquet), "polars + adlfs": median(polars_parquet)},
    "csvAggregate": {
        "pandas + adlfs": median(lambda: aggregate(pandas_csv())),
        "polars + adlfs": median(lambda: aggregate(polars_csv())),
    },
    "parquetAggregate": {
        "pandas + adlfs": median(lambda: aggregate(pandas_parquet(["id", "city", "total"]))),
        "polars + adlfs": median(lambda: aggregate(polars_parquet())),
    },
}))
