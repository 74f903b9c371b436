"""A scheduler of vLLM's for pages; vLLM loads it with `--scheduler-cls`.

**Drafts.** A client may send what a PDF says is on its page. vLLM's n-gram drafting guesses the
next tokens from those of the prompt, and the model checks several guesses in the time of one token
(`--speculative-config`). So the draft takes the place of the picture's placeholders in the list of
the prompt's tokens: the model reads the picture there and never those numbers. A guess that the
model would not have written is dropped: a wrong draft costs time, and changes no more of the text
than another batch does, whose numbers are rounded otherwise.

**Groups.** A step that takes in a page encodes it, and all pages that are being written wait. On a
busy server pages come one by one, so that many steps are such, and in them the GPU waits for its
processor. Several together take less than as many alone (docs/PERFORMANCE.md).
"""

import time
from typing import Any

from vllm.tokenizers import cached_tokenizer_from_config
from vllm.v1.core.sched.async_scheduler import AsyncScheduler
from vllm.v1.core.sched.output import SchedulerOutput
from vllm.v1.request import Request

from lighton_ocr.endpoint import DRAFT_FIELD
from lighton_ocr.engines.vllm.command import MANY_PAGES

_SIGNS_A_TOKEN = 8  # more than any text has on average


class PageScheduler(AsyncScheduler):  # type: ignore[misc]  # where vLLM is not installed
    """Takes pages' drafts, and lets new pages in together.

    It holds them back until `group` wait and have slots, or have been held back for `longest_wait`
    seconds: only while more than `busy` are being written, each of which takes far longer than
    that. With few, whoever sends them would notice the wait.
    """

    group = 6  # A4 pages that a step of 16,384 tokens takes in beside 256 that are being written
    longest_wait = 1.0
    busy = MANY_PAGES

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held_since: float | None = None
        self._tokenizer = cached_tokenizer_from_config(self.vllm_config.model_config)

    def add_request(self, request: Request) -> None:
        """Take in a page, and its draft."""
        asked = request.sampling_params
        draft = (
            (asked.extra_args or {}).get(DRAFT_FIELD) if asked and self.num_spec_tokens else None
        )
        # What is penalised for standing in the prompt must not be the draft.
        if isinstance(draft, str) and request.mm_features and asked.repetition_penalty == 1.0:
            self._write(draft, request)
        super().add_request(request)

    def _write(self, draft: str, request: Request) -> None:
        # A page is one picture, and each of its placeholders stands for a part of it.
        picture = request.mm_features[0].mm_position
        read = draft[: picture.length * _SIGNS_A_TOKEN]
        tokens = self._tokenizer.encode(read, add_special_tokens=False)[: picture.length]
        place = slice(picture.offset, picture.offset + len(tokens))
        request.prompt_token_ids[place] = request._all_token_ids[place] = tokens

    def schedule(self, throttle_prefills: bool = False) -> SchedulerOutput:
        """The next step's work."""
        forming = self._is_a_group_forming()
        if forming:  # else vLLM holds nobody back while more wait than have room
            self.prefill_capacity_bound = False
        work = super().schedule(throttle_prefills or forming)
        if work.scheduled_new_reqs or not self.waiting:
            self._held_since = None
        return work

    def _is_a_group_forming(self) -> bool:
        ready = min(len(self.waiting), self.max_num_running_reqs - len(self.running))
        if len(self.running) <= self.busy or not 0 < ready < self.group:
            return False
        # Who was in and lost its room, or is in by half, would be held back with those that wait.
        if self.waiting.peek_request().num_preemptions:
            return False
        if any(request.is_prefill_chunk for request in self.running):
            return False
        # Not by arrival_time, which counts from before a page's picture was prepared.
        now = time.monotonic()
        self._held_since = self._held_since or now
        return now - self._held_since < self.longest_wait
