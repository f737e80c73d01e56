"""Amazon S3, and stores that speak its protocol, as the environment says to reach them."""

import re
from collections.abc import Mapping

from datafusion.object_store import AmazonS3
from msgspec import Struct
from pyarrow.fs import AwsStandardS3RetryStrategy, FileSystem, S3FileSystem

from cst_contracts.engine.session.profiles import profile
from cst_contracts.engine.session.secrets import hide_key
from cst_contracts.engine.session.trouble import IntrospectionError

#: How long one request may take, unless AWS_TIMEOUT says otherwise. It is what DataFusion 55 takes, too,
#: which can be told no other way; it tries ten times, and no longer than three minutes.
_SECONDS = 30.0
_CONNECT_SECONDS = 5.0
#: Of each request: throttling and broken connections pass.
_ATTEMPTS = 4
_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|)")


class S3Store(Struct, frozen=True):
    """How one bucket is reached. Keys are None where neither the environment nor a profile holds any: then
    each library asks the roles and metadata services that it knows."""

    bucket: str
    key: str | None = None
    secret: str | None = None
    token: str | None = None
    region: str | None = None
    endpoint: str | None = None
    anonymous: bool = False
    virtual: bool = False
    seconds: float = _SECONDS

    def for_engine(self) -> AmazonS3:
        return AmazonS3(
            self.bucket,
            region=self.region,
            access_key_id=self.key,
            secret_access_key=self.secret,
            session_token=self.token,
            endpoint=self.endpoint,
            allow_http=self._is_plain,
        )

    def for_files(self) -> FileSystem:
        scheme, _, host = (self.endpoint or "https://").partition("://")
        return S3FileSystem(
            access_key=self.key,
            secret_key=self.secret,
            session_token=self.token,
            anonymous=self.anonymous,
            region=self.region,
            scheme=scheme,
            endpoint_override=host.rstrip("/") or None,
            force_virtual_addressing=self.virtual,
            request_timeout=self.seconds,
            connect_timeout=min(_CONNECT_SECONDS, self.seconds),
            retry_strategy=AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
        )

    def for_delta(self) -> dict[str, str]:
        told = {
            "aws_access_key_id": self.key,
            "aws_secret_access_key": self.secret,
            "aws_session_token": self.token,
            "aws_region": self.region,
            "aws_endpoint": self.endpoint,
            "aws_allow_http": "true" if self._is_plain else None,
            "aws_skip_signature": "true" if self.anonymous else None,
            "aws_virtual_hosted_style_request": "true" if self.virtual else None,
            "timeout": f"{round(self.seconds * 1000)}ms",
            "connect_timeout": f"{round(min(_CONNECT_SECONDS, self.seconds) * 1000)}ms",
            "max_retries": str(_ATTEMPTS - 1),
        }
        return {name: value for name, value in told.items() if value is not None}

    def path(self, name: str) -> str:
        """Of an object, as `for_files` knows it."""
        return f"{self.bucket}/{name}"

    @property
    def _is_plain(self) -> bool:
        return self.endpoint is not None and self.endpoint.startswith("http://")


def s3_store(bucket: str, environment: Mapping[str, str]) -> S3Store:
    """By the variables that AWS's own tools know. Raises IntrospectionError where they contradict."""
    held = _held(environment)
    for name in ("key", "secret", "token"):
        hide_key(held[name])
    store = S3Store(
        bucket,
        **held,
        region=_first(environment, "AWS_REGION", "AWS_DEFAULT_REGION")
        or _told(environment, "region"),
        endpoint=_endpoint(environment),
        anonymous=_flag(environment, "AWS_SKIP_SIGNATURE"),
        virtual=_flag(environment, "AWS_VIRTUAL_HOSTED_STYLE_REQUEST"),
        seconds=_seconds(environment.get("AWS_TIMEOUT")),
    )
    if (store.endpoint or "").startswith("http://") and not _flag(environment, "AWS_ALLOW_HTTP"):
        reason = "its store is reached by plain http, and AWS_ALLOW_HTTP is not set to true"
        raise IntrospectionError(reason)
    return store


def _held(environment: Mapping[str, str]) -> dict[str, str | None]:
    """Keys of one origin: the environment's, or a profile's. None where nobody is to sign anything."""
    if _flag(environment, "AWS_SKIP_SIGNATURE"):
        return {"key": None, "secret": None, "token": None}
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    key, secret, token = (environment.get(name) or None for name in names)
    if key is None or secret is None:
        key, secret, token = (_told(environment, name.lower()) for name in names)
    return {"key": key, "secret": secret, "token": token}


def _endpoint(environment: Mapping[str, str]) -> str | None:
    """Raises IntrospectionError for one with a user in it, which would be told wherever a request fails."""
    found = _first(environment, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
    endpoint = found or _told(environment, "endpoint_url")
    if endpoint is not None and not re.fullmatch(r"https?://[^@/?#\s]+/?", endpoint):
        raise IntrospectionError("AWS_ENDPOINT_URL is no URL such as https://host:9000")
    return endpoint


def _told(environment: Mapping[str, str], key: str) -> str | None:
    return profile(environment).get(key) or None


def _first(environment: Mapping[str, str], *names: str) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)


def _flag(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() in ("1", "true", "yes", "on")


def _seconds(text: str | None) -> float:
    if not text:
        return _SECONDS
    found = _TIME.fullmatch(text)
    if found is None:
        raise IntrospectionError("AWS_TIMEOUT is no time such as 30s")
    return float(found[1]) * _UNITS[found[2]]
