"""adlfs, with which pandas and dask read Azure: ls, find, glob, open, put, get, cp, mv, rm."""

import os
import sys

from lake_fs import fs
from practice_cloud import holds

folder = os.path.join(sys.argv[3], "adlfs")
os.makedirs(folder)

containers = [name.rstrip("/") for name in fs.ls("")]
holds(f"lists the containers {containers}", len(containers) > 0)
fs.mkdir("adlfs")
data = os.urandom(3_000_000)
with fs.open("adlfs/dir/a b+ü.bin", "wb", blocksize=1_000_000) as file:
    file.write(data)
with fs.open("adlfs/dir/a b+ü.bin", "rb") as file:
    file.seek(1_000_001)
    holds("writes in blocks, reads at a place", file.read(10) == data[1_000_001:1_000_011])
holds("reads whole", fs.cat("adlfs/dir/a b+ü.bin") == data)
fs.pipe({f"adlfs/many/{number}.txt": str(number).encode() for number in range(20)})
holds("globs", len(fs.glob("adlfs/many/1*.txt")) == 11)
holds("finds", len(fs.find("adlfs")) == 21)
holds("lists one file as one", [item["name"] for item in fs.ls("adlfs/many/3.txt", detail=True)] == ["adlfs/many/3.txt"])
holds("lists a directory", sorted(fs.ls("adlfs")) == ["adlfs/dir", "adlfs/many"])
info = fs.info("adlfs/many")
holds("knows a directory", info["type"] == "directory" and fs.isdir("adlfs/many"))
holds("knows a size", fs.info("adlfs/dir/a b+ü.bin")["size"] == len(data))
holds("says what is missing", not fs.exists("adlfs/none"))

local = os.path.join(folder, "up.txt")
with open(local, "w", encoding="utf8") as file:
    file.write("up and down")
fs.put(local, "adlfs/up.txt")
fs.get("adlfs/up.txt", local + ".back")
with open(local + ".back", encoding="utf8") as file:
    holds("puts and gets", file.read() == "up and down")
fs.get("adlfs/many", os.path.join(folder, "many"), recursive=True)
holds("gets a folder", len(os.listdir(os.path.join(folder, "many"))) == 20)
fs.cp("adlfs/up.txt", "adlfs/copy.txt")
holds("copies", fs.cat("adlfs/copy.txt") == b"up and down")
fs.mv("adlfs/copy.txt", "adlfs/moved.txt")
holds("moves", fs.cat("adlfs/moved.txt") == b"up and down" and not fs.exists("adlfs/copy.txt"))
fs.rm("adlfs/many", recursive=True)
fs.invalidate_cache()
holds("removes a folder", not fs.exists("adlfs/many"))
fs.rm("adlfs", recursive=True)
fs.invalidate_cache()
holds("removes a container", "adlfs" not in [name.rstrip("/") for name in fs.ls("")])
