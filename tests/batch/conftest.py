"""An endpoint that reads every page as a text of its own."""

import pytest

from tests.batch.corpus import recorded
from tests.scripted_endpoint import ScriptedEndpoint


@pytest.fixture
def reading(scripted: ScriptedEndpoint) -> ScriptedEndpoint:
    scripted.default = recorded
    return scripted
