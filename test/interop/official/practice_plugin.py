"""
Leads every client in this process to the practice cloud, and holds the outcome of each test against
the list of those that are known to fail.
"""

import asyncio
import os
import socket
import time

import pytest

resolve = socket.getaddrinfo
PORT = int(os.environ["PRACTICE_PORT"])


def to_practice(host, port, *args, **kwargs):
    """No name is ever looked up: Azure's lead to the practice cloud, and all others nowhere."""
    host = host.decode() if isinstance(host, bytes) else host
    if port == 443 and host.endswith((".core.windows.net", "login.microsoftonline.com")):
        return resolve("127.0.0.1", PORT, *args, **kwargs)
    if host in ("127.0.0.1", "localhost"):
        return resolve(host, port, *args, **kwargs)
    raise socket.gaierror(socket.EAI_NONAME, f"{host} is not to be reached from a test")


socket.getaddrinfo = to_practice


# The service takes half a minute to delete a file system, and the tests wait for it.
DELETING, DELETING_HERE = 30, 3
sleep, sleep_async = time.sleep, asyncio.sleep
time.sleep = lambda seconds: sleep(DELETING_HERE if seconds == DELETING else seconds)
asyncio.sleep = lambda seconds, *args: sleep_async(
    DELETING_HERE if seconds == DELETING else seconds, *args
)


def read_expected():
    with open(os.environ["EXPECTED_FAILURES"], encoding="utf8") as file:
        lines = [line.strip() for line in file]
    pairs = (line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))
    return {name: reason for name, reason in pairs}


def pytest_configure(config):
    for mark in ("live_test_only", "playback_test_only"):
        config.addinivalue_line("markers", f"{mark}: when a test is run")


def pytest_collection_modifyitems(items):
    expected = read_expected()
    for item in items:
        if item.get_closest_marker("playback_test_only"):
            item.add_marker(pytest.mark.skip(reason="for recordings only"))
        reason = expected.pop(item.nodeid.split("/")[-1], None)
        if reason and reason.startswith("not run: "):
            item.add_marker(pytest.mark.skip(reason=reason))
        elif reason:
            # Strict: one that passes by now has to leave the list.
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
    if expected and os.environ.get("EXPECTED_WHOLE"):
        raise pytest.UsageError(f"listed, but no test: {', '.join(expected)}")
