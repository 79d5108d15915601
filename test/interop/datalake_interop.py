"""Microsoft's Python client of Data Lake Storage: create, upload, read, list, rename, access, delete."""

import os
from datetime import datetime, timedelta, timezone

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.storage.filedatalake import (
    DataLakeServiceClient,
    FileSystemClient,
    FileSystemSasPermissions,
    generate_file_system_sas,
)
from practice_cloud import account, ca_file, holds, service_credential, storage_url

service = DataLakeServiceClient(storage_url, service_credential(), connection_verify=ca_file)


def refused(error, code, work):
    try:
        work()
    except error as refusal:
        found = getattr(refusal.error_code, "value", refusal.error_code)
        if str(found).endswith(code):
            return True
        print(f"refused with {found!r}, not {code}: {refusal}")
    return False


names = [item.name for item in service.list_file_systems()]
holds(f"lists the seeded file systems {names}", len(names) > 0)
fs = service.create_file_system("python", metadata={"made": "here"})
holds("file system properties", fs.get_file_system_properties().metadata == {"made": "here"})
holds("a second one of the name is refused", refused(
    ResourceExistsError, "AlreadyExists", lambda: service.create_file_system("python")))

data = os.urandom(5_000_000)
file = fs.get_file_client("dir/größe & co/data 1.bin")
file.upload_data(data, overwrite=True, chunk_size=1_000_000, max_concurrency=4)
holds("uploads in pieces and reads back", file.download_file().readall() == data)
holds("reads a range", file.download_file(offset=1_234_567, length=1000).readall() == data[1_234_567:1_235_567])
properties = file.get_file_properties()
holds("says size and tag", properties.size == len(data) and properties.etag.startswith('"0x'))
holds("does not overwrite unasked", refused(
    HttpResponseError, "", lambda: file.upload_data(b"x", overwrite=False))
    and file.get_file_properties().size == len(data))
holds("holds to a tag", refused(
    HttpResponseError, "ConditionNotMet",
    lambda: file.download_file(etag='"0x1"', match_condition=MatchConditions.IfNotModified)))

small = fs.get_file_client("dir/small.txt")
small.create_file(metadata={"colour": "red"})
small.append_data(b"hello ", 0)
small.append_data(b"world", 6)
small.flush_data(11)
holds("appends and flushes", small.download_file().readall() == b"hello world")
small.set_metadata({"a": "1"})
holds("keeps metadata", small.get_file_properties().metadata == {"a": "1"})

for number in range(30):
    fs.create_file(f"many/{number:02}")
listed = [item.name for item in fs.get_paths("many", max_results=7)]
holds("lists in pages", listed == [f"many/{number:02}" for number in range(30)])
holds("lists recursively", "dir/größe & co/data 1.bin" in [item.name for item in fs.get_paths()])

moved = small.rename_file("python/dir/moved ü.txt")
holds("renames a file", moved.download_file().readall() == b"hello world" and not small.exists())
directory = fs.get_directory_client("many").rename_directory("python/fewer")
holds("renames a directory", len(list(fs.get_paths("fewer"))) == 30)

lease = moved.acquire_lease(lease_duration=15)
holds("a lease keeps others out", refused(HttpResponseError, "LeaseIdMissing", moved.delete_file))
lease.release()

directory.delete_directory()
holds("deletes a directory with all in it", not directory.exists())
holds("says what is missing", refused(
    ResourceNotFoundError, "NotFound", lambda: fs.get_file_client("nothing").download_file()))

key = service.get_user_delegation_key(
    datetime.now(timezone.utc) - timedelta(minutes=5), datetime.now(timezone.utc) + timedelta(hours=1))
sas = generate_file_system_sas(
    account, "python", key, FileSystemSasPermissions(read=True, list=True),
    datetime.now(timezone.utc) + timedelta(minutes=30))
by_sas = FileSystemClient(storage_url, "python", credential=sas, connection_verify=ca_file)
holds("a user delegation SAS reads", by_sas.get_file_client("dir/moved ü.txt").download_file().readall() == b"hello world")
holds("and does not write", refused(
    HttpResponseError, "AuthorizationPermissionMismatch",
    lambda: by_sas.get_file_client("dir/new").create_file()))

own = fs.get_file_client("dir/own.txt")
own.create_file()
control = own.get_access_control()
holds("reads the access list", control["acl"] == "user::rw-,group::r--,other::---" and control["permissions"] == "rw-r-----")
own.set_access_control(acl="user::rw-,user:11111111-2222-3333-4444-555555555555:r--,group::r--,other::---")
holds("sets the access list of its own file", "user:11111111-2222-3333-4444-555555555555:r--" in own.get_access_control()["acl"])
tree = fs.get_directory_client("tree")
tree.create_directory()
for number in range(5):
    tree.create_file(f"f{number}")
result = tree.update_access_control_recursive("user:11111111-2222-3333-4444-555555555555:r-x", batch_size=2)
holds("updates access lists recursively", result.counters.files_successful == 5 and result.counters.failure_count == 0)

service.delete_file_system("python")
holds("deletes the file system", "python" not in [item.name for item in service.list_file_systems()])
