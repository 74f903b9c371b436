"""vLLM's own parser takes the command of every deployment: on Modal, a GPU would wait meanwhile."""

import json
import subprocess
import sys
from itertools import product

import pytest

from lighton_ocr.catalog import gpus, models
from lighton_ocr.deployment.settings import Settings
from lighton_ocr.engines.vllm.command import vllm_command

MODELS = [model.id for model in models() if "/" in model.id]
SWITCHES = [{}, {"FAST_BOOT": "1"}, {"SNAPSHOT": "1"}, {"PUBLIC": "1"}]
# In a process of its own, as importing vLLM warns.
PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.utils.argparse_utils import FlexibleArgumentParser
parser = make_arg_parser(FlexibleArgumentParser())
for command in json.load(sys.stdin):
    arguments = parser.parse_args(command)
    validate_parsed_serve_args(arguments)
    print(json.dumps([arguments.model_tag, arguments.max_num_seqs]))
"""


@pytest.mark.slow
def test_vllm_refuses_no_flag() -> None:
    every = [
        Settings.from_env({"MODEL": model, "GPU": gpu.name, "REVISION": "0123abc"} | switch).vllm
        for model, gpu, switch in product(MODELS, gpus(), SWITCHES)
    ]
    done = subprocess.run(
        [sys.executable, "-c", PARSE],
        input=json.dumps([vllm_command(options)[2:] for options in every]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    parsed = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert parsed == [[options.model.id, options.gpu.max_num_seqs] for options in every]
