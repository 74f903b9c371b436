"""What can be set for a deployment. The shell that deploys and the container read the same names.

A setting is one field of `Settings`: its variable, its default and how it is read and written all
follow from there.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from typing import Any

from lighton_ocr.catalog import DEFAULT_MODEL, Model, find_model, fine_tune
from lighton_ocr.deployment.gpu_request import GpuRequest
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.errors import UsageError
from lighton_ocr.planner import estimate

DEFAULT_GPU = "L4"
# What a batch looks for in a deployed app, and where its documents and results are.
BATCH_CLASS = "Shards"
BATCH_VOLUME = "lighton-ocr-batch"
BATCH_MOUNT = "/batch"
CONTAINER_LIMIT = 1000  # the most that MAX_CONTAINERS can be
_SWITCH = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
    ("0", "false", "no", "off"), False
)
_HOURS = r"([01]?\d|2[0-3])-([01]?\d|2[0-3])"
# How a variable is read, from its name and text, and written.
Reader = Callable[[str, str], Any]
Writer = Callable[[Any], str]


def _read_model(name: str, text: str) -> Model:
    model = find_model(text)
    if "/" not in model.id:
        raise UsageError(
            f"{name}={text} is the embedded model, which is not on the model hub. To read with it "
            "on this machine: `make ocr`."
        )
    return model


def _read_switch(name: str, text: str) -> bool:
    if text.lower() not in _SWITCH:
        raise UsageError(f"{name}={text} is neither on nor off; set it to 1 or 0.")
    return _SWITCH[text.lower()]


def _variable(read: Reader, write: Writer = str) -> dict[str, Any]:
    return {"read": read, "write": write}


def _number(least: int, most: int) -> dict[str, Any]:
    def read(name: str, text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise UsageError(f"{name}={text} is not a whole number from {least} to {most}.")
        return int(text)

    return _variable(read)


def _text(pattern: str, what: str) -> dict[str, Any]:
    def read(name: str, text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise UsageError(f"{name}={text} is not {what}.")
        return text

    return _variable(read)


_A_MODEL = _variable(_read_model, lambda model: str(model.id))
_LIKE = _variable(_read_model, lambda model: str(model.id) if model else "")
_A_GPU = _variable(lambda _, text: GpuRequest.parse(text))
_A_SWITCH = _variable(_read_switch, lambda value: str(int(value)))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One deployment: `scaledown_window` in seconds, `concurrency` in requests per container.

    With `like`, `model` is a fine-tune of that checkpoint. `revision` is the commit or branch of
    the weights (empty: the catalog's); `hf_secret` names the Modal Secret with HF_TOKEN.
    `min_containers` run on weekdays in `warm_hours` of `timezone` only, if those are given;
    `buffer_containers` are idle ones kept beside busy ones; `region` is where containers may run.
    """

    model: Model = field(metadata=_A_MODEL)
    like: Model | None = field(default=None, metadata=_LIKE)
    revision: str = field(default="", metadata=_text(r"\w[\w./-]*", "a commit or branch"))
    hf_secret: str = field(default="", metadata=_text(r"[\w.-]+", "the name of a Modal Secret"))
    gpu: GpuRequest = field(metadata=_A_GPU)
    fast_boot: bool = field(default=False, metadata=_A_SWITCH)
    snapshot: bool = field(default=False, metadata=_A_SWITCH)
    min_containers: int = field(default=0, metadata=_number(0, CONTAINER_LIMIT))
    max_containers: int = field(default=1, metadata=_number(1, CONTAINER_LIMIT))
    warm_hours: str = field(default="", metadata=_text(_HOURS, "two hours of a day: 8-18"))
    timezone: str = field(default="UTC", metadata=_text(r"[A-Za-z0-9_+/-]+", "a time zone"))
    buffer_containers: int = field(default=0, metadata=_number(0, CONTAINER_LIMIT))
    scaledown_window: int = field(default=300, metadata=_number(2, 3600))
    concurrency: int = field(metadata=_number(1, 1000))
    region: str = field(default="", metadata=_text(r"[a-z0-9,-]+", "a region, or several: us,eu"))
    custom_domain: str = field(default="", metadata=_text(r"[\w.-]+", "a domain"))
    public: bool = field(default=False, metadata=_A_SWITCH)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the variables in NAMES; a missing or empty one takes its default.

        Raises:
            UsageError: a value is unknown, out of range or contradicts another, or the name of a
                variable is almost that of a setting.
        """
        _refuse_misspelt(env)
        given = {"MODEL": DEFAULT_MODEL, "GPU": DEFAULT_GPU}
        given |= {name: env[name] for name in NAMES if env.get(name)}
        values = {
            setting.name: setting.metadata["read"](name, given[name])
            for name, setting in NAMES.items()
            if name in given and not (name == "MODEL" and "LIKE" in given)
        }
        if "LIKE" in given:
            values["model"] = fine_tune(given["MODEL"], values["like"])
        settings = cls(**{"concurrency": values["gpu"].card.max_num_seqs} | values)
        _refuse_contradictions(settings)
        return settings

    def to_env(self) -> dict[str, str]:
        """Return all variables; `from_env` makes the same settings of them."""
        return {
            name: setting.metadata["write"](getattr(self, setting.name))
            for name, setting in NAMES.items()
        }

    @property
    def weights(self) -> Model:
        """The model, with the revision that is deployed."""
        return replace(self.model, revision=self.revision or self.model.revision)

    @property
    def vllm(self) -> VllmOptions:
        """The part that concerns vLLM."""
        return VllmOptions(
            self.weights,
            self.gpu.card,
            self.fast_boot,
            self.snapshot,
            public=self.public,
            documents=True,
        )

    @property
    def target_concurrency(self) -> int:
        """Requests per container above which Modal starts another: before a container is full."""
        return max(1, self.concurrency * 4 // 5)

    @property
    def schedules(self) -> list[tuple[str, int]]:
        """When the number of containers that keep running changes: a cron line, and the number."""
        if not self.warm_hours:
            return []
        start, end = self.warm_hours.split("-")
        return [(f"0 {start} * * 1-5", self.min_containers), (f"0 {end} * * 1-5", 0)]

    @property
    def app_name(self) -> str:
        """The name of the app."""
        return app_name(self.model)

    @property
    def label(self) -> str:
        """The last part of the address, `https://<workspace>--<label>.modal.run`."""
        return f"{self.app_name}-serve"


def app_name(model: Model) -> str:
    """Return the name of a model's app: one per model, so that deploying another leaves it up.

    It contains the model's shortest name, without dots, which an address cannot have.
    """
    if model == find_model(DEFAULT_MODEL):
        return "lighton-ocr-vllm"
    return f"lighton-ocr-{model.aliases[0].replace('.', '-')}-vllm"


NAMES = {setting.name.upper(): setting for setting in fields(Settings)}


def _refuse_misspelt(env: Mapping[str, str]) -> None:
    for name in sorted(set(env) - set(NAMES)):
        if meant := _meant(name):
            raise UsageError(
                f"Unknown setting {name}. Did you mean {meant}? If {name} is not for this "
                "deployment, unset it."
            )


def _meant(name: str) -> str | None:
    """Return the setting that a variable's name almost is.

    Short names are close to those of unrelated variables: only two letters may be swapped.
    """
    long_names = [known for known in NAMES if len(known) >= 8]
    if near := get_close_matches(name, long_names, n=1, cutoff=0.9):
        return near[0]
    swapped = {
        known[:at] + known[at + 1] + known[at] + known[at + 2 :]: known
        for known in NAMES
        for at in range(len(known) - 1)
    }
    return swapped.get(name)


def _refuse_contradictions(settings: Settings) -> None:
    estimate(settings.model, settings.gpu.card)  # does a page fit into its memory?
    if settings.min_containers > settings.max_containers:
        raise UsageError(
            f"MIN_CONTAINERS={settings.min_containers} is more than "
            f"MAX_CONTAINERS={settings.max_containers}: raise MAX_CONTAINERS too."
        )
    if settings.warm_hours and not settings.min_containers:
        raise UsageError("WARM_HOURS says when MIN_CONTAINERS run: set MIN_CONTAINERS too.")
    if settings.fast_boot and settings.snapshot:
        raise UsageError(
            "FAST_BOOT=1 and SNAPSHOT=1 contradict each other: a snapshot already starts fast, "
            "with a compiled model. Set only one of them."
        )
