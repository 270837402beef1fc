"""Import users from a CSV file with `username` and `password` columns, and write those that failed beside it.

`python examples/import_csv.py users.csv http://127.0.0.1:8002`
"""

import csv
import json
import sys
from pathlib import Path

from batch_client import BatchClient


def main(file: Path, service: str) -> int:
    """Import the file; return the exit code: 0 if every row became a user."""
    with file.open(newline="", encoding="utf-8") as rows:
        users = list(csv.DictReader(rows))
    with BatchClient(service) as client:
        job = client.submit_job("users", [{"method": "POST", "body": user} for user in users])
        sys.stdout.write(f"job {job.id}: {len(users)} users\n")
        counts = job.wait().counts
        failed = [{**users[result["index"]], "why": result["responseBody"]} for result in job.results(status="failed")]
    sys.stdout.write(f"{counts['succeeded']} created, {counts['failed']} refused\n")
    if failed:
        refused = file.with_suffix(".refused.ndjson")
        lines = ({name: value for name, value in row.items() if name != "password"} for row in failed)
        refused.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        sys.stdout.write(f"see {refused}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
