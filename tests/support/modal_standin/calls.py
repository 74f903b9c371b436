"""The part of the stand-in that calls deployed functions: inputs wait until a container runs."""

# ruff: noqa: N802 - methods are named as the procedures of the interface
import asyncio
import pickle
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from grpclib import GRPCError, Status
from modal_proto import api_pb2

# Runs a method of a deployed class with these arguments in a container; raises its exception.
Container = Callable[[str, str, list[Any]], Awaitable[None]]
SUCCESS = api_pb2.GenericResult.GENERIC_STATUS_SUCCESS
FAILURE = api_pb2.GenericResult.GENERIC_STATUS_FAILURE


@dataclass
class Call:
    """One input: a function, its method and arguments, and later its result."""

    function_id: str
    method: str
    arguments: list[Any]
    result: Any = None
    awaited: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)


async def _fetch_nothing(*_: object) -> None:
    """As if the weights were on the volume."""


class Calls:
    """Function calls, which wait until there is a container."""

    apps: dict[str, str]
    functions: dict[str, Any]
    _loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        self.function_calls: dict[str, Call] = {}
        self._container: Container | None = None
        self.fetching: Container = _fetch_nothing  # what fetches weights, in a container of its own
        self.owners: dict[str, str] = {}  # the app of each function
        self.stopped: set[str] = set()  # tasks of containers that accept no more inputs
        self._changed = threading.Condition()
        self._running: set[asyncio.Task[None]] = set()

    def take_container(self, container: Container | None) -> None:
        """Run waiting and later calls in this container; with None, they wait."""

        def take() -> None:
            self._container = container
            for call in self.function_calls.values():
                if not call.over.is_set():
                    self._start(call)

        self._loop.call_soon_threadsafe(take)

    def wait_until_awaited(self, count: int) -> None:
        """Wait until the client awaits that many results."""
        with self._changed:
            calls = self.function_calls.values
            assert self._changed.wait_for(lambda: sum(c.awaited for c in calls()) >= count, 60)

    def wait_until_over(self) -> None:
        """Wait until every call has a result."""
        with self._changed:
            calls = self.function_calls.values
            assert self._changed.wait_for(lambda: all(call.over.is_set() for call in calls()), 60)

    def ClassGet(self, request: Any) -> Any:
        self._find(request.app_name, f"{request.object_tag}.*")
        return api_pb2.ClassGetResponse(class_id="cs-1")

    def FunctionGet(self, request: Any) -> Any:
        function_id = self._find(request.app_name, request.object_tag)
        function, app_id = self.functions[function_id], self.owners[function_id]
        return api_pb2.FunctionGetResponse(
            function_id=function_id,
            handle_metadata=self._handle(function, app_id),  # type: ignore[attr-defined]
            function=self._data(function),  # type: ignore[attr-defined]
        )

    def FunctionMap(self, request: Any) -> Any:
        (item,) = request.pipelined_inputs
        call_id = f"fc-{len(self.function_calls):022d}"
        arguments, _ = pickle.loads(item.input.args)  # noqa: S301 - from our own client
        call = Call(request.function_id, item.input.method_name, list(arguments))
        with self._changed:
            self.function_calls[call_id] = call
            self._changed.notify_all()
        self._start(call)
        given = api_pb2.FunctionPutInputsResponseItem(input_id=f"in-{call_id}", input_jwt="jwt")
        return api_pb2.FunctionMapResponse(function_call_id=call_id, pipelined_inputs=[given])

    async def FunctionGetOutputs(self, request: Any) -> Any:
        call = self.function_calls[request.function_call_id]
        with self._changed:
            call.awaited = True
            self._changed.notify_all()
        try:
            async with asyncio.timeout(request.timeout):
                await call.over.wait()
        except TimeoutError:
            yield api_pb2.FunctionGetOutputsResponse(num_unfinished_inputs=1)
            return
        item = api_pb2.FunctionGetOutputsItem(
            result=call.result, data_format=api_pb2.DATA_FORMAT_PICKLE
        )
        yield api_pb2.FunctionGetOutputsResponse(outputs=[item])

    def ContainerStop(self, request: Any) -> Any:
        self.stopped.add(request.task_id)
        return api_pb2.ContainerStopResponse()

    def _start(self, call: Call) -> None:
        fetches = self.functions[call.function_id].function_name == "fetch"
        container = self.fetching if fetches else self._container
        if container is not None:
            task = self._loop.create_task(self._run(call, container))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def _run(self, call: Call, container: Container) -> None:
        try:
            await container(call.function_id, call.method, call.arguments)
        except Exception as fault:
            remote = pickle.dumps(fault)
            call.result = api_pb2.GenericResult(status=FAILURE, exception=str(fault), data=remote)
        else:
            call.result = api_pb2.GenericResult(status=SUCCESS, data=pickle.dumps(None))
        with self._changed:
            call.over.set()
            self._changed.notify_all()

    def _find(self, app_name: str, tag: str) -> str:
        for function_id, app_id in reversed(self.owners.items()):
            function = self.functions.get(function_id)
            if self.apps.get(app_id) == app_name and function and function.function_name == tag:
                return function_id
        raise GRPCError(Status.NOT_FOUND, f"No {tag} in {app_name}")
