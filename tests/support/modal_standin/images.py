"""Images of containers, and the local files that they contain."""

# ruff: noqa: N802 - methods are named as the procedures of the interface
import hashlib
from typing import Any

from modal_proto import api_pb2

from tests.support.modal_standin.environments import BUILDER

DONE = api_pb2.GenericResult(status=api_pb2.GenericResult.GENERIC_STATUS_SUCCESS)


class Images:
    """An image is ready as soon as it is described; files are kept by their digest."""

    def __init__(self) -> None:
        self.images: dict[str, Any] = {}
        self.mounts: dict[str, dict[str, str]] = {}
        self.blobs: dict[str, bytes] = {}

    def ImageGetOrCreate(self, request: Any) -> Any:
        digest = hashlib.sha256(request.image.SerializeToString(deterministic=True)).hexdigest()
        image_id = f"im-{digest[:20]}"
        self.images[image_id] = request.image
        metadata = api_pb2.ImageMetadata(image_builder_version=BUILDER)
        return api_pb2.ImageGetOrCreateResponse(image_id=image_id, result=DONE, metadata=metadata)

    def MountBatchedCheckExistence(self, request: Any) -> Any:
        hashes = request.sha256_hex_hashes
        return api_pb2.MountBatchedCheckExistenceResponse(missing_sha256_hex_hashes=hashes)

    def MountPutFile(self, request: Any) -> Any:
        has_data = bool(request.WhichOneof("data_oneof"))
        if has_data:
            self.blobs[request.sha256_hex] = request.data
        return api_pb2.MountPutFileResponse(exists=has_data)

    def MountGetOrCreate(self, request: Any) -> Any:
        mount_id = f"mo-{len(self.mounts) + 1:022d}"
        self.mounts[mount_id] = {file.filename: file.sha256_hex for file in request.files}
        metadata = api_pb2.MountHandleMetadata(content_checksum_sha256_hex=mount_id)
        return api_pb2.MountGetOrCreateResponse(mount_id=mount_id, handle_metadata=metadata)
