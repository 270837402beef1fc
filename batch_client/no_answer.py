"""Why there was no answer, in one sentence of the service's caller and not of the libraries in between."""

import requests

from batch_client.errors import BatchError

NO_ANSWER = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


def no_answer(base_url: str, error: BaseException) -> BatchError:
    """Make the error of a call that was never answered, or not to the end."""
    # One that cannot prove who it is will not prove it a second later.
    code = "not_trusted" if isinstance(error, requests.exceptions.SSLError) else "no_answer"
    return BatchError(f"No answer from {base_url}: {_reason(error)}.", code=code)


def _reason(error: BaseException) -> str:
    if isinstance(error, requests.Timeout):
        return "it took too long"
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text.strip().rstrip(".")
