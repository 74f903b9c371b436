"""What other clients send beside the model and the messages, if a user sets only sampling."""

from typing import Any

README = {"temperature": 0.2, "top_p": 0.9, "max_tokens": 4096}
USAGE = {"stream": True, "stream_options": {"include_usage": True}}
CLIENTS: dict[str, dict[str, Any]] = {
    "openai": README,
    "openai, streamed": README | {"stream": True},
    "requests and fetch": README | {"stream": True},
    "curl": README,
    "langchain-openai": {"stream": False, "max_completion_tokens": 4096, "temperature": 0.2},
    "langchain-openai, streamed": USAGE,
    "langchain-openai, before 1.0": {"n": 1, "stream": False, "temperature": 0.7, "logprobs": None},
    "litellm": {"temperature": 0.2, "top_p": 0.9, "max_tokens": 4096, "stream": False},
    "litellm, streamed": USAGE | {"user": "somebody"},
    "Vercel AI SDK": README | USAGE | {"frequency_penalty": 0, "presence_penalty": 0, "seed": 0},
    "olmocr": {"temperature": 0.1, "max_tokens": 8000, "logprobs": True, "top_logprobs": 1},
    "with every null": dict.fromkeys(("n", "tools", "response_format", "seed", "stop", "metadata")),
}
