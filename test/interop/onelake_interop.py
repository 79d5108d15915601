"""Microsoft's Python client and deltalake on OneLake, by its own host names through the proxy."""

import os

from azure.core.exceptions import HttpResponseError
from azure.storage.filedatalake import DataLakeServiceClient
from practice_cloud import ca_file, cloud, holds, service_credential

credential = service_credential()
token = credential.get_token("https://storage.azure.com/.default").token
os.environ["SSL_CERT_FILE"] = ca_file
for name in ["HTTPS_PROXY", "https_proxy"]:
    os.environ[name] = cloud["pages"]

from deltalake import DeltaTable, QueryBuilder, write_deltalake  # noqa: E402  reads the environment when it is loaded
import pyarrow as pa  # noqa: E402

HOST = "onelake.dfs.fabric.microsoft.com"


service = DataLakeServiceClient(f"https://{HOST}", credential, connection_verify=ca_file)
workspace = service.get_file_system_client("Flights")
lakehouse = "Airport.Lakehouse"


def refused(code, work):
    try:
        work()
    except HttpResponseError as refusal:
        found = getattr(refusal.error_code, "value", refusal.error_code)
        return found == code or print(f"refused with {found!r}, not {code}")
    return False


holds("a workspace lists its items", [item.name for item in workspace.get_paths(recursive=False)] == [lakehouse])
holds("an item lists its folders", [item.name for item in workspace.get_paths(lakehouse, recursive=False)]
      == [f"{lakehouse}/Files", f"{lakehouse}/Tables"])
data = os.urandom(3_000_000)
file = workspace.get_file_client(f"{lakehouse}/Files/made here/größe.bin")
file.upload_data(data, overwrite=True)
holds("uploads and reads back", file.download_file().readall() == data)
moved = file.rename_file(f"Flights/{lakehouse}/Files/made here/moved.bin")
holds("renames", moved.get_file_properties().size == len(data) and not file.exists())
directory = workspace.get_directory_client(f"{lakehouse}/Files/made here")
holds("nobody owns anything", directory.get_access_control()["owner"] == "$superuser")
directory.delete_directory()
holds("deletes what it made", not directory.exists())
for what, code, work in [
    ("to create a workspace", "BadRequest", lambda: service.create_file_system("new")),
    ("to delete a workspace", "BadRequest", workspace.delete_file_system),
    ("to list workspaces", "BadRequest", lambda: list(service.list_file_systems())),
    ("to delete an item", "OperationNotAllowedOnThePath", workspace.get_directory_client(lakehouse).delete_directory),
    ("to rename Files", "OperationNotAllowedOnThePath",
     lambda: workspace.get_directory_client(f"{lakehouse}/Files").rename_directory(f"Flights/{lakehouse}/Tables/f")),
    ("to set access", "UnsupportedQueryParameter",
     lambda: workspace.get_directory_client(f"{lakehouse}/Files").set_access_control(permissions="rwxrwxrwx")),
]:
    holds(f"is refused {what}", refused(code, work))


def read(table):
    """All rows by deltalake's own engine: PyArrow's threads outlive Python with its files, and abort it."""
    return pa.table(QueryBuilder().register("t", table).execute("select * from t").read_all())


options = {"bearer_token": token}
table = DeltaTable(f"abfss://Flights@{HOST}/{lakehouse}/Tables/flights_per_day", storage_options=options)
rows = read(table)
holds("deltalake reads the seeded table", rows.num_rows == 1095 and rows.column_names[0] == "date")
made = f"abfss://Flights@{HOST}/{lakehouse}/Tables/made"
for numbers in [[1, 2], [3]]:
    write_deltalake(made, pa.table({"n": numbers}), mode="append", storage_options=options)
again = DeltaTable(made, storage_options=options)
holds("deltalake writes a table and appends to it", again.version() == 1
      and sorted(read(again)["n"].to_pylist()) == [1, 2, 3])
