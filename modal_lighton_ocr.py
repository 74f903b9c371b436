"""LightOnOCR on Modal: vLLM behind an OpenAI-compatible endpoint, one command away.

    make deploy                       LightOnOCR-1B on an L4
    make deploy MODEL=2-1b GPU=L40S   another model, in an app of its own, on another GPU

The address is https://<workspace>--lighton-ocr-vllm-serve.modal.run, or with the model's name in it
for another model (lighton-ocr-32k-vllm-serve). The rest is in src/lighton_ocr/serving/.
"""

import os
import sys
from pathlib import Path

import modal
from modal.experimental import stop_fetching_inputs

from lighton_ocr.deployment.image import batch_volume, image, volumes
from lighton_ocr.deployment.settings import BATCH_MOUNT, Settings
from lighton_ocr.engines.vllm.command import PORT, api_servers
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.errors import EndpointGone, UsageError

MINUTES = 60  # seconds

# The shell that deploys and the container both come through here. The image carries the shell's
# settings into the container, so that both see the same.

try:
    settings = Settings.from_env(os.environ)
except UsageError as error:
    sys.exit(str(error))

app = modal.App(settings.app_name)

# One container, one GPU, one vLLM. Containers start when pages come and stop when none have come
# for a while. MAX_CONTAINERS is 1 unless set, so that a mistake stays cheap.

servers = api_servers(settings.model, settings.gpu, settings.snapshot)
container = {
    "image": image(settings),
    "gpu": settings.gpu.name,
    "cpu": 1 + servers,  # one for vLLM's engine; Modal's own choice is an eighth
    "volumes": volumes(),
    "min_containers": settings.min_containers,
    "max_containers": settings.max_containers,
    "scaledown_window": settings.scaledown_window,
    "startup_timeout": 20 * MINUTES,  # the first start of all fetches the weights
    "timeout": 20 * MINUTES,  # one page at the most
}

# Modal takes requests in while a container starts, and hands them to port 8000 when it is up. It
# asks for a proxy token (`make token`), which an OpenAI client sends as its api_key.

many_pages = modal.concurrent(max_inputs=settings.concurrency)
behind_port = modal.web_server(
    PORT,
    startup_timeout=20 * MINUTES,
    label=settings.label,
    requires_proxy_auth=not settings.public,
)


def start() -> VllmServer:
    """Start vLLM and return once it has read a first page."""
    server = VllmServer(settings.vllm, host="0.0.0.0")  # noqa: S104 - Modal connects from outside
    server.wait_until_ready()
    return server


if not settings.snapshot:

    @app.function(**container)
    @many_pages
    @behind_port
    def serve() -> None:
        """Serve pages until the container ends; vLLM ends with it."""
        start()

else:
    # Modal keeps the started container's memory, the GPU's included, and later starts resume from
    # it. vLLM sleeps while the picture is taken, as a GPU's full KV cache would make it too large.

    @app.cls(
        **container,
        enable_memory_snapshot=True,
        experimental_options={"enable_gpu_snapshot": True},
    )
    @many_pages
    class Serve:
        """Serve pages from a snapshot."""

        @modal.enter(snap=True)
        def start(self) -> None:
            """Run once, before the snapshot."""
            self.server = start()
            self.server.sleep()

        @modal.enter(snap=False)
        def wake(self) -> None:
            """Run at each start, after the snapshot is restored."""
            self.server.wake()

        @behind_port
        def serve(self) -> None:
            """Serve pages until the container ends."""

        @modal.exit()
        def stop(self) -> None:
            """Stop vLLM."""
            self.server.stop()


# Batches (`lighton-ocr batch --on modal`) do not come through the port. A container takes a shard
# of some hundred pages from a volume and reads it with the reader that runs at home, through a vLLM
# on loopback. It renders in two more cores: a page takes one 30 ms, and an H200 48 ms. Two shards
# at a time, so that the next one fills the GPU while the last runs out.

batch_files = batch_volume()


@app.cls(
    image=container["image"],
    gpu=container["gpu"],
    cpu=3 + servers,
    volumes=volumes() | {BATCH_MOUNT: batch_files},
    max_containers=settings.max_containers,
    scaledown_window=60,
    startup_timeout=20 * MINUTES,
    timeout=60 * MINUTES,  # two shards at the pace of the slowest GPU take a quarter of it
    retries=modal.Retries(max_retries=3, initial_delay=10.0, backoff_coefficient=2.0),
)
@modal.concurrent(max_inputs=2)
class Shards:
    """Read shards of batches; costs nothing while there are none."""

    @modal.enter()
    def start(self) -> None:
        """Start vLLM, and what reads through it."""
        from lighton_ocr.batch.modal_worker import VolumeWorker

        self.server = VllmServer(settings.vllm)
        self.server.wait_until_ready()
        self.worker = VolumeWorker(settings, PORT, Path(BATCH_MOUNT), batch_files)

    @modal.method()
    async def read(self, batch: str, shard: str) -> None:
        """Read a shard and leave its results on the volume."""
        try:
            await self.worker.read(batch, shard)
        except EndpointGone:
            # Its vLLM is dead and each shard would fail here: Modal starts another container.
            await stop_fetching_inputs.aio()
            raise
        except modal.exception.Error as fault:
            # Whoever awaits the shard would take it for trouble on the way to Modal.
            raise RuntimeError(f"{type(fault).__name__}: {fault}") from None

    @modal.exit()
    def stop(self) -> None:
        """Stop vLLM."""
        self.server.stop()
