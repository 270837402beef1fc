from pathlib import Path

from local_stack.demo.worker_log import connections_opened


def test_the_last_word_of_the_log_counts(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_bytes(b"job 1 done: connections_opened=4\n\xff\njob 2 done: connections_opened=16\n")
    assert connections_opened(log) == 16


def test_a_log_that_says_nothing_is_unknown(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("started\n")
    assert connections_opened(log, limit_s=0.1) is None
