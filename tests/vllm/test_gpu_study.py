"""The GPU study on a processor, with little to read."""

from pathlib import Path

import pytest
from benchmarks.gpu_study import Study, profiling
from benchmarks.vllm_study.configurations import (
    AS_ON_MANUALS,
    CONFIGURATIONS,
    Configuration,
    configuration,
)
from benchmarks.vllm_study.load import Work
from tools.docs import gpu_tables

from lighton_ocr.engines.vllm.command import VllmOptions, vllm_command

pytestmark = pytest.mark.slow
# Both measurements are eager: to compile the model takes a processor longer than all of the rest.
LITTLE = Work(in_flight=2, settling=1, requests=3, shortest=4, longest=8, edge=280)


@pytest.fixture
def study(options: VllmOptions, checkpoint: Path, tmp_path: Path) -> Study:
    return Study(options, str(checkpoint), LITTLE, tmp_path)


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # PyTorch, of itself
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_vllm_accepts_every_flag(options: VllmOptions, checkpoint: Path, name: str) -> None:
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.entrypoints.launchers.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    chosen = configuration(name)
    flags = AS_ON_MANUALS + chosen.flags + (profiling(Path("traces")) if chosen.profile else ())
    command = vllm_command(options, weights=str(checkpoint), flags=flags)
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(command[2:])
    parsed.model = parsed.model_tag
    AsyncEngineArgs.from_cli_args(parsed)


def test_a_profile_under_load_shows_where_the_time_goes(study: Study) -> None:
    row = study.measure("ours+profile", configuration("ours+profile+eager"))
    assert "fault" not in row, row
    assert row["pages_per_s"] > 0
    assert (row["failures"], row["in_flight"]) == (0, 2)
    assert any("KV cache size" in note for note in row["notes"])
    (found,) = row["profile"]
    assert found["prompt_tokens"] >= 3 * 96
    assert found["steps_with_new_pages"] + found["steps_of_decoding_alone"] >= 4
    parts = {group.partition(":")[0] for group in found["milliseconds"]}
    assert parts >= {"encoder", "sampling", "decoder with new pages", "decoder alone"}
    assert found["milliseconds"]["decoder alone: attention"] > 0
    assert "| encoder: " in gpu_tables.profiles({"rows": {}}, {"rows": {"ours+profile": row}})


def test_other_requests_go_to_the_same_servers(study: Study) -> None:
    first = study.measure("ours", configuration("ours+eager"))
    second = study.measure("logprobs", configuration("logprobs+eager"))
    study.stop()
    assert "fault" not in first | second, (first, second)
    assert "start_s" in first
    assert second["servers"] == "the last"
    assert second["failures"] == 0


def test_the_engine_in_a_process_gets_the_same_load(study: Study) -> None:
    row = study.measure("in-process", configuration("in-process+eager"))
    assert row["pages_per_s"] > 0
    assert (row["failures"], row["in_flight"], row["prompt_tokens"]) == (0, 2, 96)


def test_without_a_gpu_its_memory_cannot_be_limited(study: Study) -> None:
    row = study.measure("card-of-24-gb", configuration("card-of-24-gb"))
    assert "memory cannot be limited" in row["fault"]


def test_a_configuration_that_vllm_refuses_is_a_row_with_the_reason(study: Study) -> None:
    row = study.measure("wrong", Configuration("", ("--kv-cache-dtype", "none")))
    assert "vLLM ended with exit code 2" in row["fault"]
    assert any("invalid choice: 'none'" in line for line in row["errors"])
