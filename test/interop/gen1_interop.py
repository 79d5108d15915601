"""Microsoft's Python client of Data Lake Storage Gen1: ls, put, get, mv, concat, access, rm."""

import json
import os
import ssl
import sys
import urllib.request

from azure.datalake.store import core, multithread
from practice_cloud import ada_credential, ca_file, cloud, holds

credential = ada_credential()

# The account is made the way any account is, through Resource Manager.
token = credential.get_token("https://management.azure.com/.default").token
group = f"{cloud['origin']}/subscriptions/{cloud['subscriptionId']}/resourceGroups/gen1interop"
context = ssl.create_default_context(cafile=ca_file)


def put(url, body):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="PUT")
    with urllib.request.urlopen(request, context=context) as answer:
        return answer.status


put(f"{group}?api-version=2021-04-01", {"location": "westeurope"})
put(
    f"{group}/providers/Microsoft.DataLakeStore/accounts/interoplake?api-version=2016-11-01",
    {"location": "westeurope"},
)

# The client joins store and suffix with a dot: this is 127.0.0.1 and the port.
adl = core.AzureDLFileSystem(
    token_credential=credential,
    store_name="127",
    url_suffix="0.0.1:" + cloud["origin"].rsplit(":", 1)[1],
)
folder = os.path.join(sys.argv[3], "gen1")
os.makedirs(folder)

adl.mkdir("/interop")
data = os.urandom(9_000_000)
with adl.open("/interop/größe 1.bin", "wb", blocksize=2**22) as file:
    file.write(data)
holds("writes and says the size", adl.info("/interop/größe 1.bin")["length"] == len(data))
with adl.open("/interop/größe 1.bin", "rb") as file:
    file.seek(5_000_000)
    holds("reads at a place", file.read(100) == data[5_000_000:5_000_100])
holds("reads whole", adl.cat("/interop/größe 1.bin") == data)
with adl.open("/interop/größe 1.bin", "ab") as file:
    file.write(b"more")
holds("appends", adl.tail("/interop/größe 1.bin", 4) == b"more")

source = os.path.join(folder, "up")
os.makedirs(os.path.join(source, "sub"))
for number in range(12):
    with open(os.path.join(source, "sub" if number % 2 else "", f"{number}.txt"), "w", encoding="utf8") as file:
        file.write(f"file {number}" * 1000)
with open(os.path.join(source, "big.bin"), "wb") as file:
    file.write(data)
multithread.ADLUploader(adl, lpath=source, rpath="/interop/up", nthreads=4, chunksize=2**21, overwrite=True)
holds("puts a folder, large files in joined pieces", adl.info("/interop/up/big.bin")["length"] == len(data))
multithread.ADLDownloader(adl, lpath=os.path.join(folder, "down"), rpath="/interop/up", nthreads=4, chunksize=2**21)
with open(os.path.join(folder, "down", "big.bin"), "rb") as file:
    holds("gets a folder", file.read() == data)
holds("walks", len(adl.walk("/interop/up")) == 13)
holds("globs", len(adl.glob("/interop/up/sub/*.txt")) == 6)
holds("lists", sorted(os.path.basename(path) for path in adl.ls("/interop")) == ["größe 1.bin", "up"])
holds("measures", sum(adl.du("/interop/up/sub").values()) == sum(len(f"file {n}" * 1000) for n in range(1, 12, 2)))

adl.mv("/interop/up", "/interop/moved")
holds("moves a directory", adl.exists("/interop/moved/big.bin") and not adl.exists("/interop/up"))
adl.concat("/interop/joined", ["/interop/moved/0.txt", "/interop/moved/2.txt"])
holds("joins files", adl.cat("/interop/joined") == b"file 0" * 1000 + b"file 2" * 1000)
holds("and they are gone", not adl.exists("/interop/moved/0.txt"))

person = "11111111-2222-3333-4444-555555555555"
adl.modify_acl_entries("/interop/joined", f"user:{person}:r-x")
holds("keeps access lists", f"user:{person}:r-x" in adl.get_acl_status("/interop/joined")["entries"])
adl.remove_acl_entries("/interop/joined", f"user:{person}")
holds("and takes entries away", f"user:{person}:r-x" not in adl.get_acl_status("/interop/joined")["entries"])
adl.chmod("/interop/joined", "640")
holds("changes a mode", adl.info("/interop/joined")["permission"] == "640")
adl.set_expiry("/interop/joined", "RelativeToNow", 86_400_000)
holds("sets an expiry", adl.info("/interop/joined")["msExpirationTime"] > 0)

try:
    adl.info("/interop/none")
    holds("says what is missing", False)
except FileNotFoundError:
    holds("says what is missing")
adl.rm("/interop", recursive=True)
holds("removes all of it", not adl.exists("/interop"))
