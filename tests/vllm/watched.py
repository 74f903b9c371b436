"""The scheduler of the container, for few pages, writing down whom it lets in."""

import os
from pathlib import Path

from vllm.v1.core.sched.output import SchedulerOutput

from lighton_ocr.serving.page_scheduler import PageScheduler


class Watched(PageScheduler):
    """A line a step: pages being written, pages that wait, pages let in."""

    group = 3
    longest_wait = 3600.0
    busy = 2

    def schedule(self, throttle_prefills: bool = False) -> SchedulerOutput:
        running, waiting = len(self.running), len(self.waiting)
        work = super().schedule(throttle_prefills)
        with Path(os.environ["WATCHED_SCHEDULER_LOG"]).open("a") as log:
            print(running, waiting, len(work.scheduled_new_reqs), file=log)
        return work
