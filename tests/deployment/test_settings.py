"""The settings of a deployment: read, written, and refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lighton_ocr.catalog import find_model, models
from lighton_ocr.deployment.gpu_request import GpuRequest
from lighton_ocr.deployment.settings import NAMES, Settings
from lighton_ocr.errors import UsageError

HUB_MODELS = [model for model in models() if "/" in model.id]


@st.composite
def any_settings(draw: st.DrawFn) -> Settings:
    most = draw(st.integers(1, 1000))
    fast_boot = draw(st.booleans())
    return Settings(
        model=draw(st.sampled_from(HUB_MODELS)),
        gpu=GpuRequest.parse(draw(st.sampled_from(["L4", "H100!", "A100", "B200+", "L4,A10"]))),
        concurrency=draw(st.integers(1, 1000)),
        fast_boot=fast_boot,
        snapshot=not fast_boot and draw(st.booleans()),
        min_containers=draw(st.integers(0, most)),
        max_containers=most,
        timezone=draw(st.sampled_from(["UTC", "Europe/Paris"])),
        buffer_containers=draw(st.integers(0, 1000)),
        scaledown_window=draw(st.integers(2, 3600)),
        revision=draw(st.sampled_from(["", "main", "0123abc", "refs/pr/1"])),
        hf_secret=draw(st.sampled_from(["", "my-token"])),
        region=draw(st.sampled_from(["", "us", "eu-west,uk"])),
        custom_domain=draw(st.sampled_from(["", "ocr.example.org"])),
        public=draw(st.booleans()),
    )


@given(any_settings())
def test_settings_that_are_written_are_read_as_the_same(settings: Settings) -> None:
    written = settings.to_env()
    assert set(written) == set(NAMES)
    assert Settings.from_env(written) == settings


def test_an_empty_variable_takes_the_default() -> None:
    assert Settings.from_env(dict.fromkeys(NAMES, "")) == Settings.from_env({})


def test_unrelated_variables_are_ignored() -> None:
    foreign = {"WEB_CONCURRENCY": "4", "MODELS": "x", "GPUS": "2", "PATH": "/bin", "PUBLIC_IP": "1"}
    assert Settings.from_env(foreign) == Settings.from_env({})


def test_other_spellings_are_accepted() -> None:
    assert Settings.from_env({"GPU": "l4:1"}).gpu.card.name == "L4"
    assert Settings.from_env({"GPU": "A10G"}).gpu.card.name == "A10"
    assert Settings.from_env({"FAST_BOOT": "true"}).fast_boot


def test_a_fine_tune_is_served_like_the_checkpoint_that_it_comes_from() -> None:
    given = {"MODEL": "Acme/Invoices_v2", "LIKE": "2-1b", "REVISION": "0123abc"}
    settings = Settings.from_env(given)
    like = find_model("2-1b")
    assert settings.model.id == "Acme/Invoices_v2"
    assert (settings.model.shape, settings.model.edge) == (like.shape, like.edge)
    assert settings.model.quality is None
    assert settings.weights.revision == "0123abc"
    assert settings.app_name == "lighton-ocr-acme-invoices-v2-vllm"
    assert Settings.from_env(settings.to_env()) == settings


def test_a_container_is_not_full_when_another_one_is_started() -> None:
    for concurrency in ("1", "2", "64"):
        settings = Settings.from_env({"CONCURRENCY": concurrency})
        assert 1 <= settings.target_concurrency <= settings.concurrency
    assert Settings.from_env({}).target_concurrency < Settings.from_env({}).concurrency


def test_each_model_has_its_own_app_with_a_label_that_an_address_can_have() -> None:
    every = [Settings.from_env({"MODEL": model.id}) for model in HUB_MODELS]
    labels = [settings.label for settings in every]
    assert len(set(labels)) == len(labels)
    assert all(label.replace("-", "").isalnum() and label.islower() for label in labels)
    assert max(map(len, labels)) < 50


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"GPU": "L4:2"}, "MAX_CONTAINERS"),
        ({"GPU": "RTX4090"}, "Modal rents"),
        ({"MODEL": "9b"}, "Unknown model"),
        ({"MODEL": "pocket"}, "make ocr"),
        ({"GPU": "L4,T4"}, "Leave the T4 out"),
        ({"GPU": "L4,RTX4090"}, "Modal rents"),
        ({"MODEL": "9b", "LIKE": "2-1b"}, "not a repository"),
        ({"MODEL": "acme/x", "LIKE": "9b"}, "Unknown model"),
        ({"REVISION": "--x"}, "not a commit or branch"),
        ({"REGION": "us central"}, "not a region"),
        ({"FAST_BOOT": "maybe"}, "set it to 1 or 0"),
        ({"SCALEDOWN_WINDOW": "1"}, "from 2 to 3600"),
        ({"SCALEDOWN_WINDOW": "3601"}, "from 2 to 3600"),
        ({"MAX_CONTAINERS": "0"}, "from 1 to"),
        ({"CONCURRENCY": "-1"}, "from 1 to"),
        ({"MIN_CONTAINERS": "2"}, "raise MAX_CONTAINERS"),
        ({"WARM_HOURS": "8-18"}, "set MIN_CONTAINERS too"),
        ({"WARM_HOURS": "8-25", "MIN_CONTAINERS": "1"}, "8-18"),
        ({"FAST_BOOT": "1", "SNAPSHOT": "1"}, "contradict"),
        ({"FASTBOOT": "1"}, "FAST_BOOT"),
        ({"MODLE": "2-1b"}, "Did you mean MODEL"),
        ({"GUP": "L4"}, "Did you mean GPU"),
        ({"MAX_CONTAINER": "3"}, "MAX_CONTAINERS"),
        ({"SCALE_DOWN_WINDOW": "3"}, "SCALEDOWN_WINDOW"),
    ],
    ids=str,
)
def test_wrong_settings_are_refused(env: dict[str, str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Settings.from_env(env)
