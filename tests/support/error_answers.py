"""The server's answers to requests that it refuses."""

import httpx2


def error_sentence(answer: httpx2.Response) -> str:
    """Return the sentence of an error in OpenAI's shape; the code in it is the answer's status."""
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    assert error["message"].endswith((".", "?"))
    return str(error["message"])
