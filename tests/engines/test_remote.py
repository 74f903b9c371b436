"""Connecting to servers: what they serve, what is waited for, and what is said at once."""

import socket
import ssl
from dataclasses import replace

import pytest
import trustme
from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lighton_ocr.catalog import find_model
from lighton_ocr.endpoint import Endpoint, is_nearby
from lighton_ocr.engines.remote import connect, parse_url
from lighton_ocr.errors import EndpointError, ModelMissing, RequestRefused, UsageError
from tests.support.scripted_endpoint import ScriptedEndpoint, serving


def test_the_served_model_is_recognised(scripted: ScriptedEndpoint) -> None:
    scripted.model = "lightonai/LightOnOCR-2-1B"
    assert connect(scripted.url + "/v1/").model.id == "lightonai/LightOnOCR-2-1B"
    scripted.model = "my-own"
    with pytest.raises(ModelMissing, match="name it with --model"):
        connect(scripted.url)


def test_a_starting_server_is_waited_for_and_said_once(scripted: ScriptedEndpoint) -> None:
    scripted.starting = 2
    said: list[str] = []
    assert connect(scripted.url, on_wait=said.append).served_name == scripted.model
    assert len(said) == 1
    assert "answers 503; waiting" in said[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_nothing_that_listens_here_is_said_at_once(host: str) -> None:
    with pytest.raises(EndpointError, match=r"Nothing listens at .*:1/v1: start the server"):
        connect(f"http://{host}:1", on_wait=pytest.fail)


def test_a_server_elsewhere_may_still_start(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")  # refuses in its place
    with pytest.raises(EndpointError, match="cannot be reached"):
        connect("http://example.invalid", wait_seconds=0)


@pytest.mark.parametrize(
    ("url", "nearby"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:1/v1", True),
        ("http://192.168.1.7:8000", True),
        ("http://10.0.0.1", True),
        ("http://[fd00::1]:8000", True),
        ("http://1.1.1.1", False),
        ("http://vllm:8000", False),
        ("https://me--app.modal.run/v1", False),
    ],
)
def test_what_is_nearby(url: str, nearby: bool) -> None:
    assert is_nearby(url) == nearby


def test_what_is_no_openai_server(scripted: ScriptedEndpoint) -> None:
    with pytest.raises(EndpointError, match="OpenAI-compatible"):
        connect(scripted.url + "/nowhere")


@pytest.mark.parametrize("url", ["localhost:8000", "http://host:bad", "http://"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match="is not a URL"):
        connect(url)


def test_a_key_is_taken_without_the_ends_of_its_line(scripted: ScriptedEndpoint) -> None:
    scripted.key = "wk-secret"
    assert connect(scripted.url, " wk-secret\n").api_key == "wk-secret"
    with pytest.raises(UsageError, match="copy it again"):
        connect(scripted.url, "wk-sécret")


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:1/v1", True),
        ("https://localhost.example/v1", False),
        ("https://10.0.0.1/v1", False),
    ],
)
def test_a_proxy_is_for_other_machines(endpoint: Endpoint, url: str, here: bool) -> None:
    assert replace(endpoint, base_url=url).uses_proxy == (not here)


@pytest.mark.parametrize(
    ("url", "base", "query"),
    [
        ("http://h", "http://h/v1", ()),
        ("http://h/v1/", "http://h/v1", ()),
        ("https://h/a/b/v1", "https://h/a/b/v1", ()),
        ("https://h/v1?api-version=2024-02-01", "https://h/v1", (("api-version", "2024-02-01"),)),
        ("https://h/?a=1&b=2#top", "https://h/v1", (("a", "1"), ("b", "2"))),
    ],
)
def test_a_url_is_a_base_and_a_query(
    url: str, base: str, query: tuple[tuple[str, str], ...]
) -> None:
    assert parse_url(url) == (base, query)


def test_the_query_is_sent_with_the_list_and_kept(scripted: ScriptedEndpoint) -> None:
    endpoint = connect(f"{scripted.url}/v1?api-version=7")
    assert (endpoint.base_url, endpoint.query) == (f"{scripted.url}/v1", (("api-version", "7"),))


def test_a_name_that_no_host_has_is_said_at_once() -> None:
    with pytest.raises(EndpointError, match="there is no host of that name"):
        connect("http://no-such-host.invalid")


def test_a_certificate_that_is_not_trusted_is_said_at_once(scripted: ScriptedEndpoint) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    app = Starlette(routes=[Route("/v1/models", lambda request: JSONResponse({"data": []}))])
    told = pytest.raises(EndpointError, match=r"certificate that is not trusted.*SSL_CERT_FILE")
    with serving(app, context) as url, told:
        connect(url)


def test_tls_to_a_server_without_it_is_said_at_once(scripted: ScriptedEndpoint) -> None:
    with pytest.raises(EndpointError, match="Should the address begin with http://"):
        connect(scripted.url.replace("http://", "https://"))


def test_a_server_without_a_list_needs_the_model_named() -> None:
    with serving(Starlette()) as url:
        endpoint = connect(url, model=find_model("2-1b"))
        assert endpoint.served_name == "lightonai/LightOnOCR-2-1B"
        with pytest.raises(EndpointError, match="name its model with --model"):
            connect(url)


@pytest.mark.parametrize(
    ("roots", "found"),
    [(["acme/invoices", "acme/invoices"], True), (["acme/invoices", "acme/letters"], False)],
)
def test_a_fine_tune_is_found_under_several_names(roots: list[str], found: bool) -> None:
    names = ("acme/invoices", "acme-invoices")
    rows = [{"id": name, "root": root} for name, root in zip(names, roots, strict=True)]
    app = Starlette(routes=[Route("/v1/models", lambda request: JSONResponse({"data": rows}))])
    with serving(app) as url:
        if found:
            assert connect(url, model=find_model("2-1b")).served_name == "acme/invoices"
        else:
            with pytest.raises(ModelMissing, match="it serves acme/invoices, acme-invoices"):
                connect(url, model=find_model("2-1b"))


def test_a_list_that_never_ends_is_not_read_to_its_end() -> None:
    big = Starlette(routes=[Route("/v1/models", lambda request: Response(b"[" * (2 << 20)))])
    with serving(big) as url, pytest.raises(EndpointError, match="more than a list of models"):
        connect(url)


@pytest.mark.parametrize(
    "body", ['{"data": 1}', "[" * 100_000, '{"data": [1]}', "null", "nonsense"]
)
def test_an_odd_list_is_a_sentence(body: str) -> None:
    odd = Starlette(routes=[Route("/v1/models", lambda request: Response(body))])
    with serving(odd) as url, pytest.raises(EndpointError, match="not as an OpenAI-compatible"):
        connect(url)


def test_a_redirect_to_another_host_is_refused(scripted: ScriptedEndpoint) -> None:
    other = scripted.url.replace("127.0.0.1", "localhost")
    app = Starlette(
        routes=[Route("/v1/models", lambda request: RedirectResponse(f"{other}/v1/models", 307))]
    )
    with serving(app) as url, pytest.raises(RequestRefused, match="another host, localhost"):
        connect(url)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALL_PROXY", "socks5://127.0.0.1:9"), ("SSL_CERT_FILE", "/nowhere/certificates.pem")],
)
def test_a_variable_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=f"{name}={value}"):
        connect("https://example.invalid")
