"""Makes what Azure's tests need in the practice cloud, and prints it as the shell's exports."""

import base64
import json
import shlex
import ssl
import time
import urllib.error
import urllib.request
import uuid

from azure.storage.filedatalake import DataLakeServiceClient, RetentionPolicy
from practice_cloud import account, ada_credential, ca_file, cloud, service_credential

SOFT = "softdeletelake"
DATA_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"

token = ada_credential().get_token("https://management.azure.com/.default").token
trust = ssl.create_default_context(cafile=ca_file)


def manage(method, path, body=None, version="2023-05-01"):
    request = urllib.request.Request(
        f"{cloud['origin']}{path}?api-version={version}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, context=trust) as response:
        return json.loads(response.read() or "null")


subscription = f"/subscriptions/{cloud['subscriptionId']}"
accounts = manage("GET", f"{subscription}/providers/Microsoft.Storage/storageAccounts")["value"]
[scope] = [item["id"] for item in accounts if item["name"] == account]
soft = scope.replace(account, SOFT)
hns = {"isHnsEnabled": True}
place = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
manage("PUT", soft, {**place, "properties": hns})
for _ in range(50):
    try:
        soft_key = manage("POST", f"{soft}/listKeys")["keys"][0]["value"]
        break
    except urllib.error.HTTPError:
        time.sleep(0.2)
role = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{DATA_OWNER}"
claims = service_credential().get_token("https://storage.azure.com/.default").token.split(".")[1]
service_id = json.loads(base64.urlsafe_b64decode(claims + "=="))["oid"]
manage(
    "PUT",
    f"{subscription}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}",
    {"properties": {"roleDefinitionId": role, "principalId": service_id}},
    "2022-04-01",
)


def key(scope):
    return manage("POST", f"{scope}/listKeys")["keys"][0]["value"]


soft_url = f"{cloud['origin']}/{SOFT}"
service = DataLakeServiceClient(soft_url, {"account_name": SOFT, "account_key": soft_key}, connection_verify=ca_file)
retained = {"enabled": True, "days": 7}
manage("PUT", f"{soft}/blobServices/default", {"properties": {"containerDeleteRetentionPolicy": retained}})
service.set_service_properties(delete_retention_policy=RetentionPolicy(enabled=True, days=7))
names = {
    "DATALAKE_STORAGE_ACCOUNT_NAME": account,
    "DATALAKE_STORAGE_ACCOUNT_KEY": key(scope),
    "STORAGE_DATA_LAKE_SOFT_DELETE_ACCOUNT_NAME": SOFT,
    "STORAGE_DATA_LAKE_SOFT_DELETE_ACCOUNT_KEY": soft_key,
    "AZURE_TENANT_ID": cloud["tenantId"],
    "AZURE_CLIENT_ID": cloud["service"]["clientId"],
    "AZURE_CLIENT_SECRET": cloud["service"]["clientSecret"],
    "PRACTICE_PORT": cloud["port"],
}
for name, value in names.items():
    print(f"export {name}={shlex.quote(str(value))}")
