"""Microsoft's own Python client, tested against a practice cloud."""

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.storage.filedatalake import DataLakeServiceClient, LinearRetry


def archive(lake, folder):
    """What is tested: moves the files of a folder below archive/, and says how many there were."""
    raw = lake.get_file_system_client("raw")
    raw.create_directory(f"archive/{folder}")
    files = [path.name for path in raw.get_paths(folder) if not path.is_directory]
    for name in files:
        raw.get_file_client(name).rename_file(f"raw/archive/{name}")
    return len(files)


@pytest.fixture
def lake(cloud):
    """The service application, signed in by its secret."""
    practice = cloud.description
    credential = ClientSecretCredential(
        practice["tenantId"],
        practice["service"]["clientId"],
        practice["service"]["clientSecret"],
        authority=practice["origin"],
        disable_instance_discovery=True,
        connection_verify=practice["caFile"],
    )
    return DataLakeServiceClient(
        cloud.lake_url,
        credential,
        connection_verify=practice["caFile"],
        retry_policy=LinearRetry(backoff=0, random_jitter_range=0),
    )


def test_moves_the_files_of_a_folder(lake):
    assert archive(lake, "penguins") == 1
    assert lake.get_file_client("raw", "archive/penguins/penguins.csv").exists()


def test_finds_every_file_in_its_place_again(lake):
    assert lake.get_file_client("raw", "penguins/penguins.csv").exists()
    assert not lake.get_directory_client("raw", "archive").exists()


def test_goes_on_after_the_service_was_busy(cloud, lake):
    cloud.control("POST", "faults", {"on": "lake", "kind": "status", "status": 503, "times": 2})
    assert archive(lake, "penguins") == 1


def test_says_why_somebody_is_refused(cloud):
    nobody = DataLakeServiceClient(cloud.lake_url, connection_verify=cloud.description["caFile"])
    with pytest.raises(HttpResponseError):
        archive(nobody, "penguins")
    assert cloud.refusals()[0]["reasons"] == [
        {"by": "token", "why": "there is no token and no signature"}
    ]


def test_goes_back_to_a_snapshot(cloud, lake):
    lake.get_file_system_client("raw").create_file("in/a.csv")
    cloud.control("PUT", "snapshots/one-file")
    assert archive(lake, "in") == 1
    cloud.control("POST", "snapshots/one-file/restore")
    assert archive(lake, "in") == 1
