from pathlib import Path

import pytest
from packaging.version import Version

from lighton_ocr.engines.vllm.version import PINNED_VLLM, installed_vllm, is_tested


@pytest.mark.parametrize("version", [PINNED_VLLM, "0.32.0+cu130", "0.32.2.dev3", "0.33.0"])
def test_tested_releases(version: str) -> None:
    assert is_tested(Version(version))


@pytest.mark.parametrize("version", ["0.31.9", "0.34.0", "0.34.0.dev1", "0.34.0rc1", "0.1.dev1"])
def test_untested_releases(version: str) -> None:
    assert not is_tested(Version(version))
    assert not is_tested(None)


@pytest.mark.parametrize("folder", ["lib/python3.12/site-packages", "lib/python3.13/dist-packages"])
def test_the_version_of_vllm_is_found_in_its_own_environment(tmp_path: Path, folder: str) -> None:
    program = tmp_path / "bin" / "vllm"
    assert installed_vllm(program) is None
    (tmp_path / folder / "vllm-0.32.0+cu130.dist-info").mkdir(parents=True)
    (tmp_path / folder / "vllm_flash_attn-2.7.dist-info").mkdir()
    assert installed_vllm(program) == Version("0.32.0+cu130")
