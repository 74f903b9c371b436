import pytest

from tests.cli.test_read import run


def test_a_plan_names_every_gpu_the_choice_and_what_others_ask() -> None:
    done = run("plan", "--pages", "100000", "--deadline", "8h")
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    for expected in (
        "L4 ",
        "B200 ",
        "Cheapest: ",
        "Fastest: ",
        "Mistral OCR 4",
        "H200, 13.25: LightOnOCR-1B-1025, this project",
    ):
        assert expected in text
    assert "computed, not measured" in " ".join(text.split())
    assert "…" not in text


def test_one_gpu_and_longer_pages() -> None:
    short, long = (
        run("plan", "--pages", "10", "--gpu", "l4", *more).stdout.decode()
        for more in ((), ("--tokens", "2000"))
    )
    assert "B200" not in short
    assert "Cheapest" not in short
    assert "475 output tokens" in short
    assert "2,000 output tokens" in long


@pytest.mark.parametrize("more", [("--tokens", "2000"), ("--model", "3-1b")])
def test_what_others_measured_is_shown_beside_answers_of_that_length_alone(
    more: tuple[str, str],
) -> None:
    text = " ".join(run("plan", "--pages", "10", "--gpu", "h200", *more).stdout.decode().split())
    assert "nothing yet" in text
    assert "commonly copied" not in text


def test_gpus_that_cannot_meet_a_deadline_are_left_out_of_the_costs() -> None:
    asked = ("plan", "--pages", "100", "--tokens", "14000", "--deadline")
    soon = run(*asked, "3m").stdout.decode()
    assert soon.count("T4 ") == run(*asked, "1d").stdout.decode().count("T4 ") - 1 > 0
    assert b"give a deadline of some minutes" in run(*asked, "1m").stderr


def test_one_gpus_plan_shows_nothing_of_others() -> None:
    text = run("plan", "--pages", "10", "--gpu", "h200").stdout.decode()
    assert "H200, 13.25" in text
    assert "A100-40GB, 1.23" not in text


def test_more_containers_than_can_be_deployed_are_said_to_be_so() -> None:
    asked = ("plan", "--pages", "10000000", "--gpu", "t4", "--deadline")
    many, few = (run(*asked, deadline).stdout.decode() for deadline in ("10m", "2d"))
    assert "MAX_CONTAINERS ends at 1,000." in many
    assert "MAX_CONTAINERS" not in few


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--gpu", "RTX-4090"], "Unknown GPU"),
        (["--model", "pocket"], "this machine's processor"),
        (["--gpu", ""], "Unknown GPU"),
        (["--deadline", "soon"], "write 45m, 8h or 2d"),
        (["--deadline", ""], "write 45m, 8h or 2d"),
        (["--tokens", "60000"], "Give fewer"),
    ],
)
def test_what_cannot_be_planned_is_one_sentence(arguments: list[str], sentence: str) -> None:
    done = run("plan", "--pages", "10", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert sentence in done.stderr.decode()
