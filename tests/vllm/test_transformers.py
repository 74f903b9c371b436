"""The checkpoint in transformers gives the same text as in llama.cpp, and images of our sizes."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from rapidfuzz.distance import Levenshtein
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas
from transformers import (
    AutoTokenizer,
    LightOnOcrForConditionalGeneration,
    LightOnOcrProcessor,
    PixtralImageProcessorPil,
)

from lighton_ocr.catalog import find_model
from lighton_ocr.documents import Source, open_document, prepare
from lighton_ocr.documents.pages import EncodedPage, Geometry, PageOptions
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client import PageClient, PageRequest
from tests.support.examples import EXAMPLES

pytestmark = pytest.mark.slow
SIZES = [(1, 1), (27, 1288), (28, 28), (600, 800), (850, 1100), (1240, 1754), (1654, 2339),
         (1700, 2200), (2480, 3508), (3508, 2480), (5000, 300), (9999, 10000)]  # fmt: skip

MOST_TOKENS = 1500


@pytest.fixture(scope="module")
def processor(checkpoint: Path) -> Any:
    """The model's own processor; its image half is the one that needs no torchvision."""
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    layout = json.loads((checkpoint / "processor_config.json").read_text())
    return LightOnOcrProcessor(
        image_processor=PixtralImageProcessorPil.from_pretrained(checkpoint),
        tokenizer=tokenizer,
        patch_size=layout["patch_size"],
        spatial_merge_size=layout["spatial_merge_size"],
        chat_template=tokenizer.chat_template,
    )


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> Any:
    return LightOnOcrForConditionalGeneration.from_pretrained(checkpoint, dtype=torch.float32)


def inputs(processor: Any, image: Image.Image) -> Any:
    message = {"role": "user", "content": [{"type": "image"}]}
    text = processor.apply_chat_template([message], add_generation_prompt=True, tokenize=False)
    return processor(text=text, images=[image], return_tensors="pt")


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_images_of_our_sizes_are_not_resized(processor: Any, size: tuple[int, int]) -> None:
    pocket = find_model("pocket")
    ours = Geometry(pocket.edge, pocket.grid).fit(*size)
    theirs = inputs(processor, Image.new("RGB", size))["pixel_values"].shape[-2:]
    kept = inputs(processor, Image.new("RGB", ours))["pixel_values"].shape[-2:]
    assert tuple(theirs) == tuple(kept) == ours[::-1]


def by_transformers(processor: Any, model: Any, page: EncodedPage) -> str:
    given = inputs(processor, Image.open(BytesIO(page.data)).convert("RGB"))
    with torch.inference_mode():
        made = model.generate(**given, max_new_tokens=MOST_TOKENS, do_sample=False)
    ids = made[0, given["input_ids"].shape[1] :]
    return str(processor.tokenizer.decode(ids, skip_special_tokens=True))


async def by_llama_cpp(endpoint: Endpoint, page: EncodedPage) -> str:
    async with PageClient(endpoint) as client:
        answer = await client.send(
            PageRequest(page, AttemptSettings(0.0, 1.0, MOST_TOKENS)), lambda _: False
        )
    return answer.text


def rendered(endpoint: Endpoint, content: Path | bytes) -> list[EncodedPage]:
    with open_document(Source("pages.pdf", content)) as document:
        found = [
            prepare(document, number, PageOptions.of(endpoint))
            for number in range(document.page_count)
        ]
    return [piece for page in found for piece in page.pieces]


async def test_a_page_has_the_same_text_as_with_llama_cpp(
    processor: Any, model: Any, pocket: Endpoint, letter: Path
) -> None:
    (page,) = rendered(pocket, letter)
    text = by_transformers(processor, model, page)
    assert len(text) > 400
    assert text == await by_llama_cpp(pocket, page)


def license_pages(count: int) -> bytes:
    """A PDF of low pages, each with a passage of our license; six have all fonts and sizes."""
    words = (EXAMPLES.parent / "LICENSE").read_text(encoding="utf8").split()
    file = BytesIO()
    canvas = Canvas(file, pagesize=(595, 260))
    for number in range(count):
        font = ("Times-Roman", "Helvetica", "Courier")[number % 3]
        size, passage = 9 + number % 6, " ".join(words[number * 75 :][:75])
        canvas.setFont(font, size)
        for row, line in enumerate(simpleSplit(passage, font, size, 440)):
            canvas.drawString(70, 220 - row * 1.3 * size, line)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


async def test_six_pages_have_the_same_text(processor: Any, model: Any, pocket: Endpoint) -> None:
    pages = rendered(pocket, license_pages(6))
    pairs = [
        (by_transformers(processor, model, page), await by_llama_cpp(pocket, page))
        for page in pages
    ]
    distances = [Levenshtein.normalized_distance(here, there) for here, there in pairs]
    assert min(len(here) for here, _ in pairs) > 200
    # llama.cpp rounds the factors of a product to 8 bits, and the order of additions depends on the
    # processor: of two letters with the same probability, either may be written.
    assert sum(distance == 0 for distance in distances) >= 4
    assert max(distances) < 0.02
