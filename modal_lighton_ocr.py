"""LightOnOCR on Modal: an OpenAI-compatible endpoint, served by vLLM.

    make deploy                       LightOnOCR-1B on an L4
    make deploy MODEL=2-1b GPU=L40S   another model on another GPU, in an app of its own

The address is https://<workspace>--lighton-ocr-vllm-serve.modal.run; for another model it contains
the model's name (lighton-ocr-32k-vllm-serve). The settings and the image are in
src/lighton_ocr/deployment/, the vLLM server in src/lighton_ocr/engines/vllm/.
"""

import os
import sys
from pathlib import Path
from typing import Any

import modal
from modal.experimental import stop_fetching_inputs

from lighton_ocr.deployment.image import batch_volume, image, volumes
from lighton_ocr.deployment.settings import BATCH_MOUNT, Settings
from lighton_ocr.engines.vllm.command import PORT
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.errors import EndpointGone, UsageError

MINUTES = 60  # seconds

# This runs in the shell that deploys and again in the container. The image carries the shell's
# settings into the container, so both see the same.

try:
    settings = Settings.from_env(os.environ)
except UsageError as error:
    sys.exit(str(error))

app = modal.App(settings.app_name)

# One container has one GPU and one vLLM. Containers start when pages arrive and stop when none have
# arrived for a while. MAX_CONTAINERS is 1 by default, so that a mistake stays cheap.

servers = settings.vllm.api_servers
container: dict[str, Any] = {
    "image": image(settings),
    "gpu": settings.gpu.name,
    "cpu": 1 + servers,  # one for vLLM's engine; Modal's default is an eighth
    "volumes": volumes(),
    "min_containers": settings.min_containers,
    "max_containers": settings.max_containers,
    "scaledown_window": settings.scaledown_window,
    "startup_timeout": 20 * MINUTES,  # the very first start downloads the weights
    "timeout": 20 * MINUTES,  # of one page at most
}

# Modal accepts requests while a container starts, and passes them on when port 8000 answers. It
# requires a proxy token (`make token`), which an OpenAI client sends as its api_key.

many_requests = modal.concurrent(max_inputs=settings.concurrency)
web_server = modal.web_server(
    PORT,
    startup_timeout=20 * MINUTES,
    label=settings.label,
    requires_proxy_auth=not settings.public,
)


def start() -> VllmServer:
    """Start vLLM and wait until it has read its first page; the container ends if vLLM does."""
    server = VllmServer(settings.vllm, host="0.0.0.0")  # noqa: S104 - Modal connects from outside
    server.wait_until_ready()
    server.on_death(end_container)
    return server


def end_container(code: int) -> None:
    """End this container, so that Modal starts another one for the pages to come."""
    sys.stderr.write(f"vLLM ended with exit code {code}; this container ends, too.\n")
    sys.stderr.flush()
    os._exit(1)  # from the thread that watches vLLM, where an exception would end only the thread


if not settings.snapshot:

    @app.function(**container)
    @many_requests
    @web_server
    def serve() -> None:
        """Serve pages until the container ends, and vLLM with it."""
        start()

else:
    # Modal stores the memory of the started container and its GPU, and later starts resume from
    # there. vLLM sleeps while the snapshot is taken, because the KV cache would make it too large.

    @app.cls(
        **container,
        enable_memory_snapshot=True,
        experimental_options={"enable_gpu_snapshot": True},
    )
    @many_requests
    class Serve:
        """Serve pages from a snapshot."""

        @modal.enter(snap=True)
        def start(self) -> None:
            """Start vLLM; runs once, before the snapshot."""
            self.server = start()
            self.server.sleep()

        @modal.enter(snap=False)
        def wake(self) -> None:
            """Wake vLLM; runs at each start, after the snapshot is restored."""
            self.server.wake()

        @web_server
        def serve(self) -> None:
            """Serve pages until the container ends."""

        @modal.exit()
        def stop(self) -> None:
            """Stop vLLM."""
            self.server.stop()


# Batches (`lighton-ocr batch --on modal`) do not use the port. A container takes a shard of some
# hundred pages from a volume, and reads it through a vLLM on loopback, with the same reader as on
# your machine. Two more cores render: a page takes 30 ms of a core, and 48 ms of an H200. The
# container reads two shards at a time, so that one fills the GPU while the other runs out of pages.

batch_files = batch_volume()


@app.cls(
    image=container["image"],
    gpu=container["gpu"],
    cpu=3 + servers,
    volumes=volumes() | {BATCH_MOUNT: batch_files},
    max_containers=settings.max_containers,
    scaledown_window=60,
    startup_timeout=20 * MINUTES,
    timeout=60 * MINUTES,  # two shards on the slowest GPU take a quarter of that
    retries=modal.Retries(max_retries=3, initial_delay=10.0, backoff_coefficient=2.0),
)
@modal.concurrent(max_inputs=2)
class Shards:
    """Read shards of batches; no container runs while there are none."""

    @modal.enter()
    def start(self) -> None:
        """Start vLLM and the worker that reads through it."""
        from lighton_ocr.batch.modal_worker import VolumeWorker

        self.server = VllmServer(settings.vllm)
        self.server.wait_until_ready()
        self.worker = VolumeWorker(settings.vllm, PORT, Path(BATCH_MOUNT), batch_files)

    @modal.method()
    async def read(self, batch: str, shard: str) -> None:
        """Read a shard and leave its results on the volume."""
        try:
            await self.worker.read(batch, shard)
        except EndpointGone:
            # vLLM has died, so every shard would fail here: Modal starts another container.
            await stop_fetching_inputs.aio()
            raise
        except modal.exception.Error as fault:
            # The caller would mistake it for a failure of its own connection to Modal.
            raise RuntimeError(f"{type(fault).__name__}: {fault}") from None

    @modal.exit()
    def stop(self) -> None:
        """Stop vLLM."""
        self.server.stop()
