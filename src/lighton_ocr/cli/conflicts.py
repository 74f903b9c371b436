"""Options that are ignored beside others: such a command is refused, and told what to change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from typer.core import TyperCommand

from lighton_ocr.errors import UsageError

Values = Mapping[str, Any]  # of a command's parameters, by name


@dataclass(frozen=True)
class Conflict:
    """Where `exists` holds, one of the options that `sentence` names would be ignored."""

    command: str
    exists: Callable[[Values], bool]
    sentence: str


def _reads_no_url(values: Values) -> bool:
    from lighton_ocr.documents.web import is_url

    return not any(map(is_url, values["readers"].split(",")))


CONFLICTS = (
    Conflict(
        "status",
        lambda values: values["review"] and values["pages"],
        "--review and --pages choose which pages are listed: leave one of them out.",
    ),
    Conflict(
        "speed",
        lambda values: values["seed"] is not None and values["rate"] is None,
        "--seed is for the random arrivals of --rate: leave it out, or add --rate.",
    ),
    Conflict(
        "compare",
        lambda values: values["gpu"] is not None and _reads_no_url(values),
        "--gpu adds the cost of the GPU behind URLs: leave it out, or name a URL in --with.",
    ),
)


class Command(TyperCommand):
    """A command that refuses conflicts before it begins."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command.

        Raises:
            UsageError: of two options that were given, one would be ignored.
        """
        for conflict in CONFLICTS:
            if conflict.command == self.name and conflict.exists(ctx.params):
                raise UsageError(conflict.sentence)
        return super().invoke(ctx)
