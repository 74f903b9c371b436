"""Environments of the workspace, their bill and their containers."""

# ruff: noqa: N802 - methods are named as the procedures of the interface
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2

BUILDER = "2026.10"
WEIGHTS_COST = (("lighton-ocr-vllm-weights", "0.05"),)


class Environments:
    """The last one that was created counts as the current one."""

    def __init__(self) -> None:
        self.environments = ["main"]

    def EnvironmentGetOrCreate(self, _: Any) -> Any:
        reply = api_pb2.EnvironmentGetOrCreateResponse(environment_id="en-1")
        reply.metadata.name = self.environments[-1]
        reply.metadata.settings.image_builder_version = BUILDER
        return reply

    def EnvironmentCreate(self, request: Any) -> Any:
        self.environments.append(request.name)
        return Empty()

    def EnvironmentDelete(self, request: Any) -> Any:
        self.environments.remove(request.name)
        return Empty()

    async def WorkspaceBillingReport(self, _: Any) -> AsyncIterator[Any]:
        for name, cost in (("lighton-ocr-vllm", "1.25"), ("another", "7"), *WEIGHTS_COST):
            yield api_pb2.WorkspaceBillingReportItem(
                object_id="ap-1",
                description=name,
                environment_name=self.environments[-1],
                cost=cost,
            )

    def TaskList(self, _: Any) -> Any:
        task = api_pb2.TaskStats(
            task_id="ta-1", app_id="ap-1", app_description="lighton-ocr-vllm", started_at=1.0
        )
        return api_pb2.TaskListResponse(tasks=[task])

    def TaskGetInfo(self, _: Any) -> Any:
        return api_pb2.TaskGetInfoResponse()
