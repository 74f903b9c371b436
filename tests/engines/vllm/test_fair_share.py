"""A sender may fill the server, but not keep others out."""

import asyncio
from contextlib import ExitStack

import pytest

from lighton_ocr.engines.vllm.fair_share import FairOrder, FairShare, sender_of
from lighton_ocr.engines.vllm.refusal import Refused

CAPACITY = 8


def status(share: FairShare, sender: str) -> int:
    try:
        with share.admit(sender):
            return 200
    except Refused as refusal:
        return refusal.status


def fill(share: FairShare, stack: ExitStack, sender: str, count: int) -> None:
    for _ in range(count):
        stack.enter_context(share.admit(sender))


def test_a_sender_alone_may_fill_the_queue() -> None:
    share = FairShare(CAPACITY)
    with ExitStack() as stack:
        fill(share, stack, "a", 4 * CAPACITY)
        assert status(share, "a") == 429
        assert status(share, "b") == 200
    assert status(share, "a") == 200


def test_a_sender_with_its_share_is_refused_while_others_wait() -> None:
    share = FairShare(CAPACITY)
    with ExitStack() as many, ExitStack() as few:
        fill(share, many, "many", CAPACITY)
        fill(share, few, "few", 1)
        assert status(share, "many") == 429
        fill(share, few, "few", CAPACITY // 2 - 1)
        assert status(share, "few") == 429
    with ExitStack() as many:
        fill(share, many, "many", CAPACITY - 2)
        with share.admit("few"):
            assert status(share, "many") == 200  # one page fits, so nobody waits


def test_senders_without_number_are_bounded_too() -> None:
    share = FairShare(CAPACITY)
    with ExitStack() as stack:
        for number in range(8 * CAPACITY):
            stack.enter_context(share.admit(f"sender {number}"))
        assert status(share, "one more") == 503


async def test_a_page_of_a_document_waits_for_its_senders_share() -> None:
    share = FairShare(CAPACITY)
    order: list[str] = []

    async def read(name: str) -> None:
        async with share.turn("documents"):
            order.append(name)

    with ExitStack() as few, ExitStack() as documents:
        fill(share, few, "few", CAPACITY // 2)
        fill(share, documents, "documents", CAPACITY // 2)
        tasks = [asyncio.create_task(read(name)) for name in ("first", "second", "given up")]
        await asyncio.sleep(0)
        assert order == []
        tasks.pop().cancel()
    await asyncio.gather(*tasks)
    assert order == ["first", "second"]
    assert status(share, "documents") == 200


@pytest.mark.parametrize(
    ("pages", "waits_for"), [(1, 0), (CAPACITY, 1), (4 * CAPACITY, CAPACITY + 1)]
)
async def test_a_new_sender_waits_for_about_as_many_pages_as_are_read_at_once(
    pages: int, waits_for: int
) -> None:
    order = FairOrder(CAPACITY)
    in_vllm: list[str] = []  # which reads the first CAPACITY of them
    finished = {name: asyncio.Event() for name in ["few", *map(str, range(pages))]}

    async def read(sender: str, name: str) -> None:
        async with order.place(sender):
            in_vllm.append(name)
            await finished[name].wait()
            in_vllm.remove(name)

    async with asyncio.TaskGroup() as group:
        for page in range(pages):
            group.create_task(read("many", str(page)))
        await asyncio.sleep(0)
        group.create_task(read("few", "few"))
        await _settle()
        before = 0
        while "few" not in in_vllm[:CAPACITY]:
            finished[in_vllm[0]].set()
            before += 1
            await _settle()
        for event in finished.values():
            event.set()
    assert before == waits_for


async def _settle() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


async def test_a_page_that_is_given_up_leaves_its_place_to_others() -> None:
    order = FairOrder(1)
    reached: list[str] = []

    async def read(sender: str) -> None:
        async with order.place(sender):
            reached.append(sender)

    async with order.place("a"), order.place("b"):
        tasks = [asyncio.create_task(read(name)) for name in ("given up", "c", "d")]
        await asyncio.sleep(0)
        tasks.pop(0).cancel()
        assert reached == []
    await asyncio.gather(*tasks)
    assert reached == ["c", "d"]


def test_a_page_that_fails_is_no_longer_counted() -> None:
    share = FairShare(1)
    for _ in range(20):
        with pytest.raises(ZeroDivisionError), share.admit("a"):
            raise ZeroDivisionError
    assert status(share, "a") == 200


def test_a_sender_is_a_key_or_on_a_public_server_an_address() -> None:
    def scope(key: bytes, host: str) -> dict[str, object]:
        return {"headers": [(b"authorization", key)], "client": (host, 1)}

    one, other = scope(b"Bearer one", "192.0.2.1"), scope(b"Bearer two", "192.0.2.1")
    assert sender_of(one, is_public=False) != sender_of(other, is_public=False)
    assert sender_of(one, is_public=True) == sender_of(other, is_public=True) == "192.0.2.1"
    assert sender_of({"headers": [], "client": None}, is_public=False) == ""
    assert "one" not in sender_of(one, is_public=False)
