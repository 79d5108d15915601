"""
Stands in for the package that Azure's own tests are written with and that is not published: it
runs them live, against the practice cloud, and records nothing.
"""

import functools
import hashlib
import inspect
import os
import random
from types import SimpleNamespace


def is_live():
    return True


def recorded_by_proxy(test):
    """Hands on what the preparers give; there is no proxy and no recording."""

    @functools.wraps(test)
    def run(*args, **kwargs):
        return test(*args, **kwargs)

    return run


class EnvironmentVariableOptions:
    def __init__(self, hide_secrets=()):
        self.hide_secrets = hide_secrets


def EnvironmentVariableLoader(_directory, options, **defaults):
    """A decorator that hands a test the variables it names, secrets wrapped."""

    def given(test):
        values = {name: os.environ[name.upper()] for name in defaults}
        secret = {name: SimpleNamespace(secret=values[name]) for name in options.hide_secrets}
        found = {**values, **secret}
        parameters = inspect.signature(test).parameters.values()
        if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            return found
        return {name: found[name] for name in inspect.signature(test).parameters if name in found}

    def load(test):
        if inspect.iscoroutinefunction(test):

            @functools.wraps(test)
            async def run(*args, **kwargs):
                return await test(*args, **kwargs, **given(test))

        else:

            @functools.wraps(test)
            def run(*args, **kwargs):
                return test(*args, **kwargs, **given(test))

        return run

    return load


class AzureRecordedTestCase:
    is_live = True

    def is_playback(self):
        return False

    def get_resource_name(self, prefix):
        test = os.environ["PYTEST_CURRENT_TEST"].rsplit(" ", 1)[0]
        return prefix + hashlib.sha1(test.encode()).hexdigest()[:16]

    def assertNamedItemInContainer(self, container, name, _message=None):
        assert name in [item.name for item in container]

    def get_random_bytes(self, size):
        return random.Random(self.get_resource_name("")).randbytes(size)

    def get_random_text_data(self, size):
        return "".join(chr(97 + byte % 26) for byte in self.get_random_bytes(size))

    def get_datetime_variable(self, _variables, _name, value):
        return value

    def generate_sas(self, generate, *args, **kwargs):
        return generate(*args, **kwargs)

    def get_credential(self, _client_class, is_async=False, **kwargs):
        if is_async:
            from azure.identity.aio import ClientSecretCredential
        else:
            from azure.identity import ClientSecretCredential
        env = os.environ
        names = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")
        return ClientSecretCredential(
            *(env[name] for name in names), disable_instance_discovery=True, **kwargs
        )
