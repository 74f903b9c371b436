"""The part of the stand-in that keeps volumes, as folders; blocks are sent over HTTP."""

# ruff: noqa: N802 - methods are named as the procedures of the interface
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpclib import GRPCError, Status
from modal_proto import api_pb2

BLOCK = 8 << 20  # bytes, as in Modal's client


class Volumes:
    """Volumes of version 2; `folder_of` is the folder that a container mounts."""

    def __init__(self) -> None:
        self.volumes: dict[str, str] = {}
        self._root = Path(tempfile.mkdtemp())
        self._blocks: dict[str, bytes] = {}

    def start_blocks(self) -> None:
        blocks = self._blocks

        class Blocks(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                blocks[hashlib.sha256(data).hexdigest()] = data
                self._answer(data=b"kept")

            def do_GET(self) -> None:
                self._answer(blocks[self.path.strip("/")])

            def _answer(self, data: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Blocks)
        self._serving = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._serving.start()

    def stop_blocks(self) -> None:
        self._http.shutdown()
        self._serving.join()
        self._http.server_close()
        shutil.rmtree(self._root)

    def folder_of(self, name: str) -> Path:
        folder = self._root / name
        folder.mkdir(exist_ok=True)
        return folder

    def VolumeGetOrCreate(self, request: Any) -> Any:
        known = {name: volume_id for volume_id, name in self.volumes.items()}
        volume_id = known.get(request.deployment_name) or f"vo-{len(known):022d}"
        self.volumes[volume_id] = request.deployment_name
        metadata = api_pb2.VolumeMetadata(name=request.deployment_name, version=request.version)
        return api_pb2.VolumeGetOrCreateResponse(volume_id=volume_id, metadata=metadata)

    def VolumeHeartbeat(self, _: Any) -> Any:
        return Empty()

    def VolumeReload(self, _: Any) -> Any:
        return Empty()

    def VolumeCommit(self, _: Any) -> Any:
        return api_pb2.VolumeCommitResponse()

    def VolumePutFiles2(self, request: Any) -> Any:
        reply = api_pb2.VolumePutFiles2Response()
        for index, file in enumerate(request.files):
            digests = [block.contents_sha256.hex() for block in file.blocks]
            for number, digest in enumerate(digests):
                if digest not in self._blocks:
                    url = f"{self._address}/{digest}"
                    reply.missing_blocks.add(file_index=index, block_index=number, put_url=url)
            if not reply.missing_blocks:
                path = self._path(request.volume_id, file.path)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"".join(self._blocks[digest] for digest in digests))
        return reply

    def VolumeGetFile2(self, request: Any) -> Any:
        data = self._existing(request).read_bytes()
        urls = []
        for start in range(0, len(data), BLOCK):
            block = data[start : start + BLOCK]
            digest = hashlib.sha256(block).hexdigest()
            self._blocks[digest] = block
            urls.append(f"{self._address}/{digest}")
        return api_pb2.VolumeGetFile2Response(get_urls=urls, size=len(data), len=len(data))

    async def VolumeListFiles2(self, request: Any) -> Any:
        folder = self._existing(request)
        root = self.folder_of(self.volumes[request.volume_id])
        reply = api_pb2.VolumeListFiles2Response()
        for path in sorted(folder.rglob("*") if request.recursive else folder.iterdir()):
            kind = api_pb2.FileEntry.FILE if path.is_file() else api_pb2.FileEntry.DIRECTORY
            reply.entries.add(path=str(path.relative_to(root)), type=kind)
        yield reply

    def VolumeRemoveFile2(self, request: Any) -> Any:
        shutil.rmtree(self._existing(request))
        return Empty()

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def _path(self, volume_id: str, path: str) -> Path:
        return self.folder_of(self.volumes[volume_id]) / path.strip("/")

    def _existing(self, request: Any) -> Path:
        path = self._path(request.volume_id, request.path)
        if not path.exists():
            raise GRPCError(Status.NOT_FOUND, f"No such file or directory: {request.path}")
        return path

    def files(self, name: str) -> Iterator[str]:
        """Yield the relative paths of a volume's files."""
        folder = self.folder_of(name)
        return (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
