"""Read a page of the pocket model with settings that its users cannot change."""

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

from pocket.scores import plain, word_f1

from lighton_ocr.catalog import find_model
from lighton_ocr.documents.pages import EncodedPage, Geometry, PreparedPage, decode
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.llama_cpp.engine import EmbeddedEngine
from lighton_ocr.engines.llama_cpp.weights import Weights, find_weights
from lighton_ocr.reading import retries
from lighton_ocr.reading.attempts import AttemptSettings, PageBudget, ReadingPolicy
from lighton_ocr.reading.client import PageClient, PageRequest
from lighton_ocr.reading.listener import PageListener
from lighton_ocr.reading.page_reader import PageReader
from lighton_ocr.reading.repetition import LoopDetector
from lighton_ocr.reading.stream import Answer

MODEL = find_model("pocket")
Row = dict[str, Any]
# The answers to a page's requests, each with the CPU seconds it took.
Answers = dict[tuple[bytes, AttemptSettings], tuple[Answer, float]]


@dataclass(frozen=True)
class Setting:
    """One change to how pages are read.

    `policy` are fields of `ReadingPolicy`. What follows a doubted answer is tried `for_hard` pages,
    the others for pages of our data set.
    """

    name: str
    jpeg: int | None = None
    edge: int = MODEL.edge
    policy: dict[str, Any] = field(default_factory=dict)
    stops_loops: bool = True
    for_hard: bool = False


class NeverLoops(LoopDetector):
    """Lets the model repeat itself."""

    def feed(self, piece: str) -> bool:
        """Take the next piece."""
        return False


@dataclass(frozen=True)
class BenchPage:
    """A page, what it says, and what renders and encodes it in a given size."""

    name: str
    truth: str
    prepare: Callable[[Geometry], PreparedPage]


class RememberingClient(PageClient):
    """Sends each request once; `cpu_seconds` is what the answers took, also those from before."""

    def __init__(self, engine: EmbeddedEngine, endpoint: Endpoint, answers: Answers) -> None:
        super().__init__(endpoint)
        self._engine = engine
        self._known = answers
        self.cpu_seconds = 0.0

    async def send(self, request: PageRequest, on_text: Callable[[str], bool]) -> Answer:
        """Return the known answer; one that was stopped in a loop does for no other detector."""
        key = request.page.data, request.settings
        stops_loops = retries.LoopDetector is LoopDetector  # type: ignore[attr-defined]
        if key in self._known and (stops_loops or self._known[key][0].finish != "loop"):
            answer, seconds = self._known[key]
        else:
            start = cpu_seconds(self._engine)
            answer = await super().send(request, on_text)
            seconds = cpu_seconds(self._engine) - start
            self._known.setdefault(key, (answer, seconds))
        self.cpu_seconds += seconds
        return answer


class SettingsReader:
    """Reads pages with each setting, with one engine for each edge."""

    def __init__(self, stack: ExitStack, edges: Iterable[int]) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._engines = {}
        for edge in edges:
            model = replace(MODEL, edge=edge)
            engine = EmbeddedEngine(model, threads=1, weights=weights_for(edge, folder))
            self._engines[edge] = engine, stack.enter_context(engine)

    async def read(self, page: BenchPage, setting: Setting, answers: Answers) -> Row:
        """Read a page; the time limit of a page is left out, as other programs may run."""
        engine, endpoint = self._engines[setting.edge]
        prepared = page.prepare(Geometry.of(endpoint))
        if setting.jpeg:
            prepared = as_jpeg(prepared, setting.jpeg)
        detector = LoopDetector if setting.stops_loops else NeverLoops
        retries.LoopDetector = detector  # type: ignore[attr-defined]
        async with RememberingClient(engine, endpoint, answers) as client:
            policy = ReadingPolicy.of(endpoint, PageBudget(), own_text="off")
            reader = PageReader(endpoint, client, replace(policy, **setting.policy))
            result = await reader.read(prepared, PageListener())
        return {
            "page": page.name,
            "setting": setting.name,
            "attempts": [attempt.outcome for attempt in result.attempts],
            "doubt": result.doubt,
            "word_f1": round(word_f1(result.text, page.truth), 4),
            "words_found": round(found_words(result.text, page.truth), 4),
            "cpu_seconds": round(client.cpu_seconds, 1),
        }


def weights_for(edge: int, folder: Path) -> Weights:
    """Return weights whose image encoder takes pages of that edge and enlarges smaller ones."""
    weights = find_weights(MODEL)
    data = bytearray(weights.mmproj.read_bytes())
    key = b"clip.vision.image_size"
    start = data.index(key) + len(key) + 4  # after the value's type
    data[start : start + 4] = edge.to_bytes(4, "little")
    path = folder / f"mmproj-{edge}.gguf"
    path.write_bytes(data)
    return replace(weights, mmproj=path)


def as_jpeg(page: PreparedPage, quality: int) -> PreparedPage:
    """Return a page with its images as JPEG of that quality; sections have 95 besides."""

    def encoded(piece: EncodedPage) -> EncodedPage:
        buffer = BytesIO()
        decode(piece).save(buffer, "JPEG", quality=quality, subsampling=0)
        return replace(piece, data=buffer.getvalue(), media_type="image/jpeg")

    return replace(page, pieces=tuple(map(encoded, page.pieces)))


def found_words(text: str, truth: str) -> float:
    """Return the share of the truth's different words that were read."""
    wanted = set(plain(truth).split())
    return len(wanted & set(plain(text).split())) / len(wanted) if wanted else 1.0


def cpu_seconds(engine: EmbeddedEngine) -> float:
    """Return the CPU time that the engine's process has used (Linux)."""
    assert engine._process is not None
    stat = Path(f"/proc/{engine._process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
