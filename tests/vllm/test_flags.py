"""vLLM's own parser takes the command of every deployment: on Modal, a GPU would wait meanwhile."""

import pytest
from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.utils.argparse_utils import FlexibleArgumentParser

from lighton_ocr.catalog import gpus, models
from lighton_ocr.deployment.settings import Settings
from lighton_ocr.engines.vllm.command import vllm_command

MODELS = [model.id for model in models() if "/" in model.id]


@pytest.fixture(scope="module")
def parser() -> FlexibleArgumentParser:
    return make_arg_parser(FlexibleArgumentParser())


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("more", ["", "FAST_BOOT", "SNAPSHOT", "PUBLIC"])
def test_no_flag_is_refused(parser: FlexibleArgumentParser, model: str, more: str) -> None:
    settings = {"MODEL": model, "REVISION": "0123abc"} | ({more: "1"} if more else {})
    for gpu in gpus():
        _, _, *flags = vllm_command(Settings.from_env(settings | {"GPU": gpu.name}).vllm)
        arguments = parser.parse_args(flags)
        validate_parsed_serve_args(arguments)
        assert arguments.model_tag == model
        assert arguments.max_num_seqs == gpu.max_num_seqs
