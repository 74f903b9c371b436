"""A group of commands: its help names each in a whole sentence, and it knows a document."""

import os
import shlex
from pathlib import Path
from typing import Any

from typer.core import TyperGroup


class CommandGroup(TyperGroup):
    """Shows the first sentence of each command uncut, and what to type for a document."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for command in self.commands.values():
            command.short_help = " ".join((command.help or "").partition("\n\n")[0].split())

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the arguments begin with.

        Raises:
            UsageError: of the parser; there is none of that name.
        """
        if args[0] not in self.commands and _is_document(args[0]):
            command = shlex.join(["lighton-ocr", "read", *args])
            ctx.fail(f"{args[0]} is a document, not a command. Run: {command}")
        return super().resolve_command(ctx, args)


def _is_document(argument: str) -> bool:
    from lighton_ocr.documents.sources import SUFFIXES
    from lighton_ocr.documents.web import is_url

    is_named_like_one = is_url(argument) or Path(argument).suffix.lower() in SUFFIXES
    return is_named_like_one or os.path.isfile(argument)  # noqa: PTH113 - never raises
