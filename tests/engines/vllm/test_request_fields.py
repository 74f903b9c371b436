"""The allow-list of request fields: what people's clients send passes, all else is named."""

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from lighton_ocr.catalog import Model, models
from lighton_ocr.documents.pages import EncodedPage
from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.vllm.refusal import Refused
from lighton_ocr.engines.vllm.request_fields import MAX_DRAFT, MAX_TEXT, check_request
from lighton_ocr.engines.vllm.warm_up import warm_up_request
from lighton_ocr.reading.attempts import AttemptSettings
from lighton_ocr.reading.client import PageClient, PageRequest, image_part
from tests.support.client_requests import CLIENTS

PNG = EncodedPage(
    0, b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "image/png", (28, 28), draft="Ein Entwurf 😀"
)
IMAGE = image_part(PNG)


def body(content: object = (IMAGE,), **fields: object) -> bytes:
    messages = [{"role": "user", "content": content}]
    return json.dumps({"model": "m", "messages": messages} | fields).encode()


def refuse(request: bytes) -> Refused:
    with pytest.raises(Refused) as refusal:
        check_request(request)
    assert refusal.value.status == 400
    return refusal.value


@pytest.mark.parametrize("name", CLIENTS)
def test_the_defaults_of_other_clients_pass(name: str) -> None:
    check_request(body(**CLIENTS[name]))


def test_the_body_of_the_readmes_curl_example_passes() -> None:
    text = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    example = text.partition("<<EOF\n")[2].partition("\nEOF\n")[0]
    image = base64.b64encode(PNG.data).decode()
    check_request(re.sub(r"\$\(base64 .*\)", image, example).encode())


@pytest.mark.parametrize("model", models(), ids=lambda model: model.aliases[0])
def test_our_own_requests_pass(model: Model) -> None:
    check_request(json.dumps(warm_up_request(model)).encode())
    endpoint = Endpoint("http://127.0.0.1/v1", model, model.id, software="vllm")
    for live in (True, False):
        request = PageRequest(PNG, AttemptSettings(0.2, 0.9, 4096), live=live)
        check_request(json.dumps(PageClient(endpoint)._body(request)).encode())


def test_the_texts_of_pages_pass_in_any_script_and_escaped_or_not() -> None:
    draft = "Straße, 東京, العربية, 𝒳 and 😀" * 500
    for ascii_only in (True, False):
        request = json.loads(body()) | {"vllm_xargs": {"draft": draft}}
        check_request(json.dumps(request, ensure_ascii=ascii_only).encode())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("n", 2000), ("best_of", 5), ("use_beam_search", True), ("top_k", 5), ("min_p", 0.1)),
        *(("prompt_logprobs", 20), ("logprobs_token_ids", [1]), ("allowed_token_ids", [1])),
        *(("kv_transfer_params", "text"), ("truncate_prompt_tokens", 5), ("ignore_eos", True)),
        *(("response_format", {"type": "json_object"}), ("structured_outputs", {"regex": "a*"})),
        *(("guided_grammar", "root ::= root"), ("tools", [{}]), ("logit_bias", {"1": 100})),
        *(("mm_processor_kwargs", {}), ("media_io_kwargs", {}), ("chat_template", "{{ 1 }}")),
        *(("add_generation_prompt", False), ("documents", []), ("cache_salt", "x")),
        *(("bad_words", ["a"]), ("repetition_penalty", 1.1), ("priority", 1), ("echo", True)),
    ],
)
def test_other_fields_are_refused_by_name(field: str, value: object) -> None:
    refusal = refuse(body(**{field: value}))
    assert refusal.field == field
    assert field in refusal.message


def test_all_refused_fields_are_named_at_once() -> None:
    assert "n, top_k: leave it out" in refuse(body(n=2, top_k=5)).message
    many = refuse(body(**{f"field{number}": 1 for number in range(5000)}))
    assert "field7 and 4992 more" in many.message
    assert len(refuse(body(**{"x" * 100_000: 1})).message) < 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("temperature", -1), ("temperature", 2.1), ("temperature", True), ("temperature", "1")),
        *(("top_p", 1.5), ("max_tokens", 0), ("max_tokens", 10**30), ("max_tokens", 1.5)),
        *(("stream", "yes"), ("stream_options", {"other": True}), ("stream_options", [1])),
        *(("stream_interval", 0), ("top_logprobs", 20), ("logprobs", 5), ("seed", 1 << 64)),
        *(("stop", ["a"] * 5), ("stop", "a" * 65), ("stop", [7]), ("user", "u" * 257)),
        *(("model", "m" * 257), ("chat_template_kwargs", {"other": 1})),
        *(("chat_template_kwargs", {"enable_thinking": "yes"}), ("vllm_xargs", {"other": 1})),
        *(("vllm_xargs", {"draft": 7}), ("vllm_xargs", {"draft": "a" * (MAX_DRAFT + 1)})),
    ],
)
def test_values_that_make_no_sense_are_refused(field: str, value: object) -> None:
    refusal = refuse(body(**{field: value}))
    assert refusal.field == field
    assert refusal.message.startswith(f"`{field}` must be ")


@pytest.mark.parametrize(
    "content",
    [
        *("Hello", None, 7, [], [{"type": "text", "text": "Hello"}], [IMAGE, IMAGE]),
        *([IMAGE, {"type": "text", "text": "a" * (MAX_TEXT + 1)}], [IMAGE, {"type": "text"}]),
        *([IMAGE, {"type": "video_url", "video_url": {"url": "data:"}}], [IMAGE, "text"]),
        [IMAGE | {"uuid": "x"}],
        [{"type": "image_url", "image_url": IMAGE["image_url"]["url"]}],
        [{"type": "image_url", "image_url": IMAGE["image_url"] | {"detail": {}}}],
    ],
)
def test_a_request_has_one_image_and_little_text(content: object) -> None:
    assert refuse(body(content)).field == "messages"


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/a.png", "https://user:pw@host/a.png", "http://[::1]/", "file:///etc"),
        *("data:image/png,iVBORw0KGgo", "data:image/png;base64,R0lGODlh", "DATA:image/png;base64,"),
        *("data:image/tiff;base64,SUkqAA", "data:;base64,iVBORw0KGgo", "", " data:image/png;"),
        *("data:image/svg+xml;base64,PHN2Zz4", "data:application/postscript;base64,JSFQUw"),
    ],
)
def test_an_image_is_a_data_url_of_a_known_format(url: str) -> None:
    refuse(body([{"type": "image_url", "image_url": {"url": url}}]))


@pytest.mark.parametrize(("media_type", "start"), [("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF")])
def test_jpeg_and_webp_pass(media_type: str, start: bytes) -> None:
    page = replace(PNG, data=start + b"\0" * 99, media_type=f"image/{media_type}")
    check_request(body([{"type": "text", "text": "Read this."}, image_part(page)]))


@pytest.mark.parametrize(
    "messages",
    [
        *(None, [], {}, [7], [{"role": "system", "content": [IMAGE]}], [{"content": [IMAGE]}]),
        [{"role": "user", "content": [IMAGE]}] * 2,
        [{"role": "user", "content": [IMAGE], "tool_calls": []}],
    ],
)
def test_there_is_one_message_of_the_user(messages: object) -> None:
    assert refuse(json.dumps({"model": "m", "messages": messages}).encode()).field == "messages"


@pytest.mark.parametrize(
    "request_body",
    [
        *(b"", b"null", b"[]", b"7", b"{", b"\xff", b'"\xed\xa0\x80"', b"\xef\xbb\xbf{}"),
        *(body().replace(b'"m"', rb'"\ud800"'), body().replace(b'"m"', rb'"\uDFFF"')),
        *(
            body(seed=float("nan")),
            body(temperature=float("inf")),
            body().decode().encode("utf-16"),
        ),
        body().replace(b'"model": "m"', b'"n": 1, "n": 2000'),
        *(b"[" * 50_000, b'{"a":' * 50_000, b"[" + b"0," * 200_000 + b"0]", b"9" * 10_000),
    ],
    ids=lambda body: body[:12],
)
def test_what_is_not_plain_json_is_refused(request_body: bytes) -> None:
    refuse(request_body)
