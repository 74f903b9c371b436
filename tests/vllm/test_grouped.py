"""The container's scheduler on a real vLLM: pages are let in together, and read the same."""

import asyncio
import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rapidfuzz.distance import Levenshtein

from lighton_ocr.catalog import find_gpu
from lighton_ocr.documents import load_source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reader import Reader
from lighton_ocr.serving.settings import Settings
from lighton_ocr.serving.vllm_command import MANY_PAGES, SCHEDULER, vllm_command
from tests.conftest import EXAMPLES
from tests.vllm.conftest import CLEAN, read
from tests.vllm.test_server import MOST_DIFFERENT

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # PyTorch's own

IN_FLIGHT, TIMES = 6, 5


async def read_many(endpoint: Endpoint) -> list[tuple[str, str]]:
    """Every clean example TIMES over, IN_FLIGHT at a time: names and texts."""
    async with Reader(endpoint, concurrency=IN_FLIGHT) as reader:
        opened = (open_document(load_source(str(EXAMPLES / name))) for name in CLEAN * TIMES)
        pages = ((document, 0) for document in opened)
        return [
            (Path(document.name).name, page.text)
            async for document, page in reader.read_pages(pages)
        ]


def test_pages_are_let_in_together_and_read_the_same(vllm: Endpoint, scheduler_log: Path) -> None:
    alone = {name: read(vllm, name)[0] for name in CLEAN}
    before = len(scheduler_log.read_text().splitlines())
    found = asyncio.run(read_many(vllm))
    assert len(found) == len(CLEAN) * TIMES
    for name, text in found:
        assert Levenshtein.normalized_distance(text, alone[name]) <= MOST_DIFFERENT
    lines = scheduler_log.read_text().splitlines()[before:]
    steps = [tuple(map(int, line.split())) for line in lines]
    held = [let_in for running, waiting, let_in in steps if running > 2 and 0 < waiting < 3]
    assert held, steps
    assert not any(held)
    assert any(let_in >= 3 for running, _, let_in in steps if running > 2), steps


@pytest.mark.parametrize(
    ("running", "arrived", "forming"),
    [
        (MANY_PAGES + 1, [0.5], True),
        (MANY_PAGES, [0.5], False),
        (MANY_PAGES + 1, [1.5, 0.1], False),
        (MANY_PAGES + 1, [0.5] * 7, True),
        (MANY_PAGES + 1, [0.5] * 8, False),
        (MANY_PAGES + 1, [], False),
    ],
)
def test_when_a_group_is_forming(running: int, arrived: list[float], forming: bool) -> None:
    from vllm.v1.core.sched.request_queue import FCFSRequestQueue

    from lighton_ocr.serving.grouped import Grouped

    scheduler = Grouped.__new__(Grouped)
    scheduler.running = deque(range(running))
    scheduler.waiting = FCFSRequestQueue(
        SimpleNamespace(arrival_time=time.time() - ago) for ago in arrived
    )
    assert scheduler._is_a_group_forming() is forming


def test_it_is_the_containers_where_many_pages_are_read(
    settings: Settings, checkpoint: Path
) -> None:
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    from lighton_ocr.serving.grouped import Grouped

    command = vllm_command(replace(settings, gpu=find_gpu("H200")), weights=str(checkpoint))
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(command[2:])
    parsed.model = parsed.model_tag
    assert parsed.scheduler_cls == SCHEDULER == f"{Grouped.__module__}.{Grouped.__qualname__}"
    assert AsyncEngineArgs.from_cli_args(parsed).scheduler_cls == SCHEDULER


def test_a_vllm_that_cannot_hold_back_schedules_as_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from vllm.v1.core.sched.async_scheduler import AsyncScheduler

    from lighton_ocr.serving import grouped

    monkeypatch.setattr(AsyncScheduler, "schedule", lambda self: "its own work")
    monkeypatch.setattr(grouped, "_CAN_HOLD_BACK", False)
    assert grouped.Grouped.__new__(grouped.Grouped).schedule() == "its own work"
