"""The scheduler in a real vLLM: which pages it admits and when, and what is read."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rapidfuzz.distance import Levenshtein

from lighton_ocr.catalog import find_gpu
from lighton_ocr.documents import Document, load_source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.command import (
    GROUPING_THRESHOLD,
    SCHEDULER,
    VllmOptions,
    vllm_command,
)
from lighton_ocr.reading.reader import Reader
from tests.support.examples import EXAMPLES
from tests.support.real_vllm import CLEAN, MOST_DIFFERENT
from tests.support.stepping import Stepping

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning"),  # PyTorch's own
]

IN_FLIGHT, ROUNDS = 6, 3


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The scheduler's clock, which stands still at `now`."""
    from lighton_ocr.engines.vllm import scheduler

    stopped = SimpleNamespace(now=5.0)
    stopped.monotonic = lambda: stopped.now
    monkeypatch.setattr(scheduler, "time", stopped)
    return stopped


async def read_many(endpoint: Endpoint) -> list[tuple[str, str]]:
    """Read every clean example ROUNDS times, IN_FLIGHT at a time: names and texts."""

    async def pages() -> AsyncIterator[tuple[Document, int]]:
        for name in CLEAN * ROUNDS:
            yield open_document(load_source(str(EXAMPLES / name))), 0

    async with Reader(endpoint, concurrency=IN_FLIGHT) as reader:
        return [
            (Path(document.name).name, page.text)
            async for document, page in reader.read_pages(pages())
        ]


def test_pages_read_together_have_the_same_text_and_are_admitted_in_groups(
    vllm: Endpoint, texts: dict[str, list[str]], scheduler_log: Path
) -> None:
    before = len(scheduler_log.read_text().splitlines())
    found = asyncio.run(read_many(vllm))
    assert len(found) == len(CLEAN) * ROUNDS
    for name, text in found:
        assert Levenshtein.normalized_distance(text, texts[name][0]) <= MOST_DIFFERENT
    lines = scheduler_log.read_text().splitlines()[before:]
    assert len(lines) > len(found)
    for running, partly_prefilled, waiting, admitted in (map(int, line.split()) for line in lines):
        is_forming = running > 2 and not partly_prefilled and 0 < waiting < 3
        assert not (is_forming and admitted), lines


def test_new_pages_are_admitted_together(options: VllmOptions, checkpoint: Path) -> None:
    scheduler = Stepping(options, checkpoint, running=3)
    assert scheduler.arrive(range(3, 8)).steps(3).pages == (3, 5)
    assert scheduler.arrive([8]).steps(1).pages == (9, 0)


@pytest.mark.parametrize(
    ("running", "waiting", "is_forming"),
    [
        (GROUPING_THRESHOLD + 1, 1, True),
        (GROUPING_THRESHOLD, 1, False),
        (GROUPING_THRESHOLD + 1, 5, True),
        (GROUPING_THRESHOLD + 1, 6, False),
        (GROUPING_THRESHOLD + 1, 0, False),
        (250, 100, False),
        (251, 100, True),
        (256, 100, False),
    ],
)
def test_when_a_group_is_forming(running: int, waiting: int, is_forming: bool) -> None:
    from vllm.v1.core.sched.request_queue import FCFSRequestQueue

    from lighton_ocr.engines.vllm.scheduler import PageScheduler

    scheduler = PageScheduler.__new__(PageScheduler)
    scheduler.running = [SimpleNamespace(is_prefill_chunk=False)] * running
    scheduler.waiting = FCFSRequestQueue([SimpleNamespace(num_preemptions=0)] * waiting)
    scheduler.max_num_running_reqs, scheduler._held_since = 256, None
    assert scheduler._is_group_forming() is is_forming


def test_no_page_is_held_back_for_longer_than_the_maximum(
    options: VllmOptions, checkpoint: Path, clock: SimpleNamespace
) -> None:
    scheduler = Stepping(options, checkpoint, running=3)
    for number in (3, 4):
        scheduler.arrive([number], preprocessing_s=7200).steps(1)
        clock.now += 3599
        assert scheduler.steps(1).pages == (number, 1)
        clock.now += 1
        assert scheduler.steps(1).pages == (number + 1, 0)


def test_pages_are_admitted_after_the_maximum_as_soon_as_there_is_memory(
    options: VllmOptions, checkpoint: Path, clock: SimpleNamespace
) -> None:
    scheduler = Stepping(options, checkpoint, running=5, capacity=5)
    scheduler.arrive([5]).steps(1)
    clock.now += 3600
    assert scheduler.steps(3).pages == (5, 1)
    assert scheduler.finish([0]).steps(1).pages == (5, 0)


def test_a_cancelled_page_does_not_shorten_the_wait_of_the_next(
    options: VllmOptions, checkpoint: Path, clock: SimpleNamespace
) -> None:
    scheduler = Stepping(options, checkpoint, running=4)
    scheduler.arrive([4]).steps(1).finish([4]).steps(1)
    clock.now += 3600
    assert scheduler.arrive([5]).steps(1).pages == (4, 1)


def test_a_preempted_page_is_not_held_back(options: VllmOptions, checkpoint: Path) -> None:
    scheduler = Stepping(options, checkpoint, running=5, capacity=5)
    while not scheduler.vllm.waiting:
        scheduler.steps(1)
    assert [request.num_preemptions for request in scheduler.vllm.waiting] == [1]
    assert scheduler.finish([0]).steps(1).pages == (4, 0)


def test_a_group_also_waits_until_enough_pages_can_run(
    options: VllmOptions, checkpoint: Path, clock: SimpleNamespace
) -> None:
    scheduler = Stepping(options, checkpoint, running=0)
    scheduler.vllm.max_num_running_reqs = scheduler.vllm.max_num_active_reqs = 12
    assert scheduler.arrive(range(30)).steps(3).pages == (12, 18)
    assert scheduler.finish(range(5)).steps(3).pages == (7, 18)
    clock.now += 3599
    assert scheduler.finish([5]).steps(1).pages == (12, 12)
    clock.now += 1
    assert scheduler.finish([6]).steps(1).pages == (11, 12)


def test_a_partly_prefilled_page_is_not_held_back(options: VllmOptions, checkpoint: Path) -> None:
    scheduler = Stepping(options, checkpoint, running=5)
    scheduler.arrive(range(5, 13)).steps(1)  # one more than a step can admit
    assert scheduler.partly_prefilled == [False] * 12 + [True]
    assert scheduler.arrive([13]).steps(3).partly_prefilled == [False] * 14
    assert scheduler.arrive([14]).steps(3).pages == (14, 1)


def test_the_containers_flags_select_this_scheduler(options: VllmOptions, checkpoint: Path) -> None:
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    from lighton_ocr.engines.vllm.scheduler import PageScheduler

    command = vllm_command(replace(options, gpu=find_gpu("H200")), weights=str(checkpoint))
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(command[2:])
    parsed.model = parsed.model_tag
    assert (
        parsed.scheduler_cls
        == SCHEDULER
        == f"{PageScheduler.__module__}.{PageScheduler.__qualname__}"
    )
    assert AsyncEngineArgs.from_cli_args(parsed).scheduler_cls == SCHEDULER
