"""The settings of the middleware that reads documents inside vLLM (server/inside_vllm.py)."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from lighton_ocr.catalog import Model

DOCUMENTS_VARIABLE = "LIGHTON_OCR_DOCUMENTS"


@dataclass(frozen=True)
class DocumentSettings:
    """The model that vLLM serves, and its port."""

    model: Model
    port: int

    @classmethod
    def from_json(cls, text: str) -> "DocumentSettings":
        """Return what `to_json` wrote."""
        return _SETTINGS.validate_json(text)

    def to_json(self) -> str:
        """Return it as JSON, for the environment."""
        return _SETTINGS.dump_json(self).decode()


_SETTINGS = TypeAdapter(DocumentSettings)
