"""Items as newline-delimited JSON, one a line (github.com/ndjson/ndjson-spec)."""

from collections.abc import Iterable, Iterator

from batch_service.api.item_schema import read_draft
from batch_service.domain.batch import Draft
from servicekit import strict_json
from servicekit.problems import FieldError, ProblemError

MEDIA_TYPE = "application/x-ndjson"


def read_drafts(lines: Iterable[bytes]) -> Iterator[Draft]:
    """Read the item of each line, skipping empty ones; raise a 400 problem for a line that is not JSON."""
    index = 0
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        try:
            value = strict_json.loads(line)
        except strict_json.InvalidJsonError as error:
            fault = str(error).replace("The body", f"Line {number}").replace(" at line 1, column", " at column")
            sentence = fault if fault.startswith("Line") else f"Line {number}: {fault}"
            pointed: list[FieldError] = [{"pointer": f"/{index}", "detail": sentence}]
            raise ProblemError(400, sentence, code="invalid_json", errors=pointed) from None
        yield read_draft(value)
        index += 1
