import pytest
from typer.testing import CliRunner

from lighton_ocr.cli import app
from lighton_ocr.deployment.settings import Settings
from tests.support.command_line import run

pytestmark = pytest.mark.slow


def test_a_plan_lists_every_gpu_the_best_choices_and_hosted_services() -> None:
    done = run("plan", "--pages", "100,000", "--deadline", "8h", "--details")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    for expected in (
        "L4 ",
        "B200 ",
        "100,000 pages on an L4: about 6 h 42 min with 5 containers, $26.80, plus $0.33 for idle "
        "time.\n",
        "\nCheapest and fastest: B200, about ",
        "Mistral OCR 4",
        "H200, 13.25: LightOnOCR-1B-1025, this project",
    ):
        assert expected in text
    words = " ".join(text.split())
    assert "computed, not measured" in words
    assert "limits were measured on H200 and are assumed for the others" in words
    assert "…" not in text
    assert text.endswith("\nTo deploy the cheapest: make deploy GPU=B200\n")


def test_the_answer_comes_first_and_is_short() -> None:
    done = run("plan", "--pages", "500", "--gpu", "l4")
    first, note, command = done.stdout.decode().splitlines()
    assert first == "500 pages on an L4: about 12 min, $0.17, plus $0.07 for idle time."
    assert "not measured" in note
    assert command == "To deploy it: make deploy GPU=L4"


def test_what_deploys_a_plan_are_settings() -> None:
    asked = ("--pages", "100000", "--model", "2-1b", "--gpu", "T4", "--deadline", "4h")
    shown = CliRunner().invoke(app, ["plan", *asked]).stdout.splitlines()
    assert [line.partition(",")[0] for line in shown[:-1]] == ["100", "Computed"]
    _, command = shown[-1].split(": make deploy ")
    settings = Settings.from_env(dict(one.split("=") for one in command.split()))
    assert (settings.model.id, settings.gpu.card.name) == ("lightonai/LightOnOCR-2-1B", "T4")
    containers = int(shown[0].split(" with ")[1].split()[0])
    assert settings.max_containers == containers > 1


def test_the_cheapest_and_the_fastest_are_named_apart() -> None:
    shown = CliRunner().invoke(app, ["plan", "--pages", "500"]).stdout.splitlines()
    starts = [line.split(",")[0] for line in shown]
    assert starts[1:3] == ["Cheapest: T4", "Fastest:  B200"]


@pytest.mark.parametrize("pages", ["1,000", "1_000", "1000"])
def test_pages_are_written_as_people_write_numbers(pages: str) -> None:
    assert run("plan", "--pages", pages).stdout.startswith(b"1,000 pages on an L4")


@pytest.mark.parametrize("pages", ["1,00", "0", "-5", "many", "1e9", "10,000,000,000"])
def test_what_is_no_number_of_pages_is_refused(pages: str) -> None:
    done = run("plan", "--pages", pages)
    assert (done.returncode, done.stdout) == (2, b"")


def test_one_gpu_and_longer_pages_can_be_planned() -> None:
    short, long = (
        run("plan", "--pages", "10", "--gpu", "l4", "--details", *more).stdout.decode()
        for more in ((), ("--tokens", "2000"))
    )
    assert "B200" not in short
    assert "Cheapest" not in short
    assert "475 output tokens" in short
    assert "2,000 output tokens" in long


@pytest.mark.parametrize("more", [("--tokens", "2000"), ("--model", "3-1b")])
def test_measurements_are_shown_only_for_answers_of_that_length(
    more: tuple[str, str],
) -> None:
    asked = ("plan", "--pages", "10", "--gpu", "h200", "--details")
    text = " ".join(run(*asked, *more).stdout.decode().split())
    assert "none yet" in text
    assert "commonly copied" not in text


def test_gpus_that_cannot_meet_a_deadline_have_no_costs() -> None:
    asked = ("plan", "--pages", "100", "--tokens", "14000", "--details", "--deadline")
    soon = run(*asked, "3m").stdout.decode()
    assert soon.count("T4 ") == run(*asked, "1d").stdout.decode().count("T4 ") - 1 > 0
    assert b"Allow some more minutes" in run(*asked, "1m").stderr


def test_a_plan_for_one_gpu_shows_no_measurements_of_others() -> None:
    text = run("plan", "--pages", "10", "--gpu", "h200", "--details").stdout.decode()
    assert "H200, 13.25" in text
    assert "A100-40GB, 1.23" not in text
    assert "limits were measured on H200." in " ".join(text.split())


def test_a_plan_says_if_it_needs_more_containers_than_can_be_deployed() -> None:
    asked = ("plan", "--pages", "10000000", "--gpu", "t4", "--details", "--deadline")
    many, few = (run(*asked, deadline).stdout.decode() for deadline in ("10m", "2d"))
    assert "MAX_CONTAINERS can be at most 1,000." in many
    assert "make deploy" not in many
    assert "MAX_CONTAINERS can be" not in few


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--gpu", "RTX-4090"], "Unknown GPU"),
        (["--model", "pocket"], "this machine's CPU"),
        (["--gpu", ""], "Unknown GPU"),
        (["--deadline", "soon"], "write 45m, 8h or 2d"),
        (["--deadline", ""], "write 45m, 8h or 2d"),
        (["--tokens", "60000"], "Plan with fewer tokens"),
    ],
)
def test_a_plan_that_is_not_possible_is_an_error_of_one_sentence(
    arguments: list[str], sentence: str
) -> None:
    done = run("plan", "--pages", "10", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert sentence in done.stderr.decode()
