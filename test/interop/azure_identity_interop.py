"""Microsoft's own Python client signs in to a practice cloud, and PyJWT verifies what it gets.

Takes the description file of a running practice cloud, and a file with the PEM of its CA. Prints a
line for each way that holds; ends with exit code 1 at the first that does not.
"""

import json
import os
import re
import ssl
import threading
import urllib.parse
import urllib.request

import jwt
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AzureCliCredential,
    AzureDeveloperCliCredential,
    AzurePowerShellCredential,
    CertificateCredential,
    ClientSecretCredential,
    CredentialUnavailableError,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from practice_cloud import ca_file, cloud

STORAGE = "https://storage.azure.com/.default"
MANAGEMENT = "https://management.azure.com/.default"

tenant = cloud["tenantId"]
service = cloud["service"]
options = {
    "authority": cloud["origin"],
    "disable_instance_discovery": True,
    "connection_verify": ca_file,
    "retry_total": 0,
}
keys = jwt.PyJWKClient(
    f"{cloud['origin']}/{tenant}/discovery/v2.0/keys",
    ssl_context=ssl.create_default_context(cafile=ca_file),
)


def claims_of(token, audience="https://storage.azure.com"):
    """The claims of a token whose signature, audience, issuer and expiry hold."""
    return jwt.decode(
        token.token,
        keys.get_signing_key_from_jwt(token.token).key,
        algorithms=["RS256"],
        audience=audience,
        issuer=f"https://sts.windows.net/{tenant}/",
    )


def expect(wanted, claims):
    for name, value in wanted.items():
        assert claims.get(name) == value, f"{name} is {claims.get(name)!r}, not {value!r}"


def refused(credential, text, kind=ClientAuthenticationError):
    try:
        credential.get_token(STORAGE)
    except kind as error:
        assert text in str(error), f"{text} is not in: {error}"
    else:
        raise AssertionError(f"nothing refused with {text}")


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(cloud["pages"] + path, data=data, method=method)
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def submit(fields):
    """Sends a form of the device page; answers the next page."""
    data = urllib.parse.urlencode(fields).encode()
    with urllib.request.urlopen(f"{cloud['pages']}/devicelogin", data) as reply:
        return reply.read().decode()


def at_device_page(user):
    def prompt(verification_uri, user_code, _expires_on):
        assert verification_uri == f"{cloud['pages']}/devicelogin", verification_uri

        def finish():
            page = submit({"code": user_code, "user": user})
            number = re.search(r'Number to match">(\d\d)<', page).group(1)
            submit({"code": user_code, "user": user, "answer": "approve", "number": number})

        threading.Thread(target=finish, daemon=True).start()

    return prompt


def client_secret():
    credential = ClientSecretCredential(
        tenant, service["clientId"], service["clientSecret"], **options
    )
    claims = claims_of(credential.get_token(STORAGE))
    expect({"appid": service["clientId"], "idtyp": "app", "tid": tenant}, claims)
    claims_of(credential.get_token(MANAGEMENT), "https://management.azure.com")
    claims_of(
        credential.get_token("https://datalake.azure.net//.default"),
        "https://datalake.azure.net/",
    )


def wrong_secret():
    wrong = ClientSecretCredential(tenant, service["clientId"], "wrong", **options)
    refused(wrong, "AADSTS7000215")


def unknown_application():
    other = "11111111-2222-3333-4444-555555555555"
    refused(ClientSecretCredential(tenant, other, "any", **options), "AADSTS700016")


def certificate():
    credential = CertificateCredential(
        tenant, service["clientId"], cloud["certificateFile"], **options
    )
    expect({"appidacr": "2"}, claims_of(credential.get_token(STORAGE)))


def federated_token():
    credential = WorkloadIdentityCredential(
        tenant_id=tenant,
        client_id=service["clientId"],
        token_file_path=cloud["federatedTokenFile"],
        **options,
    )
    expect({"appid": service["clientId"]}, claims_of(credential.get_token(STORAGE)))


def device_code():
    credential = DeviceCodeCredential(
        client_id=cloud["clientId"],
        tenant_id=tenant,
        prompt_callback=at_device_page("grace@contoso.com"),
        **options,
    )
    token = credential.get_token(STORAGE)
    expect({"upn": "grace@contoso.com", "idtyp": "user"}, claims_of(token))
    # A second audience comes by the refresh token: another prompt would wait for ever.
    credential._prompt_callback = None
    second = credential.get_token(MANAGEMENT)
    expect({"upn": "grace@contoso.com"}, claims_of(second, "https://management.azure.com"))


def device_code_declined():
    def cancel(_uri, user_code, _expires_on):
        submit({"code": user_code, "answer": "cancel"})

    credential = DeviceCodeCredential(
        client_id=cloud["clientId"], tenant_id=tenant, prompt_callback=cancel, **options
    )
    refused(credential, "AADSTS70017")


def browser():
    os.environ["BROWSER"] = os.path.join(cloud["programs"], "browser")
    credential = InteractiveBrowserCredential(
        client_id=cloud["clientId"], tenant_id=tenant, timeout=20, **options
    )
    expect({"upn": "ada@contoso.com"}, claims_of(credential.get_token(STORAGE)))


def managed_identity():
    machine = cloud["metadata"]["virtualMachine"]
    os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = machine
    system = ManagedIdentityCredential().get_token(STORAGE)
    expect({"oid": cloud["identities"]["system"]["objectId"]}, claims_of(system))
    identity = cloud["identities"]["user"]
    named = ManagedIdentityCredential(client_id=identity["clientId"]).get_token(STORAGE)
    expect({"oid": identity["objectId"]}, claims_of(named))
    del os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"]


def app_service():
    os.environ["IDENTITY_ENDPOINT"] = cloud["appService"]["endpoint"]
    os.environ["IDENTITY_HEADER"] = cloud["appService"]["header"]
    identity = cloud["identities"]["user"]
    credential = ManagedIdentityCredential(
        identity_config={"resource_id": identity["resourceId"]}
    )
    expect({"oid": identity["objectId"]}, claims_of(credential.get_token(STORAGE)))
    os.environ["IDENTITY_HEADER"] = "wrong"
    refused(ManagedIdentityCredential(), "", ClientAuthenticationError)
    del os.environ["IDENTITY_ENDPOINT"], os.environ["IDENTITY_HEADER"]


def programs():
    os.environ["PATH"] = cloud["programs"] + os.pathsep + os.environ["PATH"]
    credentials = {
        "az": AzureCliCredential,
        "azd": AzureDeveloperCliCredential,
        "pwsh": AzurePowerShellCredential,
    }
    advice = {"az": "az login", "azd": "azd auth login", "pwsh": "Connect-AzAccount"}
    for program, credential in credentials.items():
        refused(credential(), advice[program], CredentialUnavailableError)
        control("PUT", f"/practice/programs/{program}", {"user": "max@contoso.com"})
        expect({"upn": "max@contoso.com"}, claims_of(credential().get_token(STORAGE)))


def expired_secret():
    control("POST", "/practice/faults", {"kind": "refuse", "reason": "expired-secret"})
    credential = ClientSecretCredential(
        tenant, service["clientId"], service["clientSecret"], **options
    )
    refused(credential, "AADSTS7000222")
    control("DELETE", "/practice/faults")


for check in (
    client_secret,
    wrong_secret,
    unknown_application,
    certificate,
    federated_token,
    device_code,
    device_code_declined,
    browser,
    managed_identity,
    app_service,
    programs,
    expired_secret,
):
    check()
    print(f"holds: {check.__name__.replace('_', ' ')}", flush=True)
