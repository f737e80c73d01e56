"""An S3 server on loopback, in a process of its own, which can be slow, throttle, drop connections and lose
objects.

It is a process because deltalake holds the interpreter's lock while it waits for an answer: a server in the
same interpreter would never give it.
"""

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from msgspec import Struct, convert
from msgspec import json as structs
from pyarrow.fs import FileSystem, LocalFileSystem, S3FileSystem, copy_files

KEY, SECRET = "planted-key-of-the-tests", "planted/secret+of/the-tests"
_CONTROL = "/__faults__"


class Fault(Struct, frozen=True):
    """What happens to requests whose path ends in `path`, from the one after `after` on, `times` times.

    `kind` is `drop`, `throttle`, `slow`, `lose`, or `page`, which lists seven objects at a time. `reads`: of
    these, only those for an object's bytes.
    """

    kind: str
    path: str = ""
    after: int = 0
    times: int = 1_000_000
    reads: bool = True


class Request(Struct, frozen=True):
    """`sent` are the bytes of the answer; `together`, how many requests were under way."""

    method: str
    path: str
    query: str
    status: int
    sent: int
    together: int = 1


class S3Server:
    """The server, and one bucket of its own in it."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.bucket = f"b{uuid4().hex}"
        self._files = S3FileSystem(
            access_key=KEY,
            secret_key=SECRET,
            region="us-east-1",
            scheme="http",
            endpoint_override=f"127.0.0.1:{port}",
            allow_bucket_creation=True,
        )
        self._files.create_dir(self.bucket)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a user would export."""
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
        }

    def url(self, name: str = "lake") -> str:
        return f"s3://{self.bucket}/{name}"

    def upload(self, folder: Path, name: str = "lake") -> str:
        """All that is below a folder of this machine. Returns its URL."""
        copy_files(
            str(folder),
            f"{self.bucket}/{name}",
            source_filesystem=LocalFileSystem(),
            destination_filesystem=self._files,
        )
        return self.url(name)

    def write(self, name: str, data: bytes) -> None:
        with self._files.open_output_stream(f"{self.bucket}/{name}") as stored:
            stored.write(data)

    def delete(self, name: str) -> None:
        self._files.delete_file(f"{self.bucket}/{name}")

    @property
    def files(self) -> FileSystem:
        return self._files

    def misbehave(self, *faults: Fault) -> None:
        """From now on, and forgets what was asked so far."""
        self._control(structs.encode(faults))

    def requests(self) -> list[Request]:
        """Since it was last told how to behave."""
        return convert(self._control(None), list[Request])

    def _control(self, body: bytes | None) -> Any:
        asked = urllib.request.Request(  # noqa: S310  # loopback
            f"{self.endpoint}{_CONTROL}", data=body, method="GET" if body is None else "PUT"
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())


def running_server() -> Generator[int, None, None]:
    """The port of a server that runs until the generator is closed."""
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


class _Misbehaving:
    """A WSGI application in front of moto's."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._met: list[int] = []
        self._together = 0
        self._requests: list[Request] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == _CONTROL:
            return self._told(environ, start)
        with self._under_way():
            return self._misbehaved(environ, start, self._kind(environ))

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        with self._lock:
            self._together += 1
        try:
            yield
        finally:
            with self._lock:
                self._together -= 1

    def _misbehaved(self, environ: dict[str, Any], start: Any, kind: str | None) -> Iterable[bytes]:
        if kind == "drop":
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        if kind == "throttle":
            return self._refused(environ, start, "503 Slow Down", "SlowDown")
        if kind == "lose":
            return self._refused(environ, start, "404 Not Found", "NoSuchKey")
        if kind == "slow":
            time.sleep(0.5)
        if kind == "page" and "list-type" in environ["QUERY_STRING"]:
            environ["QUERY_STRING"] += "&max-keys=7"
        return self._answered(environ, start)

    def _told(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        with self._lock:
            if environ["REQUEST_METHOD"] == "PUT":
                body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
                self._faults = structs.decode(body, type=list[Fault])
                self._met = [0] * len(self._faults)
                self._requests = []
            answer = structs.encode(self._requests)
        start("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]

    def _kind(self, environ: dict[str, Any]) -> str | None:
        with self._lock:
            for index, fault in enumerate(self._faults):
                if environ["PATH_INFO"].endswith(fault.path) and (
                    not fault.reads or _is_read(environ)
                ):
                    self._met[index] += 1
                    if 0 < self._met[index] - fault.after <= fault.times:
                        return fault.kind
        return None

    def _refused(
        self, environ: dict[str, Any], start: Any, status: str, code: str
    ) -> Iterable[bytes]:
        body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>as told</Message></Error>"
        self._note(environ, status, 0)
        start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body.encode()]

    def _answered(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        told: list[str] = []

        def starting(status: str, headers: Any, *more: Any) -> Any:
            told.append(status)
            return start(status, headers, *more)

        body = b"".join(self._application(environ, starting))
        self._note(environ, told[0], len(body))
        return [body]

    def _note(self, environ: dict[str, Any], status: str, sent: int) -> None:
        with self._lock:
            self._requests.append(
                Request(
                    environ["REQUEST_METHOD"],
                    environ["PATH_INFO"],
                    environ["QUERY_STRING"],
                    int(status[:3]),
                    sent,
                    self._together,
                )
            )


def _is_read(environ: dict[str, Any]) -> bool:
    return environ["REQUEST_METHOD"] == "GET" and "list-type" not in environ["QUERY_STRING"]


def _serve() -> None:
    import logging  # noqa: PLC0415  # in the server's own process

    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    application = _Misbehaving(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    _serve()
