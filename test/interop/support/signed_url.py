"""Prints the URL of a new file system, signed with a user delegation key for an hour."""

import sys
from datetime import datetime, timedelta, timezone

from azure.storage.filedatalake import (
    DataLakeServiceClient,
    FileSystemSasPermissions,
    generate_file_system_sas,
)
from practice_cloud import account, ca_file, service_credential, storage_url

name = sys.argv[3]
service = DataLakeServiceClient(storage_url, service_credential(), connection_verify=ca_file)
service.create_file_system(name)
now = datetime.now(timezone.utc)
key = service.get_user_delegation_key(now - timedelta(minutes=5), now + timedelta(hours=1))
letters = FileSystemSasPermissions(
    read=True, add=True, create=True, write=True, delete=True, list=True
)
sas = generate_file_system_sas(account, name, key, letters, now + timedelta(hours=1))
print(f"{storage_url}/{name}?{sas}")
