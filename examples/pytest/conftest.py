"""A practice cloud for the tests of a Python project: `pip install pytest`, `npm install notelake`."""

import json
import os
import subprocess
import time
import urllib.request

import pytest

NOTELAKE = os.environ.get("NOTELAKE", "node_modules/.bin/notelake")


class PracticeCloud:
    """What `practice.json` tells of a running practice cloud, and its controls over HTTP."""

    def __init__(self, description):
        self.description = description
        self.lake_url = f"{description['origin']}/{description['account']}"

    def control(self, method, path, body=None):
        """PUT snapshots/NAME, POST snapshots/NAME/restore, GET requests, POST faults, POST reset."""
        request = urllib.request.Request(
            f"{self.description['pages']}/practice/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request) as reply:
            text = reply.read()
        return json.loads(text) if text else None

    def refusals(self):
        """The requests that were refused, each with its reasons."""
        return [entry for entry in self.control("GET", "requests")["value"] if entry["reasons"]]


@pytest.fixture(scope="session")
def running_cloud(tmp_path_factory):
    folder = tmp_path_factory.mktemp("practice") / "cloud"
    process = subprocess.Popen([NOTELAKE, "practice", "--dir", folder], stdout=subprocess.DEVNULL)
    try:
        settings = folder / "practice.json"
        deadline = time.monotonic() + 60
        while not settings.exists():
            assert process.poll() is None, "notelake practice has ended"
            assert time.monotonic() < deadline, "notelake practice has not started in a minute"
            time.sleep(0.1)
        yield PracticeCloud(json.loads(settings.read_text()))
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def cloud(running_cloud):
    """The practice cloud as it began: every test finds the same files, roles and accounts."""
    running_cloud.control("POST", "reset")
    return running_cloud
