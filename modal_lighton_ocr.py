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

from lighton_ocr.deployment.gpu_request import own_gpu
from lighton_ocr.deployment.image import (
    CACHE,
    WEIGHTS,
    Volumes,
    batch_volume,
    code_volume,
    image,
    weights_volume,
)
from lighton_ocr.deployment.settings import BATCH_MOUNT, Settings
from lighton_ocr.deployment.shard_limits import SHARDS_AT_A_TIME, shard_timeout_s
from lighton_ocr.deployment.weights import fetch as fetch_weights
from lighton_ocr.deployment.weights import require as require_weights
from lighton_ocr.engines.vllm.command import PORT
from lighton_ocr.engines.vllm.server import VllmServer
from lighton_ocr.errors import EndpointGone, EngineFailed, UsageError

MINUTES = 60  # seconds

# This runs in the shell that deploys and again in the container. The image carries the shell's
# settings into the container, so both see the same.

try:
    settings = Settings.from_env(os.environ)
except UsageError as error:
    sys.exit(str(error))

app = modal.App(
    settings.app_name, tags={"project": "lighton-ocr", "model": settings.model.aliases[0]}
)
weight_files, code_files, batch_files = weights_volume(), code_volume(settings), batch_volume()

# The weights are fetched by a container without a GPU, in an app of its own, before the deployment:
# `make deploy` runs it. Containers with a GPU are offline and end at once if weights are missing.

weights = modal.App(f"{settings.app_name}-weights")


@weights.function(
    image=image(settings, offline=False),
    volumes={WEIGHTS: weight_files},
    secrets=[modal.Secret.from_name(settings.hf_secret)] if settings.hf_secret else [],
    cpu=2,
    timeout=60 * MINUTES,
)
def fetch() -> None:
    """Fetch the weights, unless they are on the volume."""
    if fetch_weights(settings.weights):
        weight_files.commit()
        print(f"Fetched {settings.model.id}.")  # noqa: T201 - Modal passes it on
    else:
        print(f"{settings.model.id} is on the volume.")  # noqa: T201


# One container has one GPU and one vLLM. Containers start when pages arrive and stop when none have
# arrived for a while. MAX_CONTAINERS is 1 by default, so that a mistake stays cheap.

servers = settings.vllm.api_servers
container: dict[str, Any] = {
    "image": image(settings),
    "gpu": settings.gpu.for_modal,
    # One for vLLM's engine and one for each API server; on a GPU that keeps two of these busy, one
    # more renders documents. Modal's default is an eighth.
    "cpu": 2 * servers,
    "memory": 8 * 1024,  # MiB, assumed; more can be used, and is billed
    "region": settings.region.split(",") if settings.region else None,
    "max_containers": settings.max_containers,
    "startup_timeout": 20 * MINUTES,
}
caches: Volumes = {WEIGHTS: weight_files, CACHE: code_files}
pages: dict[str, Any] = {
    **container,
    "volumes": caches,
    "min_containers": settings.min_containers,
    "buffer_containers": settings.buffer_containers,
    "scaledown_window": settings.scaledown_window,
    "timeout": 20 * MINUTES,  # of one page at most
}

# Modal accepts requests while a container starts, and passes them on when port 8000 answers. It
# requires a proxy token (`make token`), which an OpenAI client sends as its api_key.

many_requests = modal.concurrent(
    max_inputs=settings.concurrency, target_inputs=settings.target_concurrency
)
web_server = modal.web_server(
    PORT,
    startup_timeout=20 * MINUTES,
    label=settings.label,
    custom_domains=[settings.custom_domain] if settings.custom_domain else None,
    requires_proxy_auth=not settings.public,
)


def start(host: str = "127.0.0.1") -> VllmServer:
    """Start vLLM and wait until it has read its first page."""
    require_weights(settings.weights)
    server = VllmServer(settings.vllm, host=host)
    server.wait_until_ready()
    return server


def end_container(code: int) -> None:
    """End this container, so that Modal starts another one for the pages to come."""
    sys.stderr.write(f"vLLM ended with exit code {code}; this container ends, too.\n")
    sys.stderr.flush()
    os._exit(1)  # from the thread that watches vLLM, where an exception would end only the thread


# Modal connects from outside. If a start fails, Modal starts another container for as long as
# requests wait, so what can be known before vLLM starts is checked before.
EVERYWHERE = "0.0.0.0"  # noqa: S104

if not settings.snapshot:

    @app.function(**pages)
    @many_requests
    @web_server
    def serve() -> None:
        """Serve pages until the container ends, and vLLM with it."""
        start(EVERYWHERE).on_death(end_container)

else:
    # Modal stores the memory of the started container and its GPU, and later starts resume from
    # there. vLLM sleeps while the snapshot is taken, because the KV cache would make it too large.

    @app.cls(
        **pages,
        enable_memory_snapshot=True,
        experimental_options={"enable_gpu_snapshot": True},
    )
    @many_requests
    class Serve:
        """Serve pages from a snapshot."""

        @modal.enter(snap=True)
        def start(self) -> None:
            """Start vLLM; runs once, before the snapshot."""
            self.server = start(EVERYWHERE)
            code_files.commit()  # a restored container finds the files that this one has open
            self.server.sleep()

        @modal.enter(snap=False)
        def wake(self) -> None:
            """Wake vLLM; runs at each start, after the snapshot is restored."""
            try:
                self.server.wake()
            except EngineFailed as error:
                print(f"The snapshot does not wake, so vLLM starts anew. {error}")  # noqa: T201
                self.server = start(EVERYWHERE)
            self.server.on_death(end_container)

        @web_server
        def serve(self) -> None:
            """Serve pages until the container ends."""

        @modal.exit()
        def stop(self) -> None:
            """Stop vLLM."""
            self.server.stop()


# With WARM_HOURS, MIN_CONTAINERS is set each weekday morning and reset in the evening, and a new
# deployment sets it, too.


def keep(containers: int) -> None:
    """Keep that many containers running, whether pages arrive or not."""
    if settings.snapshot:
        instance = modal.Cls.from_name(settings.app_name, "Serve")()
        instance.update_autoscaler(min_containers=containers)
    else:
        function = modal.Function.from_name(settings.app_name, "serve")
        function.autoscaler.update(min_containers=containers)


if settings.warm_hours:
    (morning, warm), (evening, cold) = (
        (modal.Cron(line, timezone=settings.timezone), containers)
        for line, containers in settings.schedules
    )

    @app.function(image=image(settings), schedule=morning)
    def warm_up() -> None:
        """Keep MIN_CONTAINERS running from now on."""
        keep(warm)

    @app.function(image=image(settings), schedule=evening)
    def cool_down() -> None:
        """Let all containers stop when no pages arrive."""
        keep(cold)


# Batches (`lighton-ocr batch --on modal`) do not use the port. A container takes a shard of some
# hundred pages from a volume, and reads it through a vLLM on loopback, with the same reader as on
# your machine. Two more cores render: a page takes 30 ms of a core, and 48 ms of an H200. The
# container reads two shards at a time, so that one fills the GPU while the other runs out of pages.


@app.cls(
    **container | {"cpu": 3 + servers},
    volumes=caches | {BATCH_MOUNT: batch_files},
    scaledown_window=60,
    timeout=shard_timeout_s(settings.model, settings.gpu.card),
    retries=modal.Retries(max_retries=3, initial_delay=10.0, backoff_coefficient=2.0),
)
@modal.concurrent(max_inputs=SHARDS_AT_A_TIME)
class Shards:
    """Read shards of batches; no container runs while there are none."""

    @modal.enter()
    def start(self) -> None:
        """Start vLLM and the worker that reads through it.

        If this raised, Modal would start containers until the shards expire. So a failure is kept,
        and each shard that this container gets fails with it, as often as `retries` allows.
        """
        from lighton_ocr.batch.modal_worker import VolumeWorker

        self.failure: str | None = None
        self.server: VllmServer | None = None
        try:
            self.server = start()
            gpu = settings.gpu.billed(own_gpu()).name
            self.worker = VolumeWorker(settings.vllm, gpu, PORT, Path(BATCH_MOUNT), batch_files)
        except Exception as error:  # whatever it is
            self.failure = f"No engine: {error}"

    @modal.method()
    async def read(self, batch: str, shard: str) -> None:
        """Read a shard and leave its results on the volume."""
        if self.failure is not None:
            raise RuntimeError(self.failure)
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
        if self.server is not None:
            self.server.stop()
