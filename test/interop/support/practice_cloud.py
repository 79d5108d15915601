"""What the interop tests written in Python know of a running practice cloud."""

import json
import os
import sys
import urllib.request

from azure.identity import AzureCliCredential, ClientSecretCredential

with open(sys.argv[1], encoding="utf8") as file:
    cloud = json.load(file)
ca_file = sys.argv[2]
account = cloud["account"]
# Path style: host names of Azure lead to Azure.
storage_url = f"{cloud['origin']}/{account}"


def service_credential():
    """The service application, which reads and writes the lake."""
    service = cloud["service"]
    return ClientSecretCredential(
        cloud["tenantId"],
        service["clientId"],
        service["clientSecret"],
        authority=cloud["origin"],
        disable_instance_discovery=True,
        connection_verify=ca_file,
    )


def ada_credential():
    """The owner of everything, signed in to the Azure CLI."""
    request = urllib.request.Request(
        f"{cloud['pages']}/practice/programs/az",
        data=json.dumps({"user": "ada@contoso.com"}).encode(),
        headers={"Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request).close()
    os.environ["PATH"] = f"{cloud['programs']}{os.pathsep}{os.environ['PATH']}"
    return AzureCliCredential()


def holds(what, condition=True):
    """Prints what has been shown, or ends the test."""
    if not condition:
        sys.exit(f"does not hold: {what}")
    print(f"holds: {what}", flush=True)
