"""One stand-in for Modal's control plane for the whole session."""

from collections.abc import Iterator

import pytest
from tests.standin.client import Modal
from tests.standin.control_plane import ControlPlane


@pytest.fixture(scope="session")
def modal() -> Iterator[Modal]:
    plane = ControlPlane()
    yield Modal(plane, plane.start())
    plane.stop()
