"""A vLLM scheduler for pages; vLLM loads it with `--scheduler-cls`.

**Draft tokens.** A client may send the text that a PDF contains for its page. vLLM's n-gram
drafting takes the next tokens from those of the prompt, and the model checks several draft tokens
in the time of one (`--speculative-config`). So the scheduler writes the text over the image's
placeholders in the list of the prompt's tokens; the model reads the image there and never these
numbers. Draft tokens that the model would not have written are rejected. A wrong draft costs time,
but changes a text no more than another batch does, which rounds differently.

**Groups.** A step that admits a page also encodes it, which stalls the decoding of all others. On a
busy server pages arrive one by one, so most steps would admit one, and the GPU waits for the CPU in
such steps. Admitting several together stalls decoding less often (docs/PERFORMANCE.md).
"""

import time
from typing import Any

from vllm.tokenizers import cached_tokenizer_from_config
from vllm.v1.core.sched.async_scheduler import AsyncScheduler
from vllm.v1.core.sched.output import SchedulerOutput
from vllm.v1.request import Request

from lighton_ocr.endpoint import DRAFT_FIELD
from lighton_ocr.engines.vllm.command import GROUPING_THRESHOLD

_CHARACTERS_PER_TOKEN = 8  # more than the average of any text


class PageScheduler(AsyncScheduler):  # type: ignore[misc]  # where vLLM is not installed
    """Uses pages' texts as draft tokens, and admits new pages in groups.

    With more than `grouping_threshold` running pages, new ones are held back until `group_size` of
    them wait and can run, or for `max_wait_s` at most: far less than a page takes at that load.
    With fewer, a client would notice the wait.
    """

    group_size = 6  # A4 pages that a step of 16,384 tokens can admit beside 256 running ones
    max_wait_s = 1.0
    grouping_threshold = GROUPING_THRESHOLD

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held_since: float | None = None
        self._tokenizer = cached_tokenizer_from_config(self.vllm_config.model_config)

    def add_request(self, request: Request) -> None:
        """Queue a page, with its draft."""
        sampling = request.sampling_params
        # Taken out, because vLLM logs the sampling parameters when a step fails.
        draft = (sampling.extra_args or {}).pop(DRAFT_FIELD, None) if sampling else None
        # Skip the draft under a repetition penalty: it would penalise the draft's own tokens.
        if (
            isinstance(draft, str)
            and self.num_spec_tokens
            and request.mm_features
            and sampling.repetition_penalty == 1.0
        ):
            self._write_draft(draft, request)
        super().add_request(request)

    def _write_draft(self, draft: str, request: Request) -> None:
        # A page is one image, and each of its placeholders stands for a part of it.
        image = request.mm_features[0].mm_position
        text = draft[: image.length * _CHARACTERS_PER_TOKEN]
        tokens = self._tokenizer.encode(text, add_special_tokens=False)[: image.length]
        place = slice(image.offset, image.offset + len(tokens))
        request.prompt_token_ids[place] = request._all_token_ids[place] = tokens

    def schedule(self, throttle_prefills: bool = False) -> SchedulerOutput:
        """Decide what the next step does."""
        is_forming = self._is_group_forming()
        if is_forming:  # vLLM would admit pages while more wait than there is capacity for
            self.prefill_capacity_bound = False
        work = super().schedule(throttle_prefills or is_forming)
        if work.scheduled_new_reqs or not self.waiting:
            self._held_since = None
        return work

    def _is_group_forming(self) -> bool:
        ready = min(len(self.waiting), self.max_num_running_reqs - len(self.running))
        if len(self.running) <= self.grouping_threshold or not 0 < ready < self.group_size:
            return False
        # A preempted or partly prefilled request must not be held back with the new ones.
        if self.waiting.peek_request().num_preemptions:
            return False
        if any(request.is_prefill_chunk for request in self.running):
            return False
        # Not by arrival_time, which counts from before the image was preprocessed.
        now = time.monotonic()
        self._held_since = self._held_since or now
        return now - self._held_since < self.max_wait_s
