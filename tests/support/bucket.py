"""A real S3 server on loopback (moto), whose uploads can be made to fail."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

Fault = Callable[[str], int | None]  # from an object's key to the status that refuses its upload
INPUTS, OUTPUTS = "archive", "texts"
KEYS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class Bucket:
    """Two buckets; `fault` may refuse an upload, `uploads` lists all of them in order."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.fault: Fault = lambda _: None
        self.uploads: list[tuple[str, int | None]] = []
        for name in (INPUTS, OUTPUTS):
            client.create_bucket(Bucket=name)

    def put(self, key: str, data: bytes) -> None:
        self.client.put_object(Bucket=INPUTS, Key=key, Body=data)

    def objects(self) -> dict[str, str]:
        """Return the text of every object that was written, by key."""
        listed = self.client.list_objects_v2(Bucket=OUTPUTS).get("Contents", [])
        return {row["Key"]: self._text(row["Key"]) for row in listed}

    def _text(self, key: str) -> str:
        body = self.client.get_object(Bucket=OUTPUTS, Key=key)["Body"]
        with body:
            return str(body.read().decode())


@contextmanager
def s3_server() -> Iterator[tuple[str, Bucket]]:
    """Yield the server's address, and its buckets."""
    moto: WSGIApplication = DomainDispatcherApplication(create_backend_app)
    bucket: Bucket | None = None

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix(f"/{OUTPUTS}/")
        if bucket is None or environ["REQUEST_METHOD"] != "PUT" or path == environ["PATH_INFO"]:
            return moto(environ, start_response)
        code = bucket.fault(path)
        bucket.uploads.append((path, code))
        if code is None:
            return moto(environ, start_response)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0) // 2)
        start_response(f"{code} No", [("Connection", "close"), ("Content-Length", "0")])
        return []

    class Quiet(WSGIRequestHandler):
        def log(self, *_: Any) -> None:
            pass

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.port}"
    client = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id="testing", aws_secret_access_key="testing",
        region_name="us-east-1",
    )  # fmt: skip
    try:
        bucket = Bucket(client)
        yield url, bucket
    finally:
        client.close()
        urlopen(Request(f"{url}/moto-api/reset", method="POST")).close()  # moto's state is global
        server.shutdown()
        thread.join()
        server.server_close()
