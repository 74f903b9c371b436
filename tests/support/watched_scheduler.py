"""The scheduler of the container, for few pages, writing down whom it lets in."""

import os
from pathlib import Path

from vllm.v1.core.sched.output import SchedulerOutput

from lighton_ocr.engines.vllm.scheduler import PageScheduler


class Watched(PageScheduler):
    """A line a step: pages that are in, those of them by half, those that wait, those let in."""

    group = 3
    longest_wait = 3600.0
    busy = 2

    def schedule(self, throttle_prefills: bool = False) -> SchedulerOutput:
        half_in = sum(request.is_prefill_chunk for request in self.running)
        before = len(self.running), half_in, len(self.waiting)
        work = super().schedule(throttle_prefills)
        with Path(os.environ["WATCHED_SCHEDULER_LOG"]).open("a") as log:
            print(*before, len(work.scheduled_new_reqs), file=log)
        return work
