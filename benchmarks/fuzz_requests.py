"""Send random requests of the open fields to a running vLLM, and count the answers.

    python benchmarks/fuzz_requests.py http://127.0.0.1:8000 600

Fields, values, images and drafts are drawn at random, four requests at a time; some answers are cut
off in the middle. Only 200 and 400 are right. A page that somebody else reads meanwhile is timed,
and must have the same text as before. Answers are short, so that many requests fit into the time.
The result goes to benchmarks/results/fuzz-requests.json.
"""

import asyncio
import base64
import json
import platform
import random
import statistics
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from typing import Any

import httpx2
from PIL import Image

from lighton_ocr.engines.vllm.version import PINNED_VLLM

SEED = 20261129
AT_ONCE = 4
ODD_TEXTS = (
    *("", "\0", "\uffff", "😀" * 50, "<|im_end|>", "[IMG]" * 300, "<|image_pad|>" * 20, "\u202e"),
    *(" " * 5000, "a" * 8192, "{{ 7 * 7 }}", "\n" * 3000, "Harbour Museum " * 200),
)
MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16")
SIDES = (1, 2, 13, 14, 27, 28, 29, 56, 224, 300, 1000)
FORMATS = {"PNG": "png", "JPEG": "jpeg", "WEBP": "webp"}


def image(dice: random.Random) -> str:
    """A small image in any mode and format, sometimes with broken bytes, as a data URL."""
    while True:
        mode, form = dice.choice(MODES), dice.choice(list(FORMATS))
        drawn = Image.new(mode, (dice.choice(SIDES), dice.choice(SIDES)), dice.choice((0, 1, 200)))
        file = BytesIO()
        try:
            drawn.save(file, form)
        except (OSError, ValueError):
            continue  # a format that lacks the mode
        data = bytearray(file.getvalue())
        if dice.random() < 0.3:
            for _ in range(dice.randint(1, 20)):
                data[dice.randrange(12, len(data))] = dice.randrange(256)
        if dice.random() < 0.1:
            del data[dice.randrange(12, len(data)) :]
        return f"data:image/{FORMATS[form]};base64,{base64.b64encode(data).decode()}"


def fields(dice: random.Random) -> dict[str, Any]:
    """Any of the open fields, with values within and just outside of what is allowed."""
    drawn = {
        "temperature": dice.choice((0, 1e-9, 0.2, 1, 2, 2.5, None)),
        "top_p": dice.choice((0, 1e-9, 0.5, 1, None)),
        "max_tokens": dice.choice((1, 2, 7, 30, 1 << 20)),
        "max_completion_tokens": dice.choice((1, 30, None)),
        "stream": dice.choice((True, False)),
        "stream_options": dice.choice(
            ({"include_usage": True, "continuous_usage_stats": True}, {}, None)
        ),
        "stream_interval": dice.choice((1, 3, 64, 4096, 0)),
        "vllm_xargs": {"draft": dice.choice(ODD_TEXTS) * dice.randint(0, 3)},
        "chat_template_kwargs": dice.choice(({"enable_thinking": True}, {}, None)),
        "logprobs": dice.choice((True, False, None)),
        "top_logprobs": dice.choice((0, 1, None)),
        "seed": dice.choice((0, -1, 1 << 62, -(1 << 63), (1 << 63) - 1, 1 << 63)),
        "stop": dice.choice(("a", ["", "b"], ["\n"], "\ud800", ["x"] * 4, [])),
        "user": dice.choice(ODD_TEXTS)[:256],
        "n": dice.choice((1, None, 2)),
        "frequency_penalty": 0,
        "top_k": dice.choice((0, -1, 5)),
        "response_format": {"type": "text"},
    }
    return {name: drawn[name] for name in dice.sample(sorted(drawn), dice.randint(0, 6))}


def request(dice: random.Random, model: str) -> dict[str, Any]:
    """A request with one image, and up to three texts around it."""
    parts: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": image(dice)}}]
    for _ in range(dice.choice((0, 0, 1, 3))):
        part = {"type": "text", "text": dice.choice(ODD_TEXTS)}
        parts.insert(dice.randint(0, len(parts)), part)
    body = {"model": model, "messages": [{"role": "user", "content": parts}], "max_tokens": 30}
    return body | fields(dice)


class Fuzzer:
    """Sends requests until a time is up, and counts their answers by status."""

    def __init__(self, url: str, model: str, end: float) -> None:
        self.statuses: Counter[str] = Counter()
        self.faults: list[str] = []
        self.slowest = 0.0
        self._url, self._model, self._end = f"{url}/v1/chat/completions", model, end

    async def attack(self, client: httpx2.AsyncClient, seed: int) -> None:
        dice = random.Random(seed)
        while time.monotonic() < self._end:
            body = request(dice, self._model)
            start = time.monotonic()
            status = await self._send(client, json.dumps(body), dice.random() < 0.1)
            self.slowest = max(self.slowest, time.monotonic() - start)
            self.statuses[status] += 1
            if status not in ("200", "400", "cut off") and len(self.faults) < 20:
                self.faults.append(f"{status}: {json.dumps(body)[:500]}")

    async def _send(self, client: httpx2.AsyncClient, body: str, cuts: bool) -> str:
        headers = {"Content-Type": "application/json"}
        try:
            async with client.stream("POST", self._url, content=body, headers=headers) as answer:
                async for _ in answer.aiter_bytes():
                    if cuts and answer.status_code == 200:
                        return "cut off"
                return str(answer.status_code)
        except httpx2.HTTPError as error:
            return type(error).__name__


async def read(client: httpx2.AsyncClient, url: str, model: str) -> tuple[float, str]:
    """Read a page of somebody else's: seconds and text."""
    file = BytesIO()
    Image.new("L", (280, 280), 255).save(file, "PNG")
    data = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    content = [{"type": "image_url", "image_url": {"url": data}}]
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": content}]}
    start = time.monotonic()
    answer = await client.post(
        f"{url}/v1/chat/completions", json=body | {"temperature": 0, "max_tokens": 16}
    )
    return time.monotonic() - start, answer.json()["choices"][0]["message"]["content"]


async def main(url: str, seconds: float) -> None:
    # vLLM closes a connection that was idle for five seconds. A request that is sent just then gets
    # a ReadError, which says nothing of what was sent.
    limits = httpx2.Limits(keepalive_expiry=2)
    async with httpx2.AsyncClient(timeout=600, limits=limits) as client:
        model = (await client.get(f"{url}/v1/models")).json()["data"][0]["id"]
        alone = [await read(client, url, model) for _ in range(5)]
        end = time.monotonic() + seconds
        fuzzer = Fuzzer(url, model, end)
        during: list[tuple[float, str]] = []
        async with asyncio.TaskGroup() as group:
            for number in range(AT_ONCE):
                group.create_task(fuzzer.attack(client, SEED + number))
            while time.monotonic() < end:
                during.append(await read(client, url, model))
                await asyncio.sleep(5)
        after = await read(client, url, model)
    report = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, two cores of {platform.system()}, shared with others",
        "versions": {"lighton-ocr": version("lighton-ocr"), "vllm": PINNED_VLLM},
        "seconds": seconds,
        "requests_at_once": AT_ONCE,
        "answers": dict(sorted(fuzzer.statuses.items())),
        "faults": fuzzer.faults,
        "slowest_answer_s": round(fuzzer.slowest, 1),
        "other_page_alone_s": round(statistics.median(time for time, _ in alone), 2),
        "other_page_meanwhile_s": round(statistics.median(time for time, _ in during), 2),
        "other_page_afterwards_s": round(after[0], 2),
        "other_pages_text_is_the_same": len({text for _, text in [*alone, *during, after]}) == 1,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].rstrip("/"), float(sys.argv[2])))
