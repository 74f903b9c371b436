"""What mixed_load.py sends: good documents in every way, and bad requests of every kind."""

import base64
import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx2
import pypdfium2
from PIL import Image
from rapidfuzz.distance import Levenshtein
from reportlab.pdfgen.canvas import Canvas
from tests.support.corpus import pdf
from tests.support.drawn_pages import AMPLIFIED, LICENSE_LINES

from benchmarks import fuzz_documents

SIZE = (460, 60)  # points: one line of type, which the pocket model reads in 0.4 s
WORDS_EACH = 4
PDF = {"Content-Type": "application/pdf"}
JSON = {"Content-Type": "application/json"}
RARE = 0.1  # what takes the renderer until the client leaves
LEAST_DIFFERENT = 4  # letters: no misread word is another word


def _vocabulary() -> list[str]:
    found: list[str] = []
    for word in sorted(set(re.findall("[a-z]{6,10}", " ".join(LICENSE_LINES)))):
        if all(Levenshtein.distance(word, other) >= LEAST_DIFFERENT for other in found):
            found.append(word)
    return found


VOCABULARY = _vocabulary()


@dataclass(frozen=True)
class GoodDocument:
    """A document; each of its pages has words that were drawn for it."""

    pages: tuple[tuple[str, ...], ...]

    @classmethod
    def draw(cls, dice: random.Random, pages: int) -> "GoodDocument":
        """Draw a document of that many pages."""
        return cls(tuple(tuple(dice.sample(VOCABULARY, WORDS_EACH)) for _ in range(pages)))

    def pdf(self) -> bytes:
        """Return it as a PDF."""
        file = BytesIO()
        canvas = Canvas(file, pagesize=SIZE)
        for words in self.pages:
            canvas.setFont("Helvetica", 14)
            canvas.drawString(24, 26, " ".join(words))
            canvas.showPage()
        canvas.save()
        return file.getvalue()

    def png(self) -> bytes:
        """Return its first page as an image, which has no text of its own."""
        file = BytesIO()
        pypdfium2.PdfDocument(self.pdf())[0].render(scale=2.8).to_pil().save(file, "PNG")
        return file.getvalue()

    def misread(self, texts: Sequence[str]) -> int:
        """Count the pages whose text is not exactly their words."""
        pairs = zip(self.pages, texts, strict=False)
        return sum(list(words) != re.findall(r"\w+", text.lower()) for words, text in pairs)

    def fault(self, texts: Sequence[str]) -> str | None:
        """Say what is wrong: a page is missing, or one has words of another or not its own."""
        if len(texts) != len(self.pages):
            return f"{len(texts)} pages instead of {len(self.pages)}"
        for words, text in zip(self.pages, texts, strict=True):
            found = set(re.findall(r"\w+", text.lower()))
            if foreign := found & set(VOCABULARY) - set(words):
                return f"{sorted(foreign)} on the page of {words}: {text[:200]}"
            if len(found & set(words)) < WORDS_EACH / 2:
                return f"hardly a word of {words}: {text[:200]}"
        return None


def _markdown(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text[:300]
    return [page["markdown"] for page in answer.json()["pages"]]


async def as_form(client: httpx2.AsyncClient, document: GoodDocument) -> list[str]:
    """Send it as curl does."""
    return _markdown(await client.post("/v1/ocr", files={"file": ("a.pdf", document.pdf())}))


async def as_json(client: httpx2.AsyncClient, document: GoodDocument) -> list[str]:
    """Send its image as a data URL."""
    body = {"document": {"type": "image_url", "image_url": _data_url(document)}}
    return _markdown(await client.post("/v1/ocr", json=body))


async def as_stream(client: httpx2.AsyncClient, document: GoodDocument) -> list[str]:
    """Take each page when it is done."""
    found: dict[int, str] = {}
    files = {"file": ("a.pdf", document.pdf())}
    async with client.stream("POST", "/v1/ocr?stream=true", files=files) as answer:
        async for line in answer.aiter_lines():
            data = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
            assert "error" not in data or data["error"] is None, line[:300]
            if "markdown" in data:
                found[data["index"]] = data["markdown"]
    return [found[index] for index in sorted(found)]


async def as_upload(client: httpx2.AsyncClient, document: GoodDocument) -> list[str]:
    """Upload it, read it by its id, and delete it."""
    file = await client.post("/v1/files", files={"file": ("a.pdf", document.pdf())})
    id = file.json()["id"]
    body = {"document": {"type": "file", "file_id": id}}
    texts = _markdown(await client.post("/v1/ocr", json=body))
    assert (await client.delete(f"/v1/files/{id}")).status_code == 200
    return texts


async def as_chat(client: httpx2.AsyncClient, document: GoodDocument) -> list[str]:
    """Send its image as OpenAI's clients do."""
    part = {"type": "image_url", "image_url": {"url": _data_url(document)}}
    body = {"messages": [{"role": "user", "content": [part]}]}
    answer = await client.post("/v1/chat/completions", json=body)
    assert answer.status_code == 200, answer.text[:300]
    return [answer.json()["choices"][0]["message"]["content"]]


async def as_loader(client: httpx2.AsyncClient, document: GoodDocument) -> list[str]:
    """Send it as Open WebUI does."""
    answer = await client.put("/v1/process", content=document.pdf(), headers=PDF)
    assert answer.status_code == 200, answer.text[:300]
    return [page["page_content"] for page in answer.json()]


def _data_url(document: GoodDocument) -> str:
    return "data:image/png;base64," + base64.b64encode(document.png()).decode()


Read = Callable[[httpx2.AsyncClient, GoodDocument], Awaitable[list[str]]]
GOOD: dict[str, tuple[Read, int]] = {  # and how many pages it has at most
    "form": (as_form, 1),
    "form of several pages": (as_form, 4),
    "JSON": (as_json, 1),
    "stream": (as_stream, 4),
    "upload": (as_upload, 2),
    "chat": (as_chat, 1),
    "loader": (as_loader, 2),
}


@dataclass(frozen=True)
class Bad:
    """A request that is refused, with one of `statuses`; a client may leave before that."""

    content: Callable[[random.Random], bytes]
    statuses: tuple[int, ...]
    headers: dict[str, str]
    path: str = "/v1/ocr"
    method: str = "POST"
    weight: float = 1.0


def bad_requests(mutated: Sequence[bytes]) -> dict[str, Bad]:
    """Return bad requests by name; `mutated` are damaged documents, of which some can be read."""
    locked = pdf("a", 1, password="secret")  # noqa: S106
    long = pdf("a", 1200)
    chat = {"messages": [{"role": "user", "content": 1}]}
    bomb = BytesIO()
    Image.new("1", (13_300, 13_300)).save(bomb, "PNG")

    def is_(data: bytes) -> Callable[[random.Random], bytes]:
        return lambda _: data

    form = {"Content-Type": "multipart/form-data; boundary=x"}
    return {
        "damaged": Bad(lambda dice: dice.choice(mutated), (200, 415, 422), PDF),
        "half a document": Bad(lambda dice: _half(dice.choice(mutated)), (200, 415, 422), PDF),
        "random bytes": Bad(lambda dice: dice.randbytes(dice.randint(1, 1 << 16)), (415,), PDF),
        "random bytes after %PDF": Bad(
            lambda dice: b"%PDF-1.7\n" + dice.randbytes(5000), (422,), PDF
        ),
        "random JSON": Bad(lambda dice: dice.randbytes(300), (400,), JSON),
        "JSON without end": Bad(is_(b"["), (400,), JSON),
        "JSON 100,000 deep": Bad(is_(b"[" * 100_000), (400,), JSON),
        "JSON of 60,000 parts": Bad(is_(b"[" + b"{}," * 60_000), (400,), JSON),
        "a form without a file": Bad(is_(b"--"), (422,), form),
        "half a form": Bad(
            is_(b'--x\r\nContent-Disposition: form-data; name="fi'), (400, 422), form
        ),
        "HTML": Bad(is_(b"<html>"), (415,), {"Content-Type": "text/html"}),
        "nothing": Bad(is_(b""), (422,), PDF),
        "encrypted": Bad(is_(locked), (422,), PDF),
        "a wrong password": Bad(is_(locked), (422,), PDF, "/v1/ocr?password=guess"),
        "1,200 pages": Bad(is_(long), (422,), PDF),
        "a page that is not there": Bad(is_(long), (422,), PDF, "/v1/ocr?pages=99999"),
        "an unknown field": Bad(is_(long), (422,), PDF, "/v1/ocr?streem=true"),
        "a form as a chat": Bad(
            is_(json.dumps(chat).encode()), (400,), JSON, "/v1/chat/completions"
        ),
        "22 KB with 177 million pixels": Bad(is_(bomb.getvalue()), (200, 422), PDF, weight=RARE),
        "60 KB with 0.8 GB of text": Bad(is_(AMPLIFIED), (200, 422), PDF, weight=RARE),
        "a wrong key": Bad(is_(long), (401,), PDF | {"Authorization": "Bearer wrong"}),
        "no such file": Bad(is_(b""), (404,), {}, "/v1/files/none", "GET"),
        "no such path": Bad(is_(b""), (404,), {}, "/v1/nothing"),
        "another method": Bad(is_(b""), (405,), {}, "/v1/ocr", "DELETE"),
    }


def damaged_documents(seed: int) -> list[bytes]:
    """Return documents with faults, as fuzz_documents.py makes them."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, fuzz_documents.__file__, folder, str(seed)]
        subprocess.run(command, check=True)
        return [path.read_bytes() for path in sorted(Path(folder).iterdir())]


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]
