"""The image that the real Modal client is asked to build."""

import re
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement

from lighton_ocr.deployment.image import REQUIREMENTS
from lighton_ocr.engines.vllm.version import PINNED_VLLM, VERSION_VARIABLE
from tests.support.modal_standin.client import Modal

IN = REQUIREMENTS.with_suffix(".in")


def test_the_image_has_vllm_the_settings_and_the_core_of_this_package(modal: Modal) -> None:
    sent = modal.deploy()
    text = "\n".join(sent.dockerfile)
    assert "FROM nvidia/cuda:13.0.1-devel-ubuntu24.04" in text
    assert "COPY --from=ghcr.io/astral-sh/uv:0.13.9 " in text
    (install,) = [line for line in sent.dockerfile if "uv pip install" in line]
    assert "--require-hashes --no-deps --requirements /.uv/0/container.txt" in install
    assert "ENTRYPOINT []" in text
    assert sent.image_env[VERSION_VARIABLE] == version("lighton-ocr")
    assert sent.image_env["HF_XET_HIGH_PERFORMANCE"] == "1"
    assert Path(sent.image_env["TRITON_CACHE_DIR"]).is_relative_to("/root/.cache/vllm")
    shipped = {path.removeprefix("/root/") for path in sent.files}
    assert {"modal_lighton_ocr.py", "lighton_ocr/catalog/models.toml"} <= shipped
    rooms = {path.split("/")[1] for path in shipped if path.startswith("lighton_ocr/")}
    assert {"catalog", "engines", "deployment", "batch", "reading", "documents"} <= rooms
    assert not rooms & {"cli", "mcp", "weights"}
    assert {"lighton_ocr/server/studio/index.html", "lighton_ocr/formats/page.css"} <= shipped
    examples = {f"lighton_ocr/examples/{name}.pdf" for name in ("letter", "invoice", "paper")}
    assert examples <= shipped


def test_every_package_of_the_image_is_pinned_with_hashes() -> None:
    text = REQUIREMENTS.read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
    assert all(re.match(r"\S+==\S+ ", block) and "--hash=sha256:" in block for block in blocks)
    pinned = dict(block.split()[0].split("==") for block in blocks)
    wanted = [Requirement(line) for line in IN.read_text().splitlines() if line[:1] not in "#"]
    assert all(one.specifier.contains(pinned[one.name]) for one in wanted)
    assert pinned["vllm"] == PINNED_VLLM
