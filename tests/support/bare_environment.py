"""Programs that see only the packages of a lock file, as on a machine that has no others."""

import os
import re
from pathlib import Path

from tests.support.examples import EXAMPLES

_REQUIREMENTS = EXAMPLES.parent / "requirements"
# Python runs it before any program. What was imported before it, such as coverage, may go on.
_HIDING = """
import re, sys
from importlib.machinery import PathFinder
from importlib.metadata import packages_distributions

PRESENT = {names!r}
MODULES = packages_distributions()


class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        top = name.partition(".")[0]
        owners = [re.sub("[-_.]+", "-", owner).lower() for owner in MODULES.get(top, ())]
        if owners and PRESENT.isdisjoint(owners) and (top == name or top not in sys.modules):
            return None
        return super().find_spec(name, path, target)


sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
"""


def environment_of(lock: str, folder: Path) -> dict[str, str]:
    """Return the environment of programs that see what `requirements/LOCK` installs, and no more.

    `folder` is for files that they need.
    """
    text = (_REQUIREMENTS / lock).read_text()
    names = {name.lower() for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
    hiding = _HIDING.format(names=names | {"lighton-ocr"})
    (folder / "sitecustomize.py").write_text(hiding)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return dict(os.environ) | {"PYTHONPATH": path}
