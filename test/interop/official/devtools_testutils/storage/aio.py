from devtools_testutils.storage import GenericTestProxyParametrize1, StorageRecordedTestCase


class AsyncStorageRecordedTestCase(StorageRecordedTestCase):
    pass


__all__ = ["AsyncStorageRecordedTestCase", "GenericTestProxyParametrize1"]
