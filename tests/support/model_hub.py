"""A model hub on loopback with one repository, for huggingface_hub's client."""

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.scripted_endpoint import serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class ModelHub:
    """Serves until the `with` block ends; the file named `stalls` stops coming half way.

    `kind` is models or datasets.
    """

    repository: str
    files: dict[str, Path]
    stalls: str | None = None
    kind: str = "models"
    stalled: threading.Event = field(default_factory=threading.Event)
    downloads: Counter[str] = field(default_factory=Counter)

    def __enter__(self) -> Self:
        self._released = threading.Event()
        about = f"/api/{self.kind}/{self.repository}"
        prefix = "" if self.kind == "models" else f"/{self.kind}"
        routes = [
            Route(f"{about}/revision/main", self._about),
            Route(f"{about}/tree/{{revision}}", self._tree),
            Route(f"{prefix}/{self.repository}/resolve/{{revision}}/{{name:path}}", self._file),
        ]
        self._serving = serving(Starlette(routes=routes))
        self.url = self._serving.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._serving.__exit__(None, None, None)

    def _about(self, request: Request) -> Response:
        siblings = [{"rfilename": name} for name in self.files]
        return JSONResponse({"id": self.repository, "sha": COMMIT, "siblings": siblings})

    def _tree(self, request: Request) -> Response:
        rows = [
            {"type": "file", "path": name, "size": path.stat().st_size, "oid": _digest(path)}
            for name, path in self.files.items()
        ]
        return JSONResponse(rows)

    def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.files:
            return JSONResponse({"error": "no such file"}, 404)
        path = self.files[name]
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{_digest(path)}"'}
        if request.method == "GET":
            self.downloads[name] += 1
            if name == self.stalls:
                headers["Content-Length"] = str(path.stat().st_size)
                return StreamingResponse(self._half(path), headers=headers)
        return FileResponse(path, headers=headers)

    def _half(self, path: Path) -> Iterator[bytes]:
        yield path.read_bytes()[: path.stat().st_size // 2]
        self.stalled.set()
        self._released.wait()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
