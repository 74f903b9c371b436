"""An OpenAI-compatible address that serves one model: all that a reader knows of an engine."""

from dataclasses import dataclass, field

from lighton_ocr.catalog import Model
from lighton_ocr.pages import Geometry


@dataclass(frozen=True)
class Endpoint:
    """Where pages are sent.

    `base_url` ends in `/v1`; `served_name` is what the server calls the model. `slots` is how many
    pages it takes at once. `enlarges` says that it enlarges small pictures by itself (llama.cpp),
    `packs_stream` that it can send several tokens in one event (vLLM).
    """

    base_url: str
    model: Model
    served_name: str
    api_key: str | None = field(default=None, repr=False)
    slots: int = 16
    embedded: bool = False
    enlarges: bool = False
    packs_stream: bool = False

    @property
    def label(self) -> str:
        """What to call it in results: addresses of the embedded engine mean nothing later."""
        return "embedded" if self.embedded else self.base_url

    @property
    def geometry(self) -> Geometry:
        """The page size that neither this server nor its model will change."""
        return Geometry(self.model.edge, self.model.grid, self.enlarges)
