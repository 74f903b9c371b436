"""The part of Modal's gRPC interface that its client uses for this project's commands.

Built on the protocol buffers in the `modal` wheel. Every request is stored in `calls`.
"""

# ruff: noqa: N802 - methods are named as the procedures of the interface
import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from threading import Thread
from typing import Any

import grpclib.server
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict, ParseDict
from grpclib import GRPCError, Status
from grpclib.const import Handler
from grpclib.events import RecvRequest, listen
from modal_proto import api_grpc, api_pb2

from tests.support.modal_standin.calls import Calls
from tests.support.modal_standin.environments import BUILDER, Environments
from tests.support.modal_standin.images import Images
from tests.support.modal_standin.volumes import Volumes

TOKEN_ID, TOKEN_SECRET = "ak-standin", "as-standin"
PROXY_KEY, PROXY_SECRET = "wk-standin", "ws-standin"
WORKSPACE = "you"
LOG_LINE = "one page read\n"


class ControlPlane(Volumes, Calls, Environments, Images):
    """Serves on a free port of 127.0.0.1, in its own thread, between `start` and `stop`."""

    def __init__(self) -> None:
        Volumes.__init__(self)
        Calls.__init__(self)
        Environments.__init__(self)
        Images.__init__(self)
        self.calls: list[tuple[str, Any]] = []
        self.apps: dict[str, str] = {}
        self.functions: dict[str, Any] = {}
        self.gpus: dict[str, list[str]] = {}  # requested for each function, the preferred one first
        self.web_url: str | None = None  # what answers at every address, None: nothing does
        self.refused: dict[str, Status] = {}  # procedures that fail, with their status
        self._ephemeral: set[str] = set()
        self._published: dict[str, asyncio.Event] = {}
        self._count = 0

    # The server

    def start(self) -> str:
        self.start_blocks()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.stop_blocks()

    async def _listen(self) -> str:
        self._server = grpclib.server.Server([self])
        listen(self._server, RecvRequest, _require_token)
        await self._server.start("127.0.0.1", 0)
        host, port = self._server._server.sockets[0].getsockname()[:2]  # type: ignore[union-attr]
        return f"http://{host}:{port}"

    async def _close(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    def __mapping__(self) -> dict[str, Handler]:
        class Interface(api_grpc.ModalClientBase):
            pass

        Interface.__abstractmethods__ = frozenset()
        routes = Interface().__mapping__()  # type: ignore[abstract]
        return {
            path: Handler(self._handler(path.rpartition("/")[2], known.reply_type), *known[1:])
            for path, known in routes.items()
        }

    def _handler(self, name: str, reply_type: Callable[[], Any]) -> Callable[[Any], Any]:
        async def answer(stream: Any) -> None:
            request = await stream.recv_message()
            self.calls.append((name, request))
            if name in self.refused:
                raise GRPCError(self.refused[name], "out of order")
            method = getattr(self, name, None)
            if method is None:
                raise GRPCError(Status.UNIMPLEMENTED, f"{name} is not in the stand-in")
            reply = method(request)
            if isinstance(reply, AsyncIterator):
                async for part in reply:
                    await stream.send_message(part)
            else:
                await stream.send_message(reply or reply_type())

        return answer

    def _id(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count:022d}"

    # Workspace

    def ClientHello(self, _: Any) -> Any:
        return api_pb2.ClientHelloResponse(image_builder_version=BUILDER)

    def TokenInfoGet(self, _: Any) -> Any:
        return api_pb2.TokenInfoGetResponse(token_id=TOKEN_ID, workspace_name=WORKSPACE)

    def WorkspaceNameLookup(self, _: Any) -> Any:
        return api_pb2.WorkspaceNameLookupResponse(workspace_name=WORKSPACE, username=WORKSPACE)

    def SecretGetOrCreate(self, request: Any) -> Any:
        metadata = api_pb2.SecretMetadata(name=request.deployment_name)
        return api_pb2.SecretGetOrCreateResponse(secret_id="st-1", metadata=metadata)

    def AuthTokenGet(self, _: Any) -> Any:
        claims = json.dumps({"exp": int(time.time()) + 3600}).encode()
        middle = base64.urlsafe_b64encode(claims).rstrip(b"=").decode()
        return api_pb2.AuthTokenGetResponse(token=f"e30.{middle}.x")

    def WebhookTokenCreate(self, _: Any) -> Any:
        _type = api_pb2.DESCRIPTOR.services_by_name["ModalClient"].methods_by_name
        reply = getattr(api_pb2, _type["WebhookTokenCreate"].output_type.name)()
        reply.token_id, reply.token_secret = PROXY_KEY, PROXY_SECRET
        return reply

    # Apps

    def AppCreate(self, request: Any) -> Any:
        app_id = self._id("ap")
        self.apps[app_id] = request.description
        if request.app_state == api_pb2.APP_STATE_EPHEMERAL:
            self._ephemeral.add(app_id)
        return api_pb2.AppCreateResponse(app_id=app_id)

    def AppGetOrCreate(self, request: Any) -> Any:
        app_id = self._deployed(request.app_name) or self._id("ap")
        self.apps[app_id] = request.app_name
        return api_pb2.AppGetOrCreateResponse(app_id=app_id)

    def AppGetByDeploymentName(self, request: Any) -> Any:
        reply = api_pb2.AppGetByDeploymentNameResponse(app_id=self._deployed(request.name))
        reply.lifecycle.app_state = api_pb2.APP_STATE_DEPLOYED
        return reply

    def AppGetLifecycle(self, _: Any) -> Any:
        state = api_pb2.AppLifecycle(app_state=api_pb2.APP_STATE_DEPLOYED)
        return api_pb2.AppGetLifecycleResponse(lifecycle=state)

    def AppGetLayout(self, _: Any) -> Any:
        return api_pb2.AppGetLayoutResponse()

    def AppPublish(self, request: Any) -> Any:
        self._published.setdefault(request.app_id, asyncio.Event()).set()
        return api_pb2.AppPublishResponse(url="https://modal.com/apps", deployed_at=time.time())

    def AppStop(self, request: Any) -> Any:
        self.apps.pop(request.app_id, None)
        return Empty()

    def AppRollback(self, _: Any) -> None:
        """Answer with an empty reply of the type that the client expects."""

    def AppHeartbeat(self, _: Any) -> Any:
        return Empty()

    AppClientDisconnect = AppSetTags = AppHeartbeat

    def AppDeploymentHistory(self, request: Any) -> Any:
        entries = [
            api_pb2.AppDeploymentHistory(app_id=request.app_id, version=n, deployed_at=time.time())
            for n in (1, 2)
        ]
        return api_pb2.AppDeploymentHistoryResponse(app_deployment_histories=entries)

    async def AppGetLogs(self, request: Any) -> AsyncIterator[Any]:
        await self._published.setdefault(request.app_id, asyncio.Event()).wait()
        yield _logs()
        yield api_pb2.TaskLogsBatch(app_done=True)

    def AppFetchLogs(self, _: Any) -> Any:
        return api_pb2.AppFetchLogsResponse(batches=[_logs()])

    def AppCountLogs(self, _: Any) -> Any:
        return api_pb2.AppCountLogsResponse()

    def _deployed(self, name: str) -> str:
        found = (i for i, known in self.apps.items() if known == name and i not in self._ephemeral)
        return next(found, "")

    # Functions

    def FunctionPrecreate(self, request: Any) -> Any:
        function_id = request.existing_function_id or self._id("fu")
        handle = self._handle(request, request.app_id)
        return api_pb2.FunctionPrecreateResponse(function_id=function_id, handle_metadata=handle)

    def FunctionCreate(self, request: Any) -> Any:
        function_id = request.existing_function_id or self._id("fu")
        ranked = [one.function for one in request.function_data.ranked_functions]
        wanted = ranked or [request.function]  # a list of GPUs: the same function for each of them
        self.gpus[function_id] = [one.resources.gpu_config.gpu_type for one in wanted]
        function = self.functions[function_id] = wanted[0]
        for method in function.method_definitions.values():
            if method.webhook_config.type:
                method.web_url = self._url(method.webhook_config, request.app_id)
        self.owners[function_id] = request.app_id
        return api_pb2.FunctionCreateResponse(
            function_id=function_id,
            handle_metadata=self._handle(function, request.app_id),
            function=function,
            function_data=self._data(function),
        )

    def FunctionUpdateSchedulingParams(self, _: Any) -> None:
        """Answer with an empty reply of the type that the client expects."""

    def ClassCreate(self, _: Any) -> Any:
        metadata = api_pb2.ClassHandleMetadata()
        return api_pb2.ClassCreateResponse(class_id=self._id("cs"), handle_metadata=metadata)

    def _data(self, function: Any) -> Any:
        data = ParseDict(
            MessageToDict(function), api_pb2.FunctionData(), ignore_unknown_fields=True
        )
        data.ranked_functions.add().function.CopyFrom(function)
        return data

    def _handle(self, function: Any, app_id: str) -> Any:
        handle = api_pb2.FunctionHandleMetadata(
            function_name=function.function_name,
            function_type=function.function_type,
            definition_id="de-1",
            app_id=app_id,
        )
        if function.webhook_config.type:
            handle.web_url = self._url(function.webhook_config, app_id)
        for name, method in function.method_definitions.items():
            one = handle.method_handle_metadata[name]
            one.function_name, one.function_type = method.function_name, method.function_type
            one.is_method, one.use_method_name = True, name
            if method.webhook_config.type:
                one.web_url = self._url(method.webhook_config, app_id)
        return handle

    def _url(self, web: Any, app_id: str) -> str:
        if self.web_url:
            return self.web_url
        dev = "-dev" if app_id in self._ephemeral else ""
        return f"https://{WORKSPACE}--{web.requested_suffix}{dev}.modal.run"


async def _require_token(event: RecvRequest) -> None:
    if event.metadata.get("x-modal-client-type") == str(api_pb2.CLIENT_TYPE_CONTAINER):
        return  # a container is authenticated by its worker
    given = (event.metadata.get("x-modal-token-id"), event.metadata.get("x-modal-token-secret"))
    if given != (TOKEN_ID, TOKEN_SECRET):
        raise GRPCError(Status.UNAUTHENTICATED, "Token missing or not valid")


def _logs() -> Any:
    line = api_pb2.TaskLogs(
        data=LOG_LINE, file_descriptor=api_pb2.FILE_DESCRIPTOR_STDOUT, timestamp=time.time()
    )
    return api_pb2.TaskLogsBatch(entry_id="1", items=[line])
