"""TOKEN=… deltalake_appends.py URL COUNT: appends that many rows to a Delta table in Azure, one by one."""

import os
import sys

import deltalake
import pyarrow

url, count = sys.argv[1], int(sys.argv[2])
for n in range(count):
    rows = pyarrow.table({"writer": ["deltalake"], "n": pyarrow.array([n], pyarrow.int64())})
    deltalake.write_deltalake(url, rows, mode="append", storage_options={"bearer_token": os.environ["TOKEN"]})
