"""How many TCP connections a target has accepted: it says so itself, so that none is missed or counted twice."""

import os
from collections.abc import Mapping
from pathlib import Path

import requests

_HOOK = Path(__file__).resolve().parent / "accept_log"


class AcceptLog:
    """The files in which programs note what they accept, a byte a connection; `sitecustomize` makes any Python do so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program is started with to take part; one that is not Python reads the variable itself."""
        path = [str(_HOOK), *filter(None, [os.environ.get("PYTHONPATH")])]
        return {"BENCH_ACCEPT_LOG": str(self._folder), "PYTHONPATH": os.pathsep.join(path)}

    def accepted(self, port: int) -> int:
        """Return how many connections were accepted on the port."""
        file = self._folder / str(port)
        return file.stat().st_size if file.exists() else 0


class NginxStatus:
    """The same from nginx's status page (ngx_http_stub_status_module), of which every read is a connection too."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._reads = 0

    def accepted(self) -> int:
        """Return how many connections nginx has accepted, this class's own aside."""
        self._reads += 1
        answer = requests.get(self._url, timeout=10, proxies={"http": ""})
        answer.raise_for_status()
        accepts = answer.text.splitlines()[2].split()[0]
        return int(accepts) - self._reads
