"""Import a CSV file whose columns are the members of a body, however long it is; write the rows that were refused beside it.

`python examples/import_csv.py users.csv users http://127.0.0.1:8002`
"""

import csv
import sys
from pathlib import Path

from batch_client import BatchClient


def main(file: Path, entity: str, service: str) -> int:
    """Import the file; return the exit code: 0 if every row was accepted."""
    with BatchClient(service) as client:
        with file.open("rb") as data:
            job = client.submit_csv(entity, data)
        sys.stdout.write(f"job {job.id}\n")
        counts = job.wait().counts
        sys.stdout.write(f"{counts['succeeded']} created, {counts['failed']} refused\n")
        if counts["failed"] == 0:
            return 0
        refused = file.with_suffix(".refused.csv")
        with file.open(newline="", encoding="utf-8-sig") as before, refused.open("w", newline="", encoding="utf-8") as after:
            rows = (row for row in csv.reader(before) if row)
            writer = csv.writer(after)
            writer.writerow([*next(rows), "why"])
            at = -1
            for result in job.results(status="failed"):
                while at < result["index"]:
                    row, at = next(rows), at + 1
                writer.writerow([*row, result["responseBody"].get("error", result["responseCode"])])
    sys.stdout.write(f"see {refused}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
