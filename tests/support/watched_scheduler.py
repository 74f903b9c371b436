"""The container's scheduler, set for few pages, with a log of the pages that it admits."""

import os
from pathlib import Path

from vllm.v1.core.sched.output import SchedulerOutput

from lighton_ocr.engines.vllm.scheduler import PageScheduler


class Watched(PageScheduler):
    """Logs a line per step: running, partly prefilled, waiting, and newly admitted pages."""

    group_size = 3
    max_wait_s = 3600.0
    grouping_threshold = 2

    def schedule(self, throttle_prefills: bool = False) -> SchedulerOutput:
        partly_prefilled = sum(request.is_prefill_chunk for request in self.running)
        before = len(self.running), partly_prefilled, len(self.waiting)
        work = super().schedule(throttle_prefills)
        with Path(os.environ["WATCHED_SCHEDULER_LOG"]).open("a") as log:
            print(*before, len(work.scheduled_new_reqs), file=log)
        return work
