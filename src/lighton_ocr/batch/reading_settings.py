"""Everything besides the document that decides a page's text: the journal keeps pages under it."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from lighton_ocr.documents.pages import Encoding
from lighton_ocr.endpoint import Endpoint, Software
from lighton_ocr.reading.attempts import OwnTextMode, PageBudget, ReadingPolicy


@dataclass(frozen=True)
class ReadingSettings:
    """The model, the software that runs it, the page images, and the reading policy.

    A page is read again when any of these change, the policy included: its attempts, fallbacks,
    sections and use of the file's own text. With another time limit, only the pages that reached
    the limit are read again. `software` and `precision` are None for an endpoint that does not
    report them. `edge` and `grid` are in pixels, as in `Model`.
    """

    model: str
    software: Software | None
    precision: str | None
    encoding: Encoding
    edge: int
    grid: int
    policy: ReadingPolicy

    @classmethod
    def of(
        cls,
        endpoint: Endpoint,
        encoding: Encoding = "png",
        budget: PageBudget | None = None,
        own_text: OwnTextMode | None = None,
        boxes: bool = False,
    ) -> Self:
        """Return the settings that pages are read with through an endpoint."""
        model = endpoint.model
        return cls(
            model=model.id,
            software=endpoint.software,
            precision=endpoint.precision,
            encoding=encoding,
            edge=model.edge,
            grid=model.grid,
            policy=ReadingPolicy.of(endpoint, budget, own_text, boxes),
        )

    def to_json(self) -> str:
        """Return all of them as JSON; equal settings give equal text."""
        values = asdict(self)
        for name in ("boxes", "finds_boxes"):  # as in journals from before there were any
            if not values["policy"][name]:
                del values["policy"][name]
        return json.dumps(values, sort_keys=True)

    @property
    def description(self) -> str:
        """One line for the manifest."""
        engine = " ".join(filter(None, (self.software, self.precision)))
        parts = [
            f"{self.model} on {engine}" if engine else self.model,
            self.encoding,
            f"edge {self.edge}",
            f"temperature {self.policy.temperature}",
        ]
        if self.policy.boxes or self.policy.finds_boxes:
            parts.append("boxes")
        if self.policy.budget.seconds is not None:
            parts.append(f"at most {self.policy.budget.seconds:g} s a page")
        return ", ".join(parts)
