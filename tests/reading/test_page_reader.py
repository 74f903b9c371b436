"""Answers that loop, are cut off or unsure: asked for again, then read in sections."""

import base64
import math
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PIL import Image

from lighton_ocr.documents import Source, load_source, open_document
from lighton_ocr.documents.direction import turn_image
from lighton_ocr.documents.pages import Geometry
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.reading.attempts import Attempt
from lighton_ocr.reading.reader import Listener, Reader
from lighton_ocr.reading.results import PageResult
from tests.support.scripted_endpoint import Answer, ScriptedEndpoint, says, status
from tests.support.scripted_reading import embedded, results


async def test_a_loop_is_cut_short_and_read_again_hotter(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    loop = "Start of the page. " + "The default is used. " * 3000
    scripted.script = [says(loop, "length", 600), says("Good.")]
    (result,) = await results(endpoint)
    assert (result.text, result.finish, len(result.attempts)) == ("Good.", "stop", 2)
    assert [body["temperature"] for body in scripted.bodies] == [0.2, 0.5]


async def test_a_page_that_only_loops_keeps_one_copy_and_says_so(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.default = says("Start. " + "The default is used. " * 3000, "length", 600)
    (result,) = await results(endpoint)
    assert result.finish == "loop"
    assert result.text == "Start. The default is used"
    assert "repeated itself" in result.warnings[0]
    assert len(scripted.bodies) == 2


async def test_a_page_that_only_loops_is_read_in_parts(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    class Counting(Listener):
        tries: ClassVar[list[int]] = []
        text = ""

        def on_attempt(self, page: int, attempt: Attempt) -> None:
            self.tries.append(attempt.number)

        def on_retry(self, page: int, reason: str) -> None:
            self.text = ""

        def on_text(self, page: int, piece: str) -> None:
            self.text += piece

    listener = Counting()
    loop = says("The default is used. " * 3000, "length", 600)
    scripted.script = [loop, loop, says("It begins"), loop, says("with this."), says("An end.")]
    (result,) = await results(endpoint, listener=listener, lines=28)
    assert (result.text, result.finish) == ("It begins with this.\n\nAn end.", "stop")
    assert len(result.attempts) == len(scripted.bodies) == 6
    assert [body["temperature"] for body in scripted.bodies] == [0.2, 0.5, 0.2, 0.2, 0.2, 0.2]
    assert result.warnings == ("Page 1: the model repeated itself, so it was read in sections.",)
    assert listener.tries == [1, 2, 3, 4, 5, 6]
    assert listener.text == result.text


async def test_a_part_that_cannot_be_read_leaves_the_whole_as_it_was(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    loop = says("Start. " + "The default is used. " * 3000, "length", 600)
    scripted.script = [loop, loop, says("It begins"), status(400, "image too odd")]
    (result,) = await results(endpoint, lines=28)
    assert (result.text, result.finish) == ("Start. The default is used", "loop")
    assert len(result.attempts) == 4


async def test_parts_that_loop_as_well_are_said_to(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.default = says("Start. " + "The default is used. " * 3000, "length", 600)
    (result,) = await results(endpoint, lines=28)
    assert result.finish == "loop"
    assert result.text == "\n\n".join(["Start. The default is used"] * (len(scripted.bodies) // 2))
    assert "still doubtful" in result.warnings[0]


async def test_only_our_own_engine_is_asked_how_sure_it_is(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.default = says("text", logprob=math.log(0.9))
    (stranger,) = await results(endpoint)
    (ours,) = await results(embedded(endpoint))
    assert "logprobs" not in scripted.bodies[0]
    assert stranger.confidence is None
    assert ours.confidence == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("halves", "text", "confidence"), [(0.9, "one\n\nOne", 0.9), (0.3, "nonsense", 0.4)]
)
async def test_an_unsure_page_is_read_in_parts_and_the_surer_reading_kept(
    scripted: ScriptedEndpoint, endpoint: Endpoint, halves: float, text: str, confidence: float
) -> None:
    sure = math.log(halves)
    scripted.script = [says("nonsense", logprob=math.log(0.4))]
    scripted.script += [says("one", logprob=sure), says("One", logprob=sure)]
    (result,) = await results(embedded(endpoint), lines=28)
    assert (result.text, result.finish, len(result.attempts)) == (text, "stop", 3)
    assert result.confidence == pytest.approx(confidence)
    assert "the model was unsure of what it read" in result.warnings[0]


PASSAGE = " ".join(f"word{number}" for number in range(20))


async def test_a_passage_that_was_read_twice_is_read_once_in_parts(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says(f"{PASSAGE} and {PASSAGE}"), says(PASSAGE), says("An end.")]
    (result,) = await results(embedded(endpoint), lines=28)
    assert (result.text, len(result.attempts)) == (f"{PASSAGE}\n\nAn end.", 3)
    assert result.warnings == (
        "Page 1: the model read a passage twice, so it was read in sections.",
    )


async def test_a_page_that_says_something_twice_is_left_as_it_was(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says(f"{PASSAGE} and {PASSAGE}"), says(PASSAGE), says(PASSAGE)]
    (result,) = await results(embedded(endpoint), lines=28)
    assert (result.text, len(result.attempts)) == (f"{PASSAGE} and {PASSAGE}", 3)
    assert result.warnings == ()


async def test_a_passage_read_twice_stays_where_its_parts_are_no_better(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says(f"{PASSAGE} and {PASSAGE}"), says("A"), says("B", logprob=-1.0)]
    (result,) = await results(embedded(endpoint), lines=28)
    assert result.text == f"{PASSAGE} and {PASSAGE}"
    assert result.warnings == ("Page 1: the model read a passage twice, in every attempt.",)


async def test_a_strangers_page_is_not_paid_for_twice(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says(f"{PASSAGE} and {PASSAGE}")]
    (result,) = await results(endpoint, lines=28)
    assert (len(result.attempts), result.warnings) == (1, ())


async def test_a_page_without_a_seam_is_not_said_to_be_read_again(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    class Retries(Listener):
        reasons: ClassVar[list[str]] = []

        def on_retry(self, page: int, reason: str) -> None:
            self.reasons.append(reason)

    listener = Retries()
    scripted.script = [says("perhaps", logprob=math.log(0.4))]
    (result,) = await results(embedded(endpoint), listener=listener)
    assert (result.text, len(result.attempts)) == ("perhaps", 1)
    assert "unsure" in result.warnings[0]
    assert listener.reasons == []


async def test_a_cut_off_page_gets_more_room(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says("half", "length"), says("whole")]
    (result,) = await results(endpoint)
    assert (result.text, len(result.attempts)) == ("whole", 2)
    assert [body["max_tokens"] for body in scripted.bodies] == [4096, 8192]


async def test_a_page_that_stays_cut_off_is_kept_and_marked(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.default = says("half a page", "length")
    (result,) = await results(endpoint)
    assert (result.text, result.finish) == ("half a page", "length")
    assert "cut off" in result.warnings[0]
    rooms = [body["max_tokens"] for body in scripted.bodies]
    assert rooms == sorted(set(rooms))
    assert rooms[-1] < 16384


RUN = "Figure 2011 " * 30


async def test_what_a_part_says_again_and_again_is_said_once(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says(f"{PASSAGE} {RUN}end."), says(PASSAGE), says(f"More {RUN}and an end.")]
    (result,) = await results(embedded(endpoint), lines=28)
    assert result.text == f"{PASSAGE}\n\nMore Figure 2011 and an end."
    assert "one section is still doubtful" in result.warnings[0]


async def test_so_it_is_where_there_are_no_parts(
    scripted: ScriptedEndpoint, endpoint: Endpoint
) -> None:
    scripted.script = [says(f"{PASSAGE} {RUN}end.")]
    (result,) = await results(embedded(endpoint))
    assert result.text == f"{PASSAGE} Figure 2011 end."
    assert result.warnings


@pytest.mark.parametrize(
    "first", [says("gafbl " * 40, logprob=math.log(0.4)), says("![image](image_1.png)")]
)
async def test_a_page_that_lies_on_its_side_is_turned(
    scripted: ScriptedEndpoint, endpoint: Endpoint, letter: Path, first: Answer
) -> None:
    scripted.script = [first, says("Dear Mrs Lindqvist,")]
    result = await read_turned(embedded(endpoint), letter)
    assert (result.text, result.doubt) == ("Dear Mrs Lindqvist,", None)
    assert [attempt.turned for attempt in result.attempts] == [0, 270]
    assert result.warnings[0] == (
        "Page 1: it lay on its side and was turned by 270 degrees clockwise."
    )
    sent, again = (image_of(body).size for body in scripted.bodies)
    assert sent == again[::-1]


async def test_a_page_that_is_read_no_better_stays_as_it_was(
    scripted: ScriptedEndpoint, endpoint: Endpoint, letter: Path
) -> None:
    unsure = says("gafbl " * 40, logprob=math.log(0.4))
    scripted.default = unsure
    result = await read_turned(embedded(endpoint), letter)
    assert result.text.startswith("gafbl")
    assert not any("turned" in warning for warning in result.warnings)


async def test_a_page_that_reads_well_is_not_looked_at(
    scripted: ScriptedEndpoint, endpoint: Endpoint, letter: Path
) -> None:
    result = await read_turned(embedded(endpoint), letter)
    assert len(scripted.bodies) == 1
    assert result.warnings == ()


async def read_turned(endpoint: Endpoint, letter: Path) -> PageResult:
    """The letter, turned by 90 degrees as a picture."""
    with open_document(load_source(letter)) as document:
        image = document.render(0, Geometry(1288, 28)).image
    file = BytesIO()
    turn_image(image, 90).save(file, "PNG")
    with open_document(Source("turned.png", file.getvalue())) as document:
        async with Reader(endpoint) as reader:
            (result,) = [result async for result in reader.read(document)]
            return result


def image_of(body: dict[str, Any]) -> Image.Image:
    url = body["messages"][0]["content"][0]["image_url"]["url"]
    return Image.open(BytesIO(base64.b64decode(url.partition(",")[2])))
