"""The container's scheduler on a real vLLM: what it does to pages, and that they read the same."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from rapidfuzz.distance import Levenshtein

from lighton_ocr.bench.server_metrics import MetricsWatch, parse
from lighton_ocr.catalog import find_gpu
from lighton_ocr.client import image_part
from lighton_ocr.documents import load_source, open_document, prepare
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.pages import EncodedPage
from lighton_ocr.reader import Reader
from lighton_ocr.serving.settings import Settings
from lighton_ocr.serving.vllm_command import MANY_PAGES, SCHEDULER, vllm_command
from tests.conftest import EXAMPLES
from tests.vllm.conftest import CLEAN, read
from tests.vllm.test_server import MOST_DIFFERENT

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # PyTorch's own

IN_FLIGHT, TIMES = 6, 5
A_PAGE = -(-2161 // 16)  # blocks of the cache that its prompt takes


async def read_many(endpoint: Endpoint) -> list[tuple[str, str]]:
    """Every clean example TIMES over, IN_FLIGHT at a time: names and texts."""
    async with Reader(endpoint, concurrency=IN_FLIGHT) as reader:
        opened = (open_document(load_source(str(EXAMPLES / name))) for name in CLEAN * TIMES)
        pages = ((document, 0) for document in opened)
        return [
            (Path(document.name).name, page.text)
            async for document, page in reader.read_pages(pages)
        ]


def test_pages_together_read_the_same_and_groups_stay_together(
    vllm: Endpoint, scheduler_log: Path
) -> None:
    alone = {name: read(vllm, name)[0] for name in CLEAN}
    before = len(scheduler_log.read_text().splitlines())
    found = asyncio.run(read_many(vllm))
    assert len(found) == len(CLEAN) * TIMES
    for name, text in found:
        assert Levenshtein.normalized_distance(text, alone[name]) <= MOST_DIFFERENT
    lines = scheduler_log.read_text().splitlines()[before:]
    assert len(lines) > len(found)
    for running, half_in, waiting, let_in in (map(int, line.split()) for line in lines):
        forming = running > 2 and not half_in and 0 < waiting < 3
        assert not (forming and let_in), lines


def test_new_pages_are_let_in_together(settings: Settings, checkpoint: Path) -> None:
    scheduler = containers_scheduler(settings, checkpoint)
    arrive(scheduler, range(3))
    steps(scheduler, 1)
    arrive(scheduler, range(3, 8))
    steps(scheduler, 3)
    assert (len(scheduler.running), len(scheduler.waiting)) == (3, 5)
    arrive(scheduler, [8])
    steps(scheduler, 1)
    assert (len(scheduler.running), len(scheduler.waiting)) == (9, 0)


@pytest.mark.parametrize(
    ("running", "waiting", "forming"),
    [
        (MANY_PAGES + 1, 1, True),
        (MANY_PAGES, 1, False),
        (MANY_PAGES + 1, 5, True),
        (MANY_PAGES + 1, 6, False),
        (MANY_PAGES + 1, 0, False),
        (250, 100, False),
        (251, 100, True),
        (256, 100, False),
    ],
)
def test_when_a_group_is_forming(running: int, waiting: int, forming: bool) -> None:
    from vllm.v1.core.sched.request_queue import FCFSRequestQueue

    from lighton_ocr.serving.page_scheduler import PageScheduler

    scheduler = PageScheduler.__new__(PageScheduler)
    scheduler.running = [SimpleNamespace(is_prefill_chunk=False)] * running
    scheduler.waiting = FCFSRequestQueue([SimpleNamespace(num_preemptions=0)] * waiting)
    scheduler.max_num_running_reqs, scheduler._held_since = 256, None
    assert scheduler._is_a_group_forming() is forming


def test_no_page_is_held_back_for_longer(
    settings: Settings, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = stopped_clock(monkeypatch)
    scheduler = containers_scheduler(settings, checkpoint)
    arrive(scheduler, range(3))
    steps(scheduler, 1)
    for number in (3, 4):
        arrive(scheduler, [number])  # its picture took two hours to prepare
        scheduler.waiting.peek_request().arrival_time -= 7200
        steps(scheduler, 1)
        clock.now += 3599
        steps(scheduler, 1)
        assert (len(scheduler.running), len(scheduler.waiting)) == (number, 1)
        clock.now += 1
        steps(scheduler, 1)
        assert (len(scheduler.running), len(scheduler.waiting)) == (number + 1, 0)


def test_the_wait_goes_on_until_there_is_memory(
    settings: Settings, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = stopped_clock(monkeypatch)
    scheduler = containers_scheduler(settings, checkpoint, pages=5)
    arrive(scheduler, range(5))
    steps(scheduler, 1)
    arrive(scheduler, [5])
    steps(scheduler, 1)
    clock.now += 3600
    steps(scheduler, 3)
    assert (len(scheduler.running), len(scheduler.waiting)) == (5, 1)
    finish(scheduler, [0])
    steps(scheduler, 1)
    assert (len(scheduler.running), len(scheduler.waiting)) == (5, 0)


def test_who_was_called_off_leaves_no_wait_behind(
    settings: Settings, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = stopped_clock(monkeypatch)
    scheduler = containers_scheduler(settings, checkpoint)
    arrive(scheduler, range(4))
    steps(scheduler, 1)
    arrive(scheduler, [4])
    steps(scheduler, 1)
    finish(scheduler, [4])
    steps(scheduler, 1)
    clock.now += 3600
    arrive(scheduler, [5])
    steps(scheduler, 1)
    assert (len(scheduler.running), len(scheduler.waiting)) == (4, 1)


def test_who_lost_its_memory_is_not_held_back(settings: Settings, checkpoint: Path) -> None:
    scheduler = containers_scheduler(settings, checkpoint, pages=5)
    arrive(scheduler, range(5))
    steps(scheduler, 1)
    while not scheduler.waiting:
        steps(scheduler, 1)
    assert [request.num_preemptions for request in scheduler.waiting] == [1]
    finish(scheduler, [0])
    steps(scheduler, 1)
    assert (len(scheduler.running), len(scheduler.waiting)) == (4, 0)


def test_a_group_waits_for_slots_as_well(settings: Settings, checkpoint: Path) -> None:
    scheduler = containers_scheduler(settings, checkpoint)
    scheduler.max_num_running_reqs = scheduler.max_num_active_reqs = 12
    arrive(scheduler, range(30))
    steps(scheduler, 3)
    assert (len(scheduler.running), len(scheduler.waiting)) == (12, 18)
    finish(scheduler, range(5))
    steps(scheduler, 3)
    assert (len(scheduler.running), len(scheduler.waiting)) == (7, 18)
    finish(scheduler, [5])
    steps(scheduler, 1)
    assert (len(scheduler.running), len(scheduler.waiting)) == (12, 12)


def test_who_is_let_in_is_not_held_back(settings: Settings, checkpoint: Path) -> None:
    scheduler = containers_scheduler(settings, checkpoint)
    arrive(scheduler, range(5))
    steps(scheduler, 1)
    arrive(scheduler, range(5, 13))  # one more than a step takes in: the last is let in by half
    steps(scheduler, 1)
    assert [request.is_prefill_chunk for request in scheduler.running] == [False] * 12 + [True]
    arrive(scheduler, [13])
    steps(scheduler, 3)
    assert [request.is_prefill_chunk for request in scheduler.running] == [False] * 14
    arrive(scheduler, [14])
    steps(scheduler, 3)
    assert (len(scheduler.running), len(scheduler.waiting)) == (14, 1)


def test_it_is_the_containers(settings: Settings, checkpoint: Path) -> None:
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    from lighton_ocr.serving.page_scheduler import PageScheduler

    command = vllm_command(replace(settings, gpu=find_gpu("H200")), weights=str(checkpoint))
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(command[2:])
    parsed.model = parsed.model_tag
    assert (
        parsed.scheduler_cls
        == SCHEDULER
        == f"{PageScheduler.__module__}.{PageScheduler.__qualname__}"
    )
    assert AsyncEngineArgs.from_cli_args(parsed).scheduler_cls == SCHEDULER


def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The scheduler's; `now` can be set."""
    from lighton_ocr.serving import page_scheduler

    clock = SimpleNamespace(now=5.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(page_scheduler, "time", clock)
    return clock


def containers_scheduler(settings: Settings, checkpoint: Path, pages: int = 70) -> Any:
    """An H200's, for few pages, without what guesses: that wants a GPU.

    The cache has blocks for the prompts of so many, and vLLM keeps one to itself.
    """
    import torch
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser
    from vllm.v1.kv_cache_interface import FullAttentionSpec, KVCacheConfig, KVCacheGroupSpec
    from vllm.v1.structured_output import StructuredOutputManager

    from lighton_ocr.serving.page_scheduler import PageScheduler

    command = vllm_command(
        replace(settings, gpu=find_gpu("H200")),
        weights=str(checkpoint),
        flags=("--speculative-config", "null"),
    )
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(command[2:])
    parsed.model = parsed.model_tag
    config = AsyncEngineArgs.from_cli_args(parsed).create_engine_config()
    config.cache_config.num_gpu_blocks = blocks = pages * A_PAGE + 1
    cache = FullAttentionSpec(block_size=16, num_kv_heads=1, head_size=64, dtype=torch.bfloat16)
    scheduler = PageScheduler(
        vllm_config=config,
        kv_cache_config=KVCacheConfig(blocks, [], [KVCacheGroupSpec(["layer"], cache)]),
        structured_output_manager=StructuredOutputManager(config),
        block_size=16,
    )
    scheduler.busy, scheduler.longest_wait = 2, 3600.0
    return scheduler


def arrive(scheduler: Any, numbers: Iterable[int]) -> None:
    """Requests for A4 pages, to be written for longer than any test takes."""
    from vllm.multimodal.inputs import MultiModalFeatureSpec, PlaceholderRange
    from vllm.sampling_params import SamplingParams
    from vllm.v1.request import Request

    place = PlaceholderRange(offset=8, length=2145)
    sampling = SamplingParams(max_tokens=500, ignore_eos=True)
    for number in numbers:
        picture = MultiModalFeatureSpec(None, "image", f"picture {number}", place)
        page = Request(str(number), [5] * 2161, sampling, None, mm_features=[picture])
        scheduler.add_request(page)


def finish(scheduler: Any, numbers: Iterable[int]) -> None:
    """Their pages are written."""
    from vllm.v1.request import RequestStatus

    scheduler.finish_requests(map(str, numbers), RequestStatus.FINISHED_STOPPED)


def steps(scheduler: Any, count: int) -> None:
    """As the engine makes them, with a token for each page that is in as a whole."""
    from vllm.v1.outputs import ModelRunnerOutput

    for _ in range(count):
        work = scheduler.schedule()
        names = list(work.num_scheduled_tokens)
        written = [[] if scheduler.requests[name].is_prefill_chunk else [7] for name in names]
        places = {name: place for place, name in enumerate(names)}
        scheduler.update_from_output(work, ModelRunnerOutput(names, places, written))


def prepared(name: str, vllm: Endpoint) -> EncodedPage:
    with open_document(load_source(str(EXAMPLES / name))) as document:
        page = prepare(document, 0, vllm.geometry, "png")
    assert page is not None
    return page


@pytest.fixture(scope="module")
def letter(vllm: Endpoint) -> EncodedPage:
    return prepared("letter.pdf", vllm)


@pytest.fixture(scope="module")
def letter_text(vllm: Endpoint, letter: EncodedPage) -> str:
    return ask(vllm, replace(letter, draft=""))[0]


@pytest.mark.parametrize("name", CLEAN)
def test_a_draft_saves_steps_and_changes_nothing(vllm: Endpoint, name: str) -> None:
    page = prepared(name, vllm)
    text, tokens, _ = ask(vllm, replace(page, draft=""))
    with_draft, same, taken = ask(vllm, page)
    misled, _, hardly = ask(vllm, replace(page, draft="Quite another text. " * 60))
    assert (with_draft, same) == (text, tokens)
    assert misled == text
    assert taken > 0.45 * tokens
    assert hardly < 0.15 * tokens


async def test_the_servers_metrics_say_what_a_step_wrote(vllm: Endpoint) -> None:
    began = time.perf_counter()
    async with MetricsWatch(vllm) as watch, Reader(vllm) as reader:
        assert await watch.look()
        with open_document(load_source(str(EXAMPLES / "letter.pdf"))) as document:
            assert [page.finish async for page in reader.read(document)] == ["stop"]
        assert await watch.look()
    found = watch.between(began, time.perf_counter())
    assert found is not None
    assert (found.tokens_a_step or 0) > 2


def test_what_is_penalised_for_standing_in_the_prompt_is_not_the_draft(
    vllm: Endpoint, letter: EncodedPage
) -> None:
    text, _, _ = ask(vllm, replace(letter, draft=""), repetition_penalty=1.05)
    with_draft, tokens, taken = ask(vllm, letter, repetition_penalty=1.05)
    assert with_draft == text
    assert taken < 0.15 * tokens


@pytest.mark.parametrize(
    "draft", [7, ["a", 1], "<|im_end|><|image_pad|>" * 2000, "a" * 200_000, "\0\uffff"]
)
def test_no_draft_brings_the_server_down(
    vllm: Endpoint, letter: EncodedPage, letter_text: str, draft: object
) -> None:
    assert ask(vllm, letter, vllm_xargs={"draft": draft})[0] == letter_text


def ask(vllm: Endpoint, page: EncodedPage, **more: object) -> tuple[str, int, float]:
    """A page's text, its tokens, and how many of them were guessed."""
    before = guessed(vllm)
    extra = {"vllm_xargs": {"draft": page.draft}} if page.draft else {}
    content = [{"role": "user", "content": [image_part(page)]}]
    body = {"model": vllm.served_name, "messages": content, "temperature": 0, "max_tokens": 1200}
    answer = httpx2.post(
        f"{vllm.base_url}/chat/completions", json=body | extra | more, timeout=120
    ).json()
    tokens = answer["usage"]["completion_tokens"]
    return answer["choices"][0]["message"]["content"], tokens, guessed(vllm) - before


def guessed(vllm: Endpoint) -> float:
    """Tokens of all answers that were guessed right."""
    return parse(httpx2.get(vllm.base_url.removesuffix("/v1") + "/metrics").text, at=0.0).guessed
