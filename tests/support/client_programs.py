"""How the real clients are started, and how much their texts have to be alike."""

from tests.support.markdown import ROOT

PYTHON = ROOT / ".venv-clients" / "bin" / "python"
SIMILAR = 95  # percent: clients resize images, so a character may differ
