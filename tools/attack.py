"""Attack a server of your own, a line for each attack: `make attack URL=…`.

Each request is one that harmed a vLLM without the allow-list: ended its engine, fetched other
addresses, took gigabytes of memory, or kept everybody waiting. All of them together send some
70 MB and take about a minute, one after the other. The exit code is 1 if one was not refused, or if
a page can no longer be read. Never aim it at a server of somebody else's.
"""

import json
import os
import socket
import ssl
import struct
import sys
import time
import zlib
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from lighton_ocr.endpoint import Endpoint
from lighton_ocr.engines.remote import connect
from lighton_ocr.engines.vllm.warm_up import warm_up_request
from lighton_ocr.errors import LightonOcrError

READ = "/v1/chat/completions"
SECONDS = 120.0  # for an answer; a server that takes longer has not withstood the attack
CLOSED = 0  # in place of a status: the connection was closed without an answer


@dataclass(frozen=True)
class Attack:
    """`send` returns the status of the answer; `status` is that of our allow-list."""

    name: str
    send: Callable[[Endpoint], int]
    status: int = 400


def attacks() -> list[Attack]:
    """Return all attacks, the slowest first, so that the others can run meanwhile."""
    return [
        Attack("half of a request, then silence", _send_half, 408),
        *_closed_routes(),
        *_bodies(),
        *_sizes(),
        *(_with_fields(name, fields) for name, fields in _FIELDS.items()),
        *(Attack(f"an image at {url}", _with_content(_image(url))) for url in _URLS),
        Attack("an image of 13,300 x 13,300 pixels in 22 KB", _with_content(_image(_bomb()))),
        Attack("a header of 4 billion pixels", _with_content(_image(_png(1 << 16, b"")))),
    ]


_FIELDS: dict[str, dict[str, Any]] = {
    "2,000 answers": {"n": 2000},
    "beam search": {"use_beam_search": True, "n": 8},
    "probabilities of the prompt": {"prompt_logprobs": 20},
    "probabilities of 20 tokens": {"logprobs": True, "top_logprobs": 20},
    "a grammar": {"structured_outputs": {"regex": "(a|aa)*" * 50}},
    "a schema": {"response_format": {"type": "json_object"}},
    "a truncated prompt": {"truncate_prompt_tokens": 10},
    "a chat template": {"chat_template": "{% for i in range(10**9) %}{% endfor %}"},
    "processor options": {"mm_processor_kwargs": {"size": 10**9}},
    "transfer parameters that are text": {"kv_transfer_params": "text"},
    "half of a surrogate pair in a draft": {"vllm_xargs": {"draft": "\ud800"}},
    "a draft that is no text": {"vllm_xargs": {"draft": [1, 2]}},
    "an endless answer": {"ignore_eos": True},
}
_URLS = (
    "http://127.0.0.1:1/a.png",
    "http://[::ffff:127.0.0.1]:1/a.png",
    "http://user:password@localhost:1/a.png",
    "http://none.invalid/a.png",
    "file:///etc/hostname",
)
_CLOSED_ROUTES = (
    *("/v1/completions", "/v1/responses", "/v1/messages", "/v1/chat/completions/batch"),
    *("/tokenize", "/sleep", "/collective_rpc", "/server_info", "/abort_requests", "/docs"),
)


def _closed_routes() -> list[Attack]:
    def post(path: str) -> Callable[[Endpoint], int]:
        return lambda server: _post(server, b"{}", path)

    return [Attack(f"the route {path}", post(path), 404) for path in _CLOSED_ROUTES]


def _bodies() -> list[Attack]:
    text = [{"type": "text", "text": "Hello"}]
    long = [{"type": "text", "text": "word " * 2_000_000}]
    return [
        # On a vLLM without the allow-list, this one ends the engine.
        Attack("text alone, with top_k", _with_content(text, top_k=5, temperature=1)),
        Attack("a prompt of 10 MB", _with_content(long)),
        Attack("two images", lambda server: _send(server, lambda body: _part(body) * 2)),
        Attack("JSON 50,000 levels deep", lambda server: _post(server, b"[" * 50_000)),
        Attack("a field that comes twice", _send_twice),
    ]


def _sizes() -> list[Attack]:
    return [
        Attack("a body of 33 MiB", lambda server: _post(server, b" " * (33 << 20)), 413),
        Attack(
            "a body of 400 MiB that never comes",
            lambda server: _raw(server, f"Content-Length: {400 << 20}\r\n\r\n"),
            413,
        ),
        Attack(
            "headers of 1 MiB",
            lambda server: _raw(server, f"X-Long: {'x' * (1 << 20)}\r\n\r\n"),
            431,
        ),
    ]


def read_page(server: Endpoint) -> int:
    """Ask for the beginning of a blank page, and return the status."""
    return _post(server, json.dumps(_page(server)).encode())


def _page(server: Endpoint) -> dict[str, Any]:
    return warm_up_request(server.model) | {"model": server.served_name}


def _part(body: dict[str, Any]) -> list[Any]:
    return list(body["messages"][0]["content"])


def _image(url: str) -> list[dict[str, Any]]:
    return [{"type": "image_url", "image_url": {"url": url}}]


def _with_fields(name: str, fields: dict[str, Any]) -> Attack:
    return Attack(name, lambda server: _send(server, _part, **fields))


def _with_content(content: list[dict[str, Any]], **fields: object) -> Callable[[Endpoint], int]:
    return lambda server: _send(server, lambda _: content, **fields)


def _send(
    server: Endpoint, content: Callable[[dict[str, Any]], list[Any]], **fields: object
) -> int:
    body = _page(server)
    messages = [{"role": "user", "content": content(body)}]
    return _post(server, json.dumps(body | {"messages": messages} | fields).encode())


def _send_twice(server: Endpoint) -> int:
    body = json.dumps(_page(server)).encode()
    return _post(server, b'{"max_tokens": 1000000, ' + body[1:])


def _send_half(server: Endpoint) -> int:
    return _raw(server, 'Content-Length: 1000\r\n\r\n{"model": ')


def _post(server: Endpoint, body: bytes, path: str = READ) -> int:
    headers = server.headers | {"Content-Type": "application/json"}
    url = server.root_url + path
    try:
        return httpx2.post(url, content=body, headers=headers, timeout=SECONDS).status_code
    except (httpx2.WriteError, httpx2.ReadError, httpx2.RemoteProtocolError):
        return CLOSED


def _raw(server: Endpoint, request: str) -> int:
    """Send the rest of a request's headers, and of its body, as they are."""
    where = urlsplit(server.base_url)
    host, is_https = where.hostname or "", where.scheme == "https"
    lines = [f"POST {READ} HTTP/1.1", f"Host: {host}", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in server.headers.items()]
    port = where.port or (443 if is_https else 80)
    try:
        with socket.create_connection((host, port), timeout=SECONDS) as connection:
            if is_https:
                connection = ssl.create_default_context().wrap_socket(  # noqa: PLW2901
                    connection, server_hostname=host
                )
            connection.sendall(("\r\n".join(lines) + "\r\n" + request).encode())
            status = connection.recv(12).split()
    except ConnectionError:
        return CLOSED
    return int(status[1]) if len(status) == 2 else CLOSED


def _bomb() -> str:
    """Build the data URL of a PNG that is small and opens to gigabytes."""
    side = 13_300
    return _png(side, zlib.compress((b"\0" * (1 + (side + 7) // 8)) * side, 9))


def _png(side: int, rows: bytes) -> str:
    """Build the data URL of a black-and-white PNG, from its compressed rows."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return "data:image/png;base64," + b64encode(png).decode()


def main() -> int:
    """Run all attacks, print a line for each, and return the exit code."""
    try:
        server = connect(sys.argv[1], os.environ.get("LIGHTON_OCR_API_KEY"))
    except LightonOcrError as error:
        sys.exit(str(error))
    slow, *others = attacks()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(slow.send, server)
        results = [_run(attack.name, lambda: attack.send(server)) for attack in others]  # noqa: B023
        results.append(_run(slow.name, late.result))
    results.append(_run("afterwards, a page", lambda: read_page(server), refused=False))
    sys.stdout.write(f"{sum(results)} of {len(results)} as they should be.\n")
    return 0 if all(results) else 1


def _run(name: str, send: Callable[[], int], refused: bool = True) -> bool:
    start = time.monotonic()
    try:
        status = send()
        good = (status == CLOSED or 400 <= status < 500) if refused else status == 200
        found = "closed" if status == CLOSED else str(status)
    except (httpx2.HTTPError, OSError) as error:
        good, found = False, type(error).__name__
    seconds = time.monotonic() - start
    sys.stdout.write(f"{'ok' if good else 'BAD':3} {found:>7} {seconds:6.1f} s  {name}\n")
    sys.stdout.flush()
    return good


if __name__ == "__main__":
    sys.exit(main())
