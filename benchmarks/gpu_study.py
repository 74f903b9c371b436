"""Which of vLLM's settings make LightOnOCR-1B read faster on a GPU of this machine.

    python benchmarks/gpu_study.py H200 WEIGHTS SECONDS NAME… > benchmarks/results/gpu-study.json

WEIGHTS is a folder from `random_checkpoint.py`: speed does not depend on the weights, as each
answer is made to have a length of its own, 475 tokens on average. NAME is one of CONFIGURATIONS, or
several joined with `+`, whose flags are then added up; they run in that order as long as SECONDS
last. Every page is an A4 page at the model's edge and differs from every other one.
"""

import asyncio
import json
import os
import platform
import random
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx2

from lighton_ocr.bench import Closed, Supply
from lighton_ocr.bench.level import summarise
from lighton_ocr.bench.load import Sample, Send
from lighton_ocr.bench.server_metrics import MetricsWatch
from lighton_ocr.catalog import find_gpu
from lighton_ocr.client import image_part
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.errors import EngineFailed
from lighton_ocr.pages import EncodedPage, Geometry
from lighton_ocr.serving.lifecycle import VllmServer
from lighton_ocr.serving.settings import Settings
from lighton_ocr.serving.vllm_command import vllm_command

Row = dict[str, Any]

A4 = Path(__file__).parents[1] / "examples" / "letter.pdf"
LOAD = Closed(level=192, requests=320)
SHORTEST, LONGEST = 350, 600  # tokens of an answer
FAIR_SECONDS = 150  # what a configuration may take, start and stop included


@dataclass(frozen=True)
class Configuration:
    """Flags after the container's own, so that they win; `engines` share the GPU."""

    flags: tuple[str, ...] = ()
    engines: int = 1


def _compiled(**options: object) -> Configuration:
    return Configuration(("--compilation-config", json.dumps(options)))


# "seed" is what the first deployment's flags come to.
CONFIGURATIONS = {
    "seed": Configuration(
        (
            *("--max-num-seqs", "1024", "--max-num-batched-tokens", "8192"),
            *("--enable-prefix-caching", "--mm-processor-cache-gb", "4"),
        )
    ),
    "ours": Configuration(),
    "kv-fp8": Configuration(("--kv-cache-dtype", "fp8")),
    "weights-fp8": Configuration(("--quantization", "fp8")),
    "encoder-compiled": _compiled(compile_mm_encoder=True),
    "encoder-attention-fp8": Configuration(("--mm-encoder-attn-dtype", "fp8")),
    "two-engines": Configuration(("--gpu-memory-utilization", "0.44"), engines=2),
    "tokens-4k": Configuration(("--max-num-batched-tokens", "4096")),
    "tokens-32k": Configuration(("--max-num-batched-tokens", "32768")),
    "seqs-128": Configuration(("--max-num-seqs", "128")),
    "seqs-512": Configuration(("--max-num-seqs", "512")),
    "few-graphs": _compiled(cudagraph_capture_sizes=[1, 8, 32, 64, 128, 256]),
    "eager": Configuration(("--enforce-eager",)),
}


def configuration(name: str) -> Configuration:
    """The sum of the named ones."""
    parts = [CONFIGURATIONS[part] for part in name.split("+")]
    flags = tuple(flag for part in parts for flag in part.flags)
    return Configuration(flags, max(part.engines for part in parts))


def measure(
    settings: Settings, weights: str, chosen: Configuration, pages: list[EncodedPage]
) -> Row:
    """Start, load until the window is full, stop."""
    began = time.monotonic()
    with ExitStack() as stack:
        urls = []
        for _ in range(chosen.engines):  # one after the other: each sizes its share of the memory
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            server = VllmServer(
                settings, weights=weights, port=port, flags=chosen.flags, quiet=True
            )
            stack.callback(server.stop)
            server.wait_until_ready()
            urls.append(f"http://127.0.0.1:{port}/v1")
        start = time.monotonic() - began
        return {"start_s": round(start, 1)} | asyncio.run(_load(settings, urls, pages))


async def _load(settings: Settings, urls: list[str], pages: list[EncodedPage]) -> Row:
    endpoint = Endpoint(urls[0], settings.model, settings.model.id)
    limits = httpx2.Limits(max_connections=None)
    async with (
        httpx2.AsyncClient(timeout=600, limits=limits) as http,
        MetricsWatch(endpoint) as watch,
    ):
        gpu = asyncio.create_task(asyncio.to_thread(_gpu_use))
        window = await LOAD.run(pages, _sender(http, urls, settings.model.id))
        level = summarise(LOAD, window, watch.between(window.start, window.end), settings.gpu)
        return {
            "pages_per_s": round(level.pages_per_s, 2),
            "tokens_per_s": round(level.tokens_per_s),
            "seconds": round(level.seconds, 1),
            "failures": level.failures,
            "latency": asdict(level.latency) if level.latency else None,
            "prompt_tokens": level.prompt_tokens,
            "output_tokens": round(level.output_tokens, 1),
            "server": asdict(level.server) if level.server else None,
            "gpu": await gpu,
        }


def _sender(http: httpx2.AsyncClient, urls: list[str], model: str) -> Send:
    lengths, servers = random.Random(1), cycle(urls)  # noqa: S311 - not for secrets

    async def send(page: EncodedPage, due: float) -> Sample:
        tokens = lengths.randint(SHORTEST, LONGEST)
        body = {
            "model": model,
            "messages": [{"role": "user", "content": [image_part(page)]}],
            "temperature": 0,
            "ignore_eos": True,
            "min_tokens": tokens,
            "max_tokens": tokens,
        }
        answer = await http.post(f"{next(servers)}/chat/completions", json=body)
        end = time.perf_counter()
        if answer.is_error:
            return Sample(due, None, end, fault=answer.text[:200])
        usage = answer.json()["usage"]
        return Sample(due, end, end, usage["prompt_tokens"], usage["completion_tokens"])

    return send


def _gpu_use() -> str:
    """The GPU's load in the middle of the measurement, as nvidia-smi says it."""
    time.sleep(30)
    query = "--query-gpu=utilization.gpu,power.draw,clocks.sm,memory.used"
    try:
        command = ["nvidia-smi", query, "--format=csv,noheader"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "no nvidia-smi"


def main(gpu: str, weights: str, seconds: str, *names: str) -> None:
    deadline = time.monotonic() + float(seconds)
    settings = replace(Settings.from_env({}), gpu=find_gpu(gpu))
    with open_document(load_source(str(A4))) as document:
        geometry = Geometry(settings.model.edge, settings.model.grid)
        pages = Supply.render([document], geometry, "png").take(LOAD.pages)
    report: Row = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "command": f"python benchmarks/gpu_study.py {gpu} WEIGHTS {seconds} {' '.join(names)}",
        "machine": f"{gpu}, {os.cpu_count()} threads, {platform.system()}",
        "versions": {name: version(name) for name in ("vllm", "torch", "transformers")},
        "load": asdict(LOAD),
        "container_command": vllm_command(settings, weights="WEIGHTS"),
        "configurations": {},
    }
    for name in names:
        if deadline - time.monotonic() < FAIR_SECONDS:
            print(f"no time left for {name}", file=sys.stderr)
            continue
        chosen = configuration(name)
        try:
            row = measure(settings, weights, chosen, pages)
        except EngineFailed as error:
            row = {"fault": str(error)[-3000:]}
        report["configurations"][name] = {"flags": chosen.flags, "engines": chosen.engines} | row
        print(name, json.dumps(row)[:600], file=sys.stderr, flush=True)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
