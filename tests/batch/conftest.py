"""An endpoint whose answer depends on the page image, and batches that are read on Modal."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.batch_archive import BatchArchive
from tests.support.corpus import answer_by_image
from tests.support.scripted_endpoint import ScriptedEndpoint

if TYPE_CHECKING:
    from tests.support.modal_archive import Archive
    from tests.support.modal_standin.batch_container import BatchContainer
    from tests.support.modal_standin.client import Modal


@pytest.fixture
def endpoint(scripted: ScriptedEndpoint) -> ScriptedEndpoint:
    scripted.default = answer_by_image
    return scripted


@pytest.fixture
def archive(tmp_path: Path, endpoint: ScriptedEndpoint) -> BatchArchive:
    return BatchArchive(tmp_path, endpoint)


@pytest.fixture
def modal_archive(modal: "Modal", tmp_path: Path) -> "Archive":
    from tests.support.modal_archive import Archive

    return Archive(modal, tmp_path)


@pytest.fixture
def container(modal_archive: "Archive") -> "Iterator[BatchContainer]":
    container = modal_archive.container()
    yield container
    container.stop()
