"""The practice lake as adlfs has it, with which pandas, Polars and DuckDB read Azure."""

import asyncio

from adlfs import AzureBlobFileSystem
from practice_cloud import account, cloud, service_credential


class AsyncCredential:
    """azure-identity's own credential, asked off the event loop, as adlfs wants it."""

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
