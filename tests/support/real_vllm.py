"""What tests of a real vLLM read, and how far its texts may differ from the embedded engine's."""

import asyncio

from tools.attack import attacks

from lighton_ocr.documents import load_source, open_document
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.reader import Reader
from tests.support.examples import EXAMPLES

CLEAN = ["letter.pdf", "invoice.pdf", "paper.pdf"]
# vLLM computes in bfloat16 with the weights as Q8_0 left them, llama.cpp in Q8_0 and float32.
MOST_DIFFERENT = 0.03  # of a page's characters
SLOW, *ATTACKS = attacks()


def read(endpoint: Endpoint, name: str) -> list[str]:
    """The text of each page of an example."""

    async def run() -> list[str]:
        with open_document(load_source(str(EXAMPLES / name))) as document:
            async with Reader(endpoint) as reader:
                return [reading.text async for reading in reader.read(document)]

    return asyncio.run(run())
