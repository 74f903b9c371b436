"""The prompt around a picture, in the forms that the engines send."""

from tokenizers import Tokenizer

IM_START, IM_END = 1, 2


def prompts(tokenizer: Tokenizer) -> list[tuple[list[int], list[int]]]:
    """The tokens before and after the picture, in the four forms that engines send.

    With and without a system turn (vLLM and transformers send one), with and without turn marks
    around the picture (llama.cpp adds them).
    """
    encode = lambda text: tokenizer.encode(text).ids  # noqa: E731
    user = [IM_START, *encode("user\n")]
    system = [IM_START, *encode("system"), IM_END, *encode("\n"), *user]
    after = [IM_END, *encode("\n"), IM_START, *encode("assistant\n")]
    marked = [IM_END, *after]
    return [
        (system, after),
        (user, after),
        ([*system, IM_START], marked),
        ([*user, IM_START], marked),
    ]
