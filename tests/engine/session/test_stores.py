"""How the environment says to reach a store, and what each of the three readers is told of it."""

from pathlib import Path

import pytest
from pyarrow.fs import LocalFileSystem, S3FileSystem

from cst_contracts.engine.session.clouds import azure_store, google_store
from cst_contracts.engine.session.contexts import open_session
from cst_contracts.engine.session.s3 import S3Store, s3_store
from cst_contracts.engine.session.stores import bucket_of, files_of, store_of
from cst_contracts.engine.session.trouble import IntrospectionError
from cst_contracts.engine.storage.places import place_of

CREDENTIALS = """\
[default]
aws_access_key_id = of-default
aws_secret_access_key = secret-of-default
[other]
aws_access_key_id = of-other
aws_secret_access_key = secret-of-other
aws_session_token = token-of-other
"""
CONFIG = """\
[default]
region = eu-north-1
[profile other]
region = eu-south-1
endpoint_url = https://other.example:9000
"""


@pytest.fixture
def nothing(tmp_path: Path) -> dict[str, str]:
    """An environment in which nobody has configured anything."""
    return {
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }


@pytest.fixture
def profiles(tmp_path: Path, nothing: dict[str, str]) -> dict[str, str]:
    (tmp_path / "config").write_text(CONFIG)
    (tmp_path / "credentials").write_text(CREDENTIALS)
    return nothing


def test_without_a_word_each_reader_finds_its_own_way(nothing: dict[str, str]) -> None:
    store = s3_store("b", nothing)
    assert (store.key, store.secret, store.token, store.region, store.endpoint) == (None,) * 5
    assert not {"aws_access_key_id", "aws_endpoint", "aws_allow_http"} & store.for_delta().keys()


def test_the_default_profile_is_read(profiles: dict[str, str]) -> None:
    store = s3_store("b", profiles)
    assert (store.key, store.secret, store.token) == ("of-default", "secret-of-default", None)
    assert (store.region, store.endpoint) == ("eu-north-1", None)


def test_another_profile_is_named(profiles: dict[str, str]) -> None:
    store = s3_store("b", {**profiles, "AWS_PROFILE": "other"})
    assert (store.key, store.token) == ("of-other", "token-of-other")
    assert (store.region, store.endpoint) == ("eu-south-1", "https://other.example:9000")


def test_the_environment_counts_more_and_keys_are_of_one_origin(profiles: dict[str, str]) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_PROFILE": "other"}
    store = s3_store("b", {**profiles, **keys, "AWS_DEFAULT_REGION": "us-west-2"})
    assert (store.key, store.secret, store.token) == ("k", "s", None)
    assert store.region == "us-west-2"


def test_a_file_that_is_none_of_profiles_is_named_and_not_quoted(
    tmp_path: Path, nothing: dict[str, str]
) -> None:
    (tmp_path / "credentials").write_text("aws_secret_access_key = secret\n")
    with pytest.raises(IntrospectionError, match="credentials is no file of AWS profiles") as error:
        s3_store("b", nothing)
    assert error.value.__cause__ is None
    assert "secret_" not in str(error.value)


@pytest.mark.parametrize(
    "endpoint", ["s3.example", "https://me:secret@host", "https://host/path", "https://h?token=x"]
)
def test_an_endpoint_with_more_than_a_host_is_refused(
    nothing: dict[str, str], endpoint: str
) -> None:
    with pytest.raises(IntrospectionError, match="AWS_ENDPOINT_URL is no URL such as") as error:
        s3_store("b", {**nothing, "AWS_ENDPOINT_URL": endpoint})
    assert endpoint not in str(error.value)


def test_plain_http_has_to_be_meant(nothing: dict[str, str]) -> None:
    plain = {**nothing, "AWS_ENDPOINT_URL": "http://host:9000"}
    with pytest.raises(IntrospectionError, match="AWS_ALLOW_HTTP"):
        s3_store("b", plain)
    told = s3_store("b", {**plain, "AWS_ALLOW_HTTP": "true"}).for_delta()
    assert (told["aws_endpoint"], told["aws_allow_http"]) == ("http://host:9000", "true")


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30.0), ("500ms", 0.5), ("2m", 120.0), ("7", 7.0)]
)
def test_a_time_is_understood(nothing: dict[str, str], text: str, seconds: float) -> None:
    store = s3_store("b", {**nothing, "AWS_TIMEOUT": text})
    assert store.seconds == seconds
    assert store.for_delta()["timeout"] == f"{round(seconds * 1000)}ms"


def test_no_time_is_refused(nothing: dict[str, str]) -> None:
    with pytest.raises(IntrospectionError, match="AWS_TIMEOUT is no time such as 30s"):
        s3_store("b", {**nothing, "AWS_TIMEOUT": "soon"})


def test_every_reader_is_told_the_same() -> None:
    store = S3Store("b", "k", "s", "t", "eu-west-1", "https://host", virtual=True)
    assert store.for_delta() == {
        "aws_access_key_id": "k",
        "aws_secret_access_key": "s",
        "aws_session_token": "t",
        "aws_region": "eu-west-1",
        "aws_endpoint": "https://host",
        "aws_virtual_hosted_style_request": "true",
        "timeout": "30000ms",
        "connect_timeout": "5000ms",
        "max_retries": "3",
    }
    files = store.for_files()
    assert isinstance(files, S3FileSystem)
    assert files.region == "eu-west-1"
    assert store.path("a/b") == "b/a/b"


def test_nobody_signs_where_the_environment_says_so(profiles: dict[str, str]) -> None:
    store = s3_store("b", {**profiles, "AWS_SKIP_SIGNATURE": "true"})
    assert (store.key, store.secret, store.anonymous) == (None, None, True)
    assert store.for_delta()["aws_skip_signature"] == "true"
    assert isinstance(store.for_files(), S3FileSystem)


def test_other_clouds_are_told_what_the_environment_says() -> None:
    google = google_store("b", {"GOOGLE_APPLICATION_CREDENTIALS": "/key.json"})
    assert google.for_delta() == {"google_service_account": "/key.json"}
    assert google_store("b", {}).for_delta() == {}
    azure = azure_store(
        "c", {"AZURE_STORAGE_ACCOUNT_NAME": "n", "AZURE_STORAGE_ACCOUNT_KEY": "aw=="}
    )
    told = {"azure_storage_account_name": "n", "azure_storage_account_key": "aw=="}
    assert azure.for_delta() == told
    assert google.path("x") == "b/x"
    assert azure.path("x") == "c/x"


@pytest.mark.parametrize("url", ["ftp://host/x", "hdfs://host/x", "http://host/x"])
def test_no_store_is_known_of_another_scheme(url: str) -> None:
    with pytest.raises(IntrospectionError, match="is no place that can be read"):
        store_of(url)


@pytest.mark.parametrize("url", ["s3:///x", "s3://me:secret@b/x"])
def test_a_url_without_a_bucket_is_refused(url: str) -> None:
    with pytest.raises(IntrospectionError, match="names no bucket") as error:
        store_of(url)
    assert "secret" not in str(error.value)


def test_a_place_is_a_file_system_and_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    assert bucket_of("s3://b/a/b") == "s3://b"
    files, path = files_of("s3://b/a%20b/c/")
    assert path == "b/a b/c"
    assert files_of("s3://b/")[1] == "b"
    assert files_of("s3://b/x")[0] is files
    local, name = place_of("file:///a%20b/c")
    assert isinstance(local, LocalFileSystem)
    assert name == "/a b/c"


def test_a_session_opens_though_a_store_cannot_be_had() -> None:
    session = open_session({}, stores=["ftp://host/x", "file:///x"])
    assert session.sql("SELECT 1 AS one").to_pydict() == {"one": [1]}
