"""Which version this is: that of the wheel it came in."""

from importlib import metadata

_WHEELS = ("rest-batch-client", "rest-batch")


def _version() -> str:
    for wheel in _WHEELS:
        try:
            return metadata.version(wheel)
        except metadata.PackageNotFoundError:
            continue
    return "0"  # a bare tree on the path


__version__ = _version()
USER_AGENT = f"rest-batch-client/{__version__}"
