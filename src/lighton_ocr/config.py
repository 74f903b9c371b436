"""Defaults for flags: from the environment, then from the user's `config.toml`."""

from functools import cache
from pathlib import Path
from tomllib import TOMLDecodeError

from platformdirs import user_config_path
from pydantic import SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from lighton_ocr.errors import UsageError


def config_file() -> Path:
    """Return the path of the user's config file, which need not exist."""
    return user_config_path("lighton-ocr", appauthor=False) / "config.toml"


class Config(BaseSettings):
    """`LIGHTON_OCR_URL`, `LIGHTON_OCR_API_KEY`, `LIGHTON_OCR_MODEL`, or the same names in TOML."""

    model_config = SettingsConfigDict(
        env_prefix="LIGHTON_OCR_", extra="forbid", env_ignore_empty=True
    )

    url: str | None = None
    api_key: SecretStr | None = None
    model: str | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment first, then the file."""
        return env_settings, TomlConfigSettingsSource(settings_cls, _readable_file())


def _readable_file() -> Path | None:
    """Return the config file if it can be read.

    A container's user may have no home, or one that belongs to somebody else.
    """
    try:
        with config_file().open("rb"):
            return config_file()
    except (OSError, RuntimeError):  # RuntimeError: there is no home
        return None


@cache
def load_config() -> Config:
    """Read environment and file, once.

    Raises:
        UsageError: the file is not TOML, or has an unknown setting.
    """
    try:
        return Config()
    except UnicodeDecodeError:
        raise UsageError(f"{config_file()} is not UTF-8 text: save it in that encoding.") from None
    except TOMLDecodeError as error:
        raise UsageError(f"{config_file()} is not valid TOML: {error}.") from None
    except ValidationError as error:
        fault = error.errors()[0]
        name = ".".join(str(part) for part in fault["loc"])
        known = ", ".join(Config.model_fields)
        raise UsageError(
            f"{config_file()}: {name}: {fault['msg']}. The file may set {known}."
        ) from None
