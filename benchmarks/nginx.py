"""A static nginx: a target that answers every request at once, so that what is measured is the way to it."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

STATUS_PATH = "/accepted"
ANSWER: dict[str, Any] = {
    "userId": "01a204f5-7c74-71e9-9bf8-b90931cf6bb0",
    "username": "Diego",
    "email": None,
    "displayName": "Diego",
    "locale": "en",
    "metadata": {},
    "version": 1,
    "createdAt": "2026-01-01T00:00:00.000Z",
    "updatedAt": "2026-01-01T00:00:00.000Z",
}
_CONFIG = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  client_max_body_size 64m;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    default_type application/json;
    location = {status_path} {{ stub_status; }}
    location / {{ return 201 '{answer}'; }}
  }}
}}
"""


def find() -> str | None:
    """Return the program; Debian puts it where only root's PATH looks."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def arguments(program: str, folder: Path, port: int) -> list[str]:
    """Write a configuration; return the command that serves it in the foreground."""
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    answer = json.dumps(ANSWER)
    config.write_text(_CONFIG.format(user=user, folder=folder, port=port, answer=answer, status_path=STATUS_PATH))
    return [program, "-p", str(folder), "-e", "stderr", "-c", str(config)]
