"""What a deployment can choose. The shell that deploys and the container read it the same way."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from lighton_ocr.catalog import DEFAULT_MODEL, Gpu, Model, find_gpu, find_model
from lighton_ocr.engines.vllm.command import VllmOptions
from lighton_ocr.errors import UsageError

DEFAULT_GPU = "L4"
# What a batch finds in a deployed app, and where its documents and results lie.
BATCH_CLASS = "Shards"
BATCH_VOLUME = "lighton-ocr-batch"
BATCH_MOUNT = "/batch"
MOST_CONTAINERS = 1000
NAMES = (
    "MODEL",
    "GPU",
    "FAST_BOOT",
    "SNAPSHOT",
    "MIN_CONTAINERS",
    "MAX_CONTAINERS",
    "SCALEDOWN_WINDOW",
    "CONCURRENCY",
    "PUBLIC",
)
_SWITCH = {"1": True, "true": True, "yes": True, "on": True} | {
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


@dataclass(frozen=True)
class Settings:
    """One deployment: `scaledown_window` in seconds, `concurrency` in requests a container."""

    model: Model
    gpu: Gpu
    concurrency: int
    fast_boot: bool = False
    snapshot: bool = False
    min_containers: int = 0
    max_containers: int = 1
    scaledown_window: int = 300
    public: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the variables in NAMES; a missing or empty one takes its default.

        Raises:
            UsageError: a value is unknown, out of range, contradicts another, or a variable's name
                is almost one of ours.
        """
        _refuse_misspelt(env)
        model = find_model(env.get("MODEL") or DEFAULT_MODEL)
        if "/" not in model.id:
            raise UsageError(
                f"MODEL={env['MODEL']} is the embedded model and is not on the model hub; "
                "`make ocr` reads with it here."
            )
        gpu = find_gpu(env.get("GPU") or DEFAULT_GPU)
        settings = cls(
            model=model,
            gpu=gpu,
            concurrency=_number(env, "CONCURRENCY", gpu.max_num_seqs, 1, 1000),
            fast_boot=_switch(env, "FAST_BOOT"),
            snapshot=_switch(env, "SNAPSHOT"),
            min_containers=_number(env, "MIN_CONTAINERS", 0, 0, MOST_CONTAINERS),
            max_containers=_number(env, "MAX_CONTAINERS", 1, 1, MOST_CONTAINERS),
            scaledown_window=_number(env, "SCALEDOWN_WINDOW", 300, 2, 3600),
            public=_switch(env, "PUBLIC"),
        )
        _refuse_contradictions(settings)
        return settings

    def to_env(self) -> dict[str, str]:
        """The variables that `from_env` reads back to the same settings, all of them."""
        return {
            "MODEL": self.model.id,
            "GPU": self.gpu.name,
            "FAST_BOOT": str(int(self.fast_boot)),
            "SNAPSHOT": str(int(self.snapshot)),
            "MIN_CONTAINERS": str(self.min_containers),
            "MAX_CONTAINERS": str(self.max_containers),
            "SCALEDOWN_WINDOW": str(self.scaledown_window),
            "CONCURRENCY": str(self.concurrency),
            "PUBLIC": str(int(self.public)),
        }

    @property
    def vllm(self) -> VllmOptions:
        """What vLLM has to know of them."""
        return VllmOptions(self.model, self.gpu, self.fast_boot, self.snapshot)

    @property
    def app_name(self) -> str:
        """One app a model, so that deploying another model leaves the default in place.

        The model's shortest name stands in it, without the dots that an address cannot hold.
        """
        if self.model == find_model(DEFAULT_MODEL):
            return "lighton-ocr-vllm"
        return f"lighton-ocr-{self.model.aliases[0].replace('.', '-')}-vllm"

    @property
    def label(self) -> str:
        """The last part of the address, `https://<workspace>--<label>.modal.run`."""
        return f"{self.app_name}-serve"


def _refuse_misspelt(env: Mapping[str, str]) -> None:
    # An environment holds many foreign variables, and short names are near too many of them.
    long_names = [name for name in NAMES if len(name) >= 8]
    for name in sorted(set(env) - set(NAMES)):
        if near := get_close_matches(name, long_names, n=1, cutoff=0.9):
            raise UsageError(
                f"Unknown setting {name}. Did you mean {near[0]}? Unset it if it is not meant for "
                "this deployment."
            )


def _refuse_contradictions(settings: Settings) -> None:
    if settings.min_containers > settings.max_containers:
        raise UsageError(
            f"MIN_CONTAINERS={settings.min_containers} is more than "
            f"MAX_CONTAINERS={settings.max_containers}; raise MAX_CONTAINERS too."
        )
    if settings.fast_boot and settings.snapshot:
        raise UsageError(
            "FAST_BOOT=1 and SNAPSHOT=1 contradict each other: a snapshot already starts fast, and "
            "with the compiled model. Set one of them."
        )


def _switch(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name) or "0"
    if value.lower() not in _SWITCH:
        raise UsageError(f"{name}={value} is neither on nor off; set it to 1 or 0.")
    return _SWITCH[value.lower()]


def _number(env: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = env.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise UsageError(f"{name}={value} is not a whole number from {least} to {most}.")
    return int(value)
