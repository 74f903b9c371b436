"""Run commands with the real Modal client against the stand-in, and read what it was sent."""

import json
import os
import shlex
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lighton_ocr.deployment.settings import BATCH_CLASS, NAMES, Settings
from lighton_ocr.deployment.weights import marker
from lighton_ocr.engines.vllm.version import PINNED_VLLM
from tests.support.modal_standin.control_plane import TOKEN_ID, TOKEN_SECRET, ControlPlane

REPOSITORY = Path(__file__).parents[3]
FAKE_VLLM = Path(__file__).with_name("fake_vllm.py")
CONTAINER = Path(__file__).with_name("container.py")
BIN = Path(sys.executable).parent
GPU = "NVIDIA L4"
Finished = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Deployment:
    """What one deployment sent for a function: Modal's own messages, and the shipped files."""

    address: str
    app_name: str
    function: Any
    gpus: list[str]
    dockerfile: list[str]
    volumes: dict[str, str]
    files: dict[str, bytes]

    @property
    def image_env(self) -> dict[str, str]:
        lines = [line[4:] for line in self.dockerfile if line.startswith("ENV ")]
        pairs = [pair for line in lines for pair in shlex.split(line)]
        return dict(pair.split("=", 1) for pair in pairs)

    @property
    def web(self) -> Any:
        methods = list(self.function.method_definitions.values())
        return (methods[0] if methods else self.function).webhook_config


class Modal:
    """A signed-in client; `run` takes a command line and settings, as a shell would."""

    def __init__(self, plane: ControlPlane, address: str) -> None:
        self.plane = plane
        self.address = address
        self.timeout = 60  # seconds of a command
        self._deployed: dict[frozenset[tuple[str, str]], Deployment] = {}

    def env(self, **settings: str) -> dict[str, str]:
        foreign = {k: v for k, v in os.environ.items() if not k.startswith(("MODAL_", "LIGHTON_"))}
        base = {k: v for k, v in foreign.items() if k not in NAMES and not k.startswith("MAKE")}
        paths = {"PYTHONPATH": str(REPOSITORY / "src"), "MODAL_CONFIG_PATH": os.devnull}
        signed_in = {"MODAL_TOKEN_ID": TOKEN_ID, "MODAL_TOKEN_SECRET": TOKEN_SECRET}
        return base | paths | signed_in | {"MODAL_SERVER_URL": self.address} | settings

    def run(self, *command: str, cwd: str | Path = REPOSITORY, **settings: str) -> Finished:
        return subprocess.run(
            command,
            env=self.env(**settings),
            cwd=cwd,
            check=False,
            capture_output=True,
            text=True,
            timeout=self.timeout,
        )

    def make(self, *arguments: str, cwd: str | Path = REPOSITORY, **settings: str) -> Finished:
        makefile = str(REPOSITORY / "Makefile")
        return self.run("make", "-f", makefile, f"BIN={BIN}", *arguments, cwd=cwd, **settings)

    def deploy(self, **settings: str) -> Deployment:
        done = self.run(str(BIN / "modal"), "deploy", "modal_lighton_ocr.py", **settings)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Deprecat" not in done.stdout + done.stderr
        return self.last_deployment()

    def deployed(self, **settings: str) -> Deployment:
        """The deployment with these settings, made at the first call; others may follow it."""
        key = frozenset(settings.items())
        if key not in self._deployed:
            self._deployed[key] = self.deploy(**settings)
        return self._deployed[key]

    def last_deployment(self, batch: bool = False) -> Deployment:
        """The last deployment of the function that serves pages, or of the one for batches."""
        plane = self.plane
        published = next(request for name, request in reversed(plane.calls) if name == "AppPublish")
        tag = f"{BATCH_CLASS}.*"
        (function_id,) = (
            function_id
            for function_id in published.function_ids.values()
            if (plane.functions[function_id].function_name == tag) == batch
            and not plane.functions[function_id].HasField("schedule")
        )
        return self.deployment_of(function_id)

    def last_fetch(self) -> Deployment:
        """The last deployment of the function that fetches weights."""
        functions = self.plane.functions
        return self.deployment_of(
            [i for i in functions if functions[i].function_name == "fetch"][-1]
        )

    def deployment_of(self, function_id: str) -> Deployment:
        """The deployment of one function."""
        plane = self.plane
        function = plane.functions[function_id]
        shipped = [plane.mounts[mount_id] for mount_id in function.mount_ids]
        return Deployment(
            address=self.address,
            app_name=plane.apps[plane.owners[function_id]],
            function=function,
            gpus=plane.gpus[function_id],
            dockerfile=_dockerfile(plane, function.image_id),
            volumes={v.mount_path: plane.volumes[v.volume_id] for v in function.volume_mounts},
            files={p: plane.blobs[d] for m in shipped for p, d in m.items() if d in plane.blobs},
        )


@dataclass(frozen=True)
class ContainerRun:
    """What a container did: its process, and vLLM's events in order."""

    process: Finished
    events: list[dict[str, Any]]

    @property
    def argv(self) -> list[str]:
        return list(self.events[0]["argv"])

    @property
    def calls(self) -> list[str]:
        return [event["call"] for event in self.events if "call" in event]


def start_container(
    deployment: Deployment, root: Path, weights: bool = True, **extra: str
) -> ContainerRun:
    """Start a container with only the shipped files and the image's environment."""
    env = unpack(deployment, root, weights) | extra
    process = subprocess.run(
        [sys.executable, str(CONTAINER), str(free_port())],
        env=env,
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ContainerRun(process, vllm_events(root))


def run_function(deployment: Deployment, root: Path, name: str, **extra: str) -> Finished:
    """Run a function without arguments in a container, which has no weights."""
    env = unpack(deployment, root, weights=False) | extra
    return subprocess.run(
        [sys.executable, str(CONTAINER), name],
        env=env,
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def unpack(deployment: Deployment, root: Path, weights: bool = True) -> dict[str, str]:
    """Write a container's files under `root`, and return its whole environment.

    With `weights`, the model's weights are on the volume.
    """
    for name, data in deployment.files.items():
        path = root / name.removeprefix("/root/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    programs = install_vllm(root)
    env = {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(root), "MODAL_IS_REMOTE": "1"}
    if weights:
        path = root / marker(Settings.from_env(deployment.image_env).weights).relative_to(
            Path.home()
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    env |= {"VLLM_RECORD": str(root / "vllm.jsonl"), "MODAL_TASK_ID": "ta-1"}
    env["MODAL_SERVER_URL"] = deployment.address
    return env | deployment.image_env


def vllm_events(root: Path) -> list[dict[str, Any]]:
    """The events of vLLM in a container."""
    record = root / "vllm.jsonl"
    return [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []


def install_vllm(root: Path) -> Path:
    """Install the fake vLLM and a GPU's nvidia-smi, and return the folder of the programs."""
    program = root / "bin" / "vllm"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!{sys.executable}\n{FAKE_VLLM.read_text()}")
    program.chmod(0o755)
    smi = program.with_name("nvidia-smi")
    smi.write_text(f"#!/bin/sh\ncase $1 in *name*) echo {GPU};; *) echo 8.9, 23034;; esac\n")
    smi.chmod(0o755)
    metadata = root / "lib" / "python3.12" / "site-packages" / f"vllm-{PINNED_VLLM}.dist-info"
    metadata.mkdir(parents=True)
    return program.parent


def _dockerfile(plane: ControlPlane, image_id: str) -> list[str]:
    image = plane.images[image_id]
    below = [line for base in image.base_images for line in _dockerfile(plane, base.image_id)]
    return below + list(image.dockerfile_commands)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
