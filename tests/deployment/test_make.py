"""The Makefile's targets for Modal, with the real Modal client."""

import os
import signal
import stat
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread, Timer
from typing import Any

import pytest
from starlette.responses import FileResponse

from lighton_ocr.deployment.settings import NAMES
from tests.support.modal_standin.client import BIN, REPOSITORY, Modal
from tests.support.modal_standin.control_plane import LOG_LINE, PROXY_KEY, PROXY_SECRET
from tests.support.scripted_endpoint import ScriptedEndpoint

# The tests run in an environment where lighton-ocr is installed.
INSTALLED = ("-o", f"{BIN}/lighton-ocr")

TARGETS = [
    ("deploy", "lighton-ocr-vllm", {}),
    ("deploy-fast", "lighton-ocr-vllm", {"FAST_BOOT": "1"}),
    ("deploy-32k", "lighton-ocr-32k-vllm", {"MODEL": "lightonai/LightOnOCR-0.9B-32k-1025"}),
    ("deploy-16k", "lighton-ocr-16k-vllm", {"MODEL": "lightonai/LightOnOCR-0.9B-16k-1025"}),
]


@pytest.mark.parametrize(("target", "app", "reaches"), TARGETS, ids=str)
def test_deploy_targets(modal: Modal, target: str, app: str, reaches: dict[str, str]) -> None:
    done = modal.make(target, "GPU=A10")
    assert done.returncode == 0, done.stdout + done.stderr
    sent = modal.last_deployment()
    assert sent.app_name == app
    assert reaches.items() <= sent.image_env.items()
    assert sent.image_env["GPU"] == sent.function.resources.gpu_config.gpu_type == "A10"
    assert f"https://you--{app}-serve.modal.run" in done.stdout


@pytest.mark.parametrize(("target", "app", "reaches"), TARGETS, ids=str)
def test_serve_targets(modal: Modal, target: str, app: str, reaches: dict[str, str]) -> None:
    target = target.replace("deploy", "serve")
    arguments = ["make", f"BIN={BIN}", target]
    with subprocess.Popen(
        arguments,
        env=modal.env(PYTHONUNBUFFERED="1", COLUMNS="200"),
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        hung = Timer(30, os.killpg, (process.pid, signal.SIGKILL))
        hung.start()
        said = ""
        for line in process.stdout:
            said += line
            if LOG_LINE.strip() in line and "-dev.modal.run" in said:  # not that of `make weights`
                os.killpg(process.pid, signal.SIGKILL)
        hung.cancel()
    sent = modal.last_deployment()
    assert f"https://you--{app}-serve-dev.modal.run" in said
    assert reaches.items() <= sent.image_env.items()


def test_a_token_is_stored_for_the_owner_only(modal: Modal, tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("OTHER=1\nLIGHTON_OCR_API_KEY=old\n")
    env_file.chmod(0o644)
    done = modal.make("token", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    key = f"{PROXY_KEY}.{PROXY_SECRET}"
    assert env_file.read_text() == f"OTHER=1\nLIGHTON_OCR_API_KEY={key}\n"
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert PROXY_SECRET not in done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


@pytest.mark.parametrize(
    ("command", "call", "says"),
    [
        (["logs"], "AppGetLogs", LOG_LINE.strip()),
        (["logs-history"], "AppFetchLogs", LOG_LINE.strip()),
        (["containers"], "TaskList", "ta-1"),
        (["rollback"], "AppRollback", ""),
        (["rollback", "VERSION=v1"], "AppRollback", ""),
        (["check-modal"], "TokenInfoGet", "modal client version"),
        (["stop"], "AppStop", ""),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_targets_for_a_running_deployment(
    modal: Modal, command: list[str], call: str, says: str
) -> None:
    modal.deployed(MODEL="2-1b")  # until the last command stops it
    before = len(modal.plane.calls)
    done = modal.make(*command, "MODEL=2-1b")
    assert done.returncode == 0, done.stdout + done.stderr
    requests = [request for name, request in modal.plane.calls[before:] if name == call]
    assert requests
    assert says in done.stdout
    if hasattr(requests[0], "app_id") and requests[0].app_id:
        assert modal.plane.apps.get(requests[0].app_id, "lighton-ocr-2-1b-vllm") == (
            "lighton-ocr-2-1b-vllm"
        )


def test_costs_are_those_of_the_app_and_of_fetching_its_weights(modal: Modal) -> None:
    done = modal.make("cost")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        "lighton-ocr-vllm today: $1.30",
        "lighton-ocr-vllm this month, until yesterday: $1.30",
    ]


@pytest.mark.parametrize("target", ["deploy", "logs", "token", "check-modal"])
def test_targets_say_if_the_client_is_not_signed_in(modal: Modal, target: str) -> None:
    done = modal.make(target, MODAL_TOKEN_ID="ak-wrong")
    assert done.returncode == 2
    assert done.stderr.startswith("Modal's client is not signed in. Run: ")


@pytest.mark.parametrize("target", ["deploy", "serve", "weights", "deploy-fast"])
def test_a_wrong_setting_is_told_before_the_sign_in(modal: Modal, target: str) -> None:
    done = modal.make(target, "GPU=RTX4090", MODAL_TOKEN_ID="ak-wrong")
    assert done.returncode == 2
    assert done.stderr.startswith("Unknown GPU 'RTX4090'. Modal rents ")
    assert "signed in" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["deploy", "MODLE=2-1b"], "Unknown variable MODLE (did you mean MODEL?)"),
        (["test", "MODAL_URLS=x"], "Unknown variable MODAL_URLS (did you mean MODAL_URL?)"),
        (["ocr", "pdf=a.pdf"], "Unknown variable pdf (did you mean PDF?)"),
        (["ocr", "FILE=a.pdf"], "Unknown variable FILE (known: PDF PAGES OUT FORMAT MODEL)"),
        (["ocr", "GPU=L4"], "Unknown variable GPU (known: PDF PAGES OUT FORMAT MODEL)"),
        (["ocr", "photo.jpg"], "Name the document like this: make ocr PDF=photo.jpg"),
    ],
    ids=" ".join,
)
def test_a_mistyped_variable_or_goal_does_nothing(
    modal: Modal, arguments: list[str], says: str
) -> None:
    before = len(modal.plane.calls)
    done = modal.make(*INSTALLED, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert len(modal.plane.calls) == before


def test_every_setting_is_known_to_make(modal: Modal) -> None:
    done = modal.make("--dry-run", "deploy", *(f"{name}=1" for name in NAMES))
    assert done.returncode == 0, done.stderr


def test_targets_say_if_the_client_is_not_installed(modal: Modal) -> None:
    done = modal.make("deploy", "MODAL=/nowhere/modal")
    assert done.returncode == 2
    assert done.stderr.startswith("Modal's client is not installed. Run: make install-modal\n")


@pytest.mark.parametrize("target", ["health", "models", "metrics", "test-custom", "benchmark"])
def test_targets_say_if_no_address_is_given(modal: Modal, target: str) -> None:
    done = modal.make(*INSTALLED, target)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Say which deployment: make {target} MODAL_URL=")


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
@pytest.mark.parametrize(
    ("target", "path"), [("health", "/health"), ("models", "/v1/models"), ("metrics", "/metrics")]
)
def test_targets_send_the_stored_key(
    modal: Modal, tmp_path: Path, target: str, path: str, suffix: str
) -> None:
    (tmp_path / ".env").write_text("LIGHTON_OCR_API_KEY=wk-1.ws-2\n")
    asked: list[tuple[str, Any]] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        url = f"http://127.0.0.1:{server.server_port}{suffix}"
        done = modal.make(target, f"MODAL_URL={url}", cwd=tmp_path)
        server.shutdown()
    assert done.returncode == 0, done.stderr
    assert asked == [(path, "Bearer wk-1.ws-2")]


@pytest.mark.parametrize("target", ["test", "test-no-stream"])
def test_a_deployment_is_checked(modal: Modal, tmp_path: Path, target: str) -> None:
    (tmp_path / ".env").write_text("LIGHTON_OCR_API_KEY=wk-1.ws-2\n")
    with ScriptedEndpoint(key="wk-1.ws-2") as server:
        server.pages["/paper.pdf"] = lambda _: FileResponse(REPOSITORY / "examples" / "paper.pdf")
        addresses = f"MODAL_URL={server.url}/v1", f"PDF_URL={server.url}/paper.pdf"
        done = modal.make(*INSTALLED, target, *addresses, "MODEL=1b", cwd=tmp_path)
    assert "authentication       passed" in done.stdout
    assert ("\nstreaming            passed" in done.stdout) == (target == "test")
    assert "does not work: " in done.stdout  # a scripted server accepts two images, for example
    assert done.returncode == 2  # make's own, for any failure


def test_a_document_can_be_named(modal: Modal) -> None:
    with ScriptedEndpoint() as server:
        document = f"PDF_FILE={REPOSITORY}/examples/paper.pdf"
        done = modal.make(*INSTALLED, "test-custom", f"MODAL_URL={server.url}", document, "PAGE=1")
    assert "with page 1 of" in done.stderr
    assert "Hello from the page." in done.stdout


def test_without_an_address_the_embedded_engine_is_tested(modal: Modal) -> None:
    done = modal.make(*INSTALLED, "test")
    assert done.returncode == 0
    assert done.stderr.startswith("No MODAL_URL: testing the embedded engine.\n")
    assert "embedded (lighton-ocr-pocket) works" in done.stdout
