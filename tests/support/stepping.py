"""The container's scheduler without an engine, run step by step."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from lighton_ocr.catalog import find_gpu
from lighton_ocr.engines.vllm.command import VllmOptions, vllm_command

PROMPT, BLOCK = 2161, 16  # tokens of an A4 page, and of a block of the cache


class Stepping:
    """An H200's scheduler, which forms groups as soon as more than two pages are running.

    It begins with `running` pages. The cache has capacity for the prompts of `capacity` pages.
    There are no draft tokens, because those need a GPU.
    """

    def __init__(
        self, options: VllmOptions, checkpoint: Path, running: int, capacity: int = 70
    ) -> None:
        self.vllm = _containers_scheduler(options, checkpoint, capacity)
        self.vllm.grouping_threshold, self.vllm.max_wait_s = 2, 3600.0
        self.arrive(range(running)).steps(1)

    @property
    def pages(self) -> tuple[int, int]:
        """How many are running, and how many are waiting."""
        return len(self.vllm.running), len(self.vllm.waiting)

    @property
    def partly_prefilled(self) -> list[bool]:
        """For each running page, whether only a part of its prompt has been prefilled."""
        return [request.is_prefill_chunk for request in self.vllm.running]

    def arrive(self, numbers: Iterable[int], preprocessing_s: float = 0.0) -> Self:
        """Add requests for A4 pages whose answers are longer than any test.

        Their images took `preprocessing_s` to preprocess.
        """
        from vllm.multimodal.inputs import MultiModalFeatureSpec, PlaceholderRange
        from vllm.sampling_params import SamplingParams
        from vllm.v1.request import Request

        place = PlaceholderRange(offset=8, length=2145)
        sampling = SamplingParams(max_tokens=500, ignore_eos=True)
        for number in numbers:
            image = MultiModalFeatureSpec(None, "image", f"image {number}", place)
            page = Request(str(number), [5] * PROMPT, sampling, None, mm_features=[image])
            page.arrival_time -= preprocessing_s
            self.vllm.add_request(page)
        return self

    def finish(self, numbers: Iterable[int]) -> Self:
        """Finish or cancel requests."""
        from vllm.v1.request import RequestStatus

        self.vllm.finish_requests(map(str, numbers), RequestStatus.FINISHED_STOPPED)
        return self

    def steps(self, count: int) -> Self:
        """Run steps as the engine does, with a token for each page that is fully prefilled."""
        from vllm.v1.outputs import ModelRunnerOutput

        for _ in range(count):
            work = self.vllm.schedule()
            names = list(work.num_scheduled_tokens)
            requests = [self.vllm.requests[name] for name in names]
            written = [[] if request.is_prefill_chunk else [7] for request in requests]
            places = {name: place for place, name in enumerate(names)}
            self.vllm.update_from_output(work, ModelRunnerOutput(names, places, written))
        return self


def _containers_scheduler(options: VllmOptions, checkpoint: Path, capacity: int) -> Any:
    import torch
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser
    from vllm.v1.kv_cache_interface import FullAttentionSpec, KVCacheConfig, KVCacheGroupSpec
    from vllm.v1.structured_output import StructuredOutputManager

    from lighton_ocr.engines.vllm.scheduler import PageScheduler

    command = vllm_command(
        replace(options, gpu=find_gpu("H200")),
        weights=str(checkpoint),
        flags=("--speculative-config", "null"),
    )
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(command[2:])
    parsed.model = parsed.model_tag
    config = AsyncEngineArgs.from_cli_args(parsed).create_engine_config()
    blocks = capacity * -(-PROMPT // BLOCK) + 1  # vLLM reserves one
    config.cache_config.num_gpu_blocks = blocks
    cache = FullAttentionSpec(block_size=BLOCK, num_kv_heads=1, head_size=64, dtype=torch.bfloat16)
    return PageScheduler(
        vllm_config=config,
        kv_cache_config=KVCacheConfig(blocks, [], [KVCacheGroupSpec(["layer"], cache)]),
        structured_output_manager=StructuredOutputManager(config),
        block_size=BLOCK,
    )
