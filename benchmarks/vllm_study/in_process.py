"""The study's load on vLLM's engine in a Python process, without HTTP: images are objects.

    python -m benchmarks.vllm_study.in_process WORK IN_FLIGHT MODEL serve WEIGHTS FLAG…

`gpu_study.py` starts this with the rest of the container's command. It prints its row as JSON.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from io import BytesIO
from typing import Any

from benchmarks.vllm_study.load import Lengths, Work, measure, pages
from benchmarks.vllm_study.record import Row
from benchmarks.vllm_study.server import search_path
from PIL import Image

from lighton_ocr.bench.load import Sample, Send
from lighton_ocr.catalog import find_model
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.errors import EngineFailed

MAX_SECONDS = 300


def run(work: Work, in_flight: int, model: str, command: Sequence[str]) -> Row:
    """Measure in another process; the engine takes the flags of `command`, the server's.

    Raises:
        EngineFailed: the process ended without a row; the message has its last lines.
    """
    arguments = [json.dumps(asdict(work)), str(in_flight), model, *command[1:]]
    program = [sys.executable, "-m", __name__, *arguments]
    environment = os.environ | search_path()
    with subprocess.Popen(
        program,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, errors = process.communicate(timeout=MAX_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise EngineFailed(f"The engine took more than {MAX_SECONDS} s.") from error
        finally:
            with suppress(ProcessLookupError):  # vLLM's workers would outlive the process
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        raise EngineFailed(f"The engine ended. Its last lines:\n{(out + errors)[-2500:]}")
    row: Row = json.loads(out.splitlines()[-1])
    return row


async def main(work: Work, in_flight: int, name: str, command: list[str]) -> Row:
    """Start the engine, read, and stop it."""
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser
    from vllm.v1.engine.async_llm import AsyncLLM

    began = time.monotonic()
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(command[1:])
    parsed.model = parsed.model_tag
    load, model = work.load(in_flight), find_model(name)
    encoded, engine = await asyncio.gather(
        asyncio.to_thread(pages, model, work, load.pages),
        asyncio.to_thread(AsyncLLM.from_engine_args, AsyncEngineArgs.from_cli_args(parsed)),
    )
    try:
        send = _sender(engine, command[1], Lengths(work, load.level))
        await send(encoded[0], 0.0)
        start = round(time.monotonic() - began, 1)
        return {"start_s": start} | await measure(work, load, encoded, send)
    finally:
        engine.shutdown()


def _sender(engine: Any, weights: str, lengths: Lengths) -> Send:
    from transformers import AutoTokenizer

    from vllm import SamplingParams

    message = {"role": "user", "content": [{"type": "image"}]}
    prompt = AutoTokenizer.from_pretrained(weights).apply_chat_template(
        [message], add_generation_prompt=True, tokenize=False
    )
    sent = 0

    async def send(page: EncodedPage, due: float) -> Sample:
        nonlocal sent
        sent += 1
        tokens = next(lengths)
        sampling = SamplingParams(
            temperature=0, ignore_eos=True, min_tokens=tokens, max_tokens=tokens
        )
        image = Image.open(BytesIO(page.data)).convert("RGB")
        request = {"prompt": prompt, "multi_modal_data": {"image": image}}
        async for answer in engine.generate(request, sampling, str(sent)):
            last = answer
        end = time.perf_counter()
        return Sample(due, end, end, len(last.prompt_token_ids), len(last.outputs[0].token_ids))

    return send


if __name__ == "__main__":
    out, sys.stdout = sys.stdout, sys.stderr  # keeps vLLM's output apart from the result
    given = Work(**json.loads(sys.argv[1]))
    row = asyncio.run(main(given, int(sys.argv[2]), sys.argv[3], sys.argv[4:]))
    print(json.dumps(row), file=out)
