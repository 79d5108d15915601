import io
import logging

from devtools_testutils import AzureRecordedTestCase


class StorageRecordedTestCase(AzureRecordedTestCase):
    def account_url(self, account, service):
        return f"https://{account}.{service}.core.windows.net"


class LogCaptured:
    """What the clients of storage log meanwhile."""

    def __init__(self, _test=None):
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.logger = logging.getLogger("azure.storage")

    def __enter__(self):
        self.logger.addHandler(self.handler)
        self.level = self.logger.level
        self.logger.setLevel(logging.DEBUG)
        return self.stream

    def __exit__(self, *_):
        self.logger.removeHandler(self.handler)
        self.logger.setLevel(self.level)


def GenericTestProxyParametrize1():
    """Parameters need no recording of their own."""
    return lambda test: test
