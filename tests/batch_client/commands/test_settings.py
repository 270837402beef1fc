import re
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.batch_client.commands.batchctl import ENTITIES, Batchctl
from tests.batch_client.scripted import Answer, ScriptedService

KEY = "rb_s3cret.key"


def sent_key(service: ScriptedService) -> str | None:
    return service.asked[-1].headers.get("Authorization")


def test_the_key_comes_from_the_environment_or_a_file(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES] * 5
    batchctl.write("key", f"{KEY}.file\n")
    batchctl.write("other", f"{KEY}.other")
    ways: list[tuple[list[str], dict[str, str], str | None]] = [
        ([], {"BATCH_API_KEY": KEY}, KEY),
        ([], {"BATCH_API_KEY_FILE": "key"}, f"{KEY}.file"),
        ([], {"BATCH_API_KEY_FILE": "key", "BATCH_API_KEY": KEY}, KEY),
        (["--api-key-file", "other"], {"BATCH_API_KEY_FILE": "key", "BATCH_API_KEY": KEY}, f"{KEY}.other"),
        ([], {"BATCH_API_KEY": ""}, None),
    ]
    for options, environment, key in ways:
        done = batchctl("entities", *options, environment=environment)
        assert done.code == 0
        assert sent_key(service) == (None if key is None else f"Bearer {key}")
        assert "s3cret" not in done.out + done.err


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"BATCH_URL": "batch.example"}, "BATCH_URL or --url is 'batch.example', and should be an address"),
        ({"BATCH_URL": "ftp://batch.example"}, "should be an address as http://127.0.0.1:8002"),
        ({"BATCH_URL": "http://"}, "should be an address"),
        ({"BATCH_URL": "http://host:port"}, "should be an address"),
        ({"BATCH_URL": "ftp://me:s3cret@host"}, "is 'ftp://...@host'"),
        ({"BATCH_URL": "http://me:s3cret@127.0.0.1"}, "holds a name or a password"),
        ({"BATCH_URL": "http://host/?x=1"}, "should end before the '?'"),
        ({"BATCH_API_KEY": "s3cret s3cret"}, "BATCH_API_KEY holds no API key"),
        ({"BATCH_API_KEY": "s3cret\r\nX-Evil: 1"}, "BATCH_API_KEY holds no API key"),
        ({"BATCH_API_KEY": "s3crét"}, "BATCH_API_KEY holds no API key"),
        ({"BATCH_API_KEY_FILE": "nowhere"}, "BATCH_API_KEY_FILE (nowhere) cannot be read: No such file or directory."),
        ({"BATCH_API_KEY_FILE": "empty"}, "BATCH_API_KEY_FILE (empty) holds no API key"),
        ({"BATCH_API_KEY_FILE": "binary"}, "BATCH_API_KEY_FILE (binary) holds no API key"),
    ],
)
def test_a_setting_that_makes_no_sense_is_one_line(batchctl: Batchctl, environment: dict[str, str], said: str) -> None:
    batchctl.write("empty", "\n")
    batchctl.write("binary", b"\xff\xfes3cret")
    done = batchctl("entities", environment=environment)
    assert (done.code, done.out, len(done.said)) == (2, "", 1)
    assert done.err.startswith("batchctl: ")
    assert said in done.err
    assert "s3cret" not in done.err


def test_a_key_that_travels_in_the_open_is_warned_of(batchctl: Batchctl) -> None:
    done = batchctl("entities", environment={"BATCH_URL": "http://batch.invalid", "BATCH_API_KEY": KEY})
    assert done.code == 3
    assert "Warning: the API key travels unencrypted to batch.invalid; use https." in done.said[0]
    assert KEY not in done.err


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(401, {"error": "Send a credential."}), "Send a credential. Set BATCH_API_KEY, or name a file with the key"),
        (Answer(403, {"error": "The scope batch:read is missing."}), "The scope batch:read is missing. The key does not allow"),
        (Answer(500, {"error": "Oops."}, {"X-Request-Id": "r-1"}), "Oops. (request r-1)"),
        (Answer(400, {"error": "\x1b[31mred\x07\nlines"}), "\ufffd[31mred\ufffd lines"),
        (Answer(200, b"<html>"), "The answer is not JSON."),
        (Answer(302, {}, {"Location": "/login"}), "HTTP 302"),
    ],
)
def test_a_refusal_is_one_line(service: ScriptedService, batchctl: Batchctl, answer: Answer, said: str) -> None:
    service.answers += [answer]
    done = batchctl("jobs", "list")
    assert (done.code, done.out, len(done.said)) == (3, "", 1)
    assert done.err.startswith(f"batchctl: {said}")


def test_a_service_that_is_not_there_is_tried_a_few_times(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [Answer(200, hang_up=True)] * 3
    done = batchctl("jobs", "list")
    assert done.code == 3
    assert done.err == f"batchctl: No answer from {service.url}: Remote end closed connection without response.\n"
    assert len(service.asked) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["import"],
        ["import", "users"],
        ["jobs", "watch"],
        ["jobs", "list", "--status", "odd"],
        ["import", "users", "-", "--format", "csv", "--batch-size", "0"],
        ["import", "users", "x.csv", "--output", "xml"],
        ["nonsense"],
        ["import", "users", "x.csv", "--idempotency-key", "short"],
        ["import", "users", "x.csv", "--api-key", "s3cret"],
    ],
)
def test_a_command_that_makes_no_sense_is_told_how_it_is_used(batchctl: Batchctl, arguments: list[str]) -> None:
    done = batchctl(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Usage: batchctl" in done.err


def test_help_and_version_are_asked_for_and_given(batchctl: Batchctl) -> None:
    assert batchctl("--version").out == f"batchctl {version('rest-batch')}\n"
    for command in ([], ["import"], ["submit"], ["jobs", "watch"], ["jobs", "retry"]):
        done = batchctl(*command, "--help")
        assert done.code == 0
        assert re.search(r"130 +interrupted by Ctrl-C", done.out)


def test_every_call_says_who_calls(service: ScriptedService, batchctl: Batchctl) -> None:
    service.answers += [ENTITIES]
    batchctl("entities")
    assert service.asked[0].headers["User-Agent"].startswith("rest-batch-client/")


def test_a_path_before_the_service_is_kept(service: ScriptedService, batchctl: Batchctl, tmp_path: Path) -> None:
    service.answers += [ENTITIES]
    batchctl("entities", "--url", f"{service.url}/behind/")
    assert service.asked[0].path == "/behind/v1/batch/entities"
