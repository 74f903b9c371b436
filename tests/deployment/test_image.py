"""The image that the real Modal client is asked to build."""

from importlib.metadata import version
from pathlib import Path

from lighton_ocr.engines.vllm.version import VERSION_VARIABLE
from tests.support.modal_standin.client import Modal


def test_the_image_has_vllm_the_settings_and_the_core_of_this_package(modal: Modal) -> None:
    sent = modal.deploy()
    text = "\n".join(sent.dockerfile)
    assert "FROM nvidia/cuda:13.0.1-devel-ubuntu24.04" in text
    assert "vllm==0.32.0" in text
    assert "transformers>=5.16.1,<5.20" in text
    assert "ENTRYPOINT []" in text
    assert sent.image_env[VERSION_VARIABLE] == version("lighton-ocr")
    assert sent.image_env["HF_XET_HIGH_PERFORMANCE"] == "1"
    assert Path(sent.image_env["TRITON_CACHE_DIR"]).is_relative_to("/root/.cache/vllm")
    shipped = {path.removeprefix("/root/") for path in sent.files}
    assert {"modal_lighton_ocr.py", "lighton_ocr/catalog/models.toml"} <= shipped
    rooms = {path.split("/")[1] for path in shipped if path.startswith("lighton_ocr/")}
    assert {"catalog", "engines", "deployment", "batch", "reading", "documents"} <= rooms
    assert not rooms & {"cli", "formats", "weights"}
