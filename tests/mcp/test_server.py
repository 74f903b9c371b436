"""The SDK's own client starts `lighton-ocr mcp` and reads documents with it."""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from lighton_ocr.errors import UsageError
from lighton_ocr.mcp.roots import Roots
from lighton_ocr.mcp.server import MODELS_URI, TEXT_FORMATS
from tests.support.command_line import run
from tests.support.corpus import pdf
from tests.support.markdown import blocks
from tests.support.scripted_endpoint import ScriptedEndpoint, says, status

pytestmark = pytest.mark.slow  # the client starts a program


@pytest.fixture
def folder(tmp_path: Path, letter: Path) -> Path:
    """A folder to read, beside a file that may not be read."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "letter.pdf").write_bytes(pdf("Dear Mrs Lindqvist,", 1, size=(460, 90)))
    (folder / "empty.pdf").touch()
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (tmp_path / "secret.pdf").write_bytes(letter.read_bytes())
    (folder / "link.pdf").symlink_to(tmp_path / "secret.pdf")
    (folder / "loop.pdf").symlink_to(folder / "loop.pdf")
    (folder / "up").symlink_to(tmp_path / "documents")
    os.mkfifo(folder / "pipe.pdf")
    return folder


@asynccontextmanager
async def connected(*arguments: str | Path) -> AsyncIterator[Client]:
    command = ["-m", "lighton_ocr", "mcp", *map(str, arguments)]
    program = StdioServerParameters(command=sys.executable, args=command, env={**os.environ})
    async with Client(stdio_client(program)) as client:
        yield client


def texts(result: CallToolResult) -> list[str]:
    return [block.text for block in result.content if isinstance(block, TextContent)]


async def test_an_assistant_reads_a_document(folder: Path) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async with connected("--root", folder) as client:
        (tool,) = (await client.list_tools()).tools
        arguments = {"path": "letter.pdf", "pages": "1"}
        result = await client.call_tool(tool.name, arguments, progress_callback=hear)
        as_json = await client.call_tool(tool.name, arguments | {"format": "json"})
    assert set(tool.input_schema["properties"]) == {"path", "pages", "format"}
    assert tool.input_schema["properties"]["format"]["enum"] == list(TEXT_FORMATS)
    assert not result.is_error
    assert "Dear Mrs Lindqvist," in texts(result)[0]
    assert heard == [
        (0, 1, "Opening letter.pdf"),
        (1, 1, "Read 1 of 1 page of letter.pdf"),
    ]
    assert json.loads(texts(as_json)[0])["pages"][0]["page"] == 1


MISTAKES = (
    ({"path": "../secret.pdf"}, "../secret.pdf is outside the folders that may be read"),
    ({"path": "link.pdf"}, "link.pdf is outside the folders that may be read"),
    ({"path": "/etc/hostname"}, "/etc/hostname is outside the folders that may be read"),
    ({"path": "/no/such.pdf"}, "/no/such.pdf is outside the folders that may be read"),
    ({"path": "none.pdf"}, "There is no file none.pdf in"),
    ({"path": "."}, "There is no file . in"),
    ({"path": "-"}, "There is no file - in"),
    ({"path": "https://example.org/a.pdf"}, "There is no file https://example.org/a.pdf in"),
    ({"path": "loop.pdf"}, "loop.pdf cannot be opened"),
    ({"path": "a\0b"}, "cannot be opened"),
    ({"path": "a" * 5000}, "a" * 200 + " cannot be opened: File name too long."),
    ({"path": "up/../secret.pdf"}, "up/../secret.pdf is outside the folders that may be read"),
    ({"path": "pipe.pdf"}, "There is no file pipe.pdf in"),
    ({"path": "empty.pdf"}, "empty.pdf is empty"),
    ({"path": "broken.pdf"}, "broken.pdf"),
    ({"path": "letter.pdf", "pages": "7"}, "There is no page 7 in letter.pdf"),
    (
        {"path": "letter.pdf", "format": "docx"},
        "Unknown format 'docx': choose from md, txt, html, json, jsonl.",
    ),
)


async def test_mistakes_are_answered_in_a_sentence(folder: Path) -> None:
    async with connected("--root", folder) as client:
        for arguments, sentence in MISTAKES:
            result = await client.call_tool("read_document", arguments)
            assert result.is_error, arguments
            assert sentence in texts(result)[0]


async def test_an_endpoint_that_refuses_is_an_error_of_the_tool_until_it_does_not(
    folder: Path, scripted: ScriptedEndpoint
) -> None:
    scripted.key = "secret"
    async with connected("--root", folder, "--url", scripted.url) as client:
        refused = await client.call_tool("read_document", {"path": "letter.pdf"})
        scripted.key = None
        result = await client.call_tool("read_document", {"path": "letter.pdf"})
    assert refused.is_error
    assert scripted.url in texts(refused)[0]
    assert texts(result) == ["Hello from the page.\n"]


async def test_a_page_that_cannot_be_read_is_named_after_the_text(
    folder: Path, scripted: ScriptedEndpoint
) -> None:
    (folder / "two.pdf").write_bytes(pdf("page", 2))
    scripted.script = [says("first"), status(400)]
    async with connected("--root", folder, "--url", scripted.url) as client:
        result = await client.call_tool("read_document", {"path": str(folder / "two.pdf")})
    text, *warnings = texts(result)
    assert not result.is_error
    assert "first" in text
    assert len(warnings) == 1
    assert "Page 2" in warnings[0] or "page 2" in warnings[0]


async def test_the_documented_configuration_gives_the_models_as_a_resource(folder: Path) -> None:
    (block,) = [found for found in blocks() if found.language == "json"]
    command, *options = json.loads(block.text)["mcpServers"]["lighton-ocr"]["args"]
    options[options.index("/home/you/Documents")] = str(folder)
    assert command == "mcp"
    async with connected(*options) as client:
        (listed,) = (await client.list_resources()).resources
        (content,) = (await client.read_resource(listed.uri)).contents
    assert str(listed.uri) == MODELS_URI
    assert isinstance(content, TextResourceContents)
    assert {"pocket", "1b", "2-1b"} <= {model["name"] for model in json.loads(content.text)}


def test_a_root_must_be_a_folder(letter: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        Roots.of([letter])


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "mcp.py").write_text("raise ImportError\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run("mcp", "--root", str(tmp_path), PYTHONPATH=path)
    assert done.returncode == 2
    assert "[mcp]" in done.stderr.decode()
