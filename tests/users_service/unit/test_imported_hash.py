import base64
import hashlib

import bcrypt
import pytest
from argon2 import PasswordHasher

from users_service.adapters.password_hashing import SlowPasswordHasher
from users_service.domain.errors import InvalidValueError
from users_service.domain.imported_hash import check_imported_hash
from users_service.domain.password import Algorithm, Password, PasswordHash

SALT = "c2FsdHNhbHRzYWx0c2FsdA"
HASH = base64.b64encode(bytes(32)).decode().rstrip("=")
B22, B31 = "abcdefghijklmnopqrstuu", "abcdefghijklmnopqrstuvwxyz./AB."

ACCEPTED = {
    "argon2id": [
        f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${HASH}",  # argon2-cffi, PHP
        f"$argon2id$v=19$m=16384,t=2,p=1${SALT}${HASH}",  # Spring Security 5.8
        f"$argon2id$v=19$m=4096,t=3,p=1${SALT}${HASH}",  # Spring Security before
        f"$argon2id$v=19$m=19456,t=2,p=1${SALT}${HASH}",  # OWASP
    ],
    "bcrypt": [f"$2{minor}${cost}${B22}{B31}" for minor in "aby" for cost in (10, 12, 14)],
    "scrypt": [
        f"$scrypt$ln=16,r=8,p=1${SALT}${HASH}",  # passlib
        f"$scrypt$ln=14,r=8,p=1${SALT}${HASH}",  # Node
        f"$scrypt$ln=14,r=8,p=5${SALT}${HASH}",  # OWASP, Django
        f"$scrypt$ln=17,r=8,p=1${SALT}${HASH}",  # OWASP
    ],
    "pbkdf2-sha256": [
        f"$pbkdf2-sha256$29000${SALT}${HASH}",  # passlib
        f"$pbkdf2-sha256$10000${SALT}${HASH}",  # ASP.NET Identity
        f"$pbkdf2-sha256$2000000${SALT}${HASH}",
        f"$pbkdf2-sha256$i=600000,l=32${SALT}${HASH}",  # PHC
        f"$pbkdf2-sha256$i=600000${SALT}${HASH}",
    ],
}
REFUSED = {
    "argon2id": [
        "",
        "123456",
        f"$argon2i$v=19$m=65536,t=3,p=4${SALT}${HASH}",
        f"$argon2id$v=16$m=65536,t=3,p=4${SALT}${HASH}",
        f"$argon2id$m=65536,t=3,p=4${SALT}${HASH}",
        f"$argon2id$v=19$m=4194304,t=3,p=4${SALT}${HASH}",  # 4 GiB
        f"$argon2id$v=19$m=65537,t=3,p=4${SALT}${HASH}",
        f"$argon2id$v=19$m=4095,t=3,p=1${SALT}${HASH}",
        f"$argon2id$v=19$m=65536,t=6,p=4${SALT}${HASH}",
        f"$argon2id$v=19$m=65536,t=0,p=4${SALT}${HASH}",
        f"$argon2id$v=19$m=65536,t=3,p=5${SALT}${HASH}",
        f"$argon2id$v=19$m=065536,t=3,p=4${SALT}${HASH}",
        f"$argon2id$v=19$m=6553٦,t=3,p=4${SALT}${HASH}",
        f"$argon2id$v=19$t=3,m=65536,p=4${SALT}${HASH}",
        f"$argon2id$v=19$m=65536,t=3,p=4,keyid=AA${SALT}${HASH}",
        f"$argon2id$v=19$m=65536,t=3,p=4$c2FsdA${HASH}",  # 4 bytes of salt
        f"$argon2id$v=19$m=65536,t=3,p=4${SALT}$AAAA",
        f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${HASH}=",
        f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${HASH[:-1]}B",  # bits left over
        f"$argon2id$v=19$m=65536,t=3,p=4${SALT}AAA${HASH}",
        f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${HASH}\n",
        f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${HASH * 20}",
    ],
    "bcrypt": [
        f"$2b$09${B22}{B31}",
        f"$2b$15${B22}{B31}",
        f"$2b$31${B22}{B31}",
        f"$2x$10${B22}{B31}",
        f"$2$10${B22}{B31}",
        f"$2b$10${B22}{B31[:-1]}",
        f"$2b$10${B22}{B31}a",
        f"$2b$10${B22[:-1]}/{B31}",
        f"$2b$10${B22}{B31[:-1]}/",
        f"$2b$1٠${B22}{B31}",
        f"$2b$10${B22}{B31}\n",
        f"$argon2id$v=19$m=65536,t=3,p=4${SALT}${HASH}",
    ],
    "scrypt": [
        f"$scrypt$ln=18,r=8,p=1${SALT}${HASH}",
        f"$scrypt$ln=13,r=8,p=1${SALT}${HASH}",
        f"$scrypt$ln=17,r=8,p=2${SALT}${HASH}",
        f"$scrypt$ln=14,r=8,p=6${SALT}${HASH}",
        f"$scrypt$ln=9999999999,r=8,p=9999999999${SALT}${HASH}",
        f"$scrypt$ln=16,r=64,p=1${SALT}${HASH}",
        f"$scrypt$ln=16,r=8,p=1$${HASH}",
        f"$scrypt$ln=16,r=8,p=1${SALT}$AAAA",
        f"$scrypt$ln=16,r=8,p=1${SALT}${HASH[:-1]}B",
    ],
    "pbkdf2-sha256": [
        f"$pbkdf2-sha256$9999${SALT}${HASH}",
        f"$pbkdf2-sha256$2000001${SALT}${HASH}",
        f"$pbkdf2-sha256$0${SALT}${HASH}",
        f"$pbkdf2-sha256$i=600000,l=20${SALT}${HASH}",
        f"$pbkdf2-sha512$600000${SALT}${HASH}",
        f"$pbkdf2$600000${SALT}${HASH}",
        f"$pbkdf2-sha256$600000${SALT}$AAAA",
        f"pbkdf2_sha256$600000$salt${HASH}",
    ],
}


def cases(table: dict[str, list[str]]) -> list[PasswordHash]:
    return [PasswordHash(Algorithm(name), value) for name, values in table.items() for value in values]


@pytest.fixture(scope="module")
def hasher() -> SlowPasswordHasher:
    return SlowPasswordHasher(memory_kib=32, time_cost=1, parallelism=1, concurrency=2)


@pytest.mark.parametrize("imported", cases(ACCEPTED), ids=lambda case: case.value[:40])
def test_accepts(imported: PasswordHash) -> None:
    check_imported_hash(imported)


@pytest.mark.parametrize("imported", cases(REFUSED), ids=lambda case: ascii(case.value)[:60])
def test_refuses(imported: PasswordHash) -> None:
    with pytest.raises(InvalidValueError) as caught:
        check_imported_hash(imported)
    assert imported.value == "" or imported.value not in str(caught.value)


@pytest.mark.parametrize(
    "imported",
    [case for case in cases(ACCEPTED) if "$14$" not in case.value and "2000000" not in case.value],
    ids=lambda case: case.value[:40],
)
def test_whatever_is_accepted_can_be_verified(hasher: SlowPasswordHasher, imported: PasswordHash) -> None:
    assert hasher.verify(Password("123456"), imported) is False


def real_hashes(password: bytes) -> dict[str, str]:
    salt = b"0123456789abcdef"
    ab64 = [base64.b64encode(part).decode().rstrip("=").replace("+", ".") for part in (salt, b"")]
    plain = base64.b64encode(salt).decode().rstrip("=")
    scrypt = hashlib.scrypt(password, salt=salt, n=2**14, r=8, p=1, dklen=32)
    pbkdf2 = hashlib.pbkdf2_hmac("sha256", password, salt, 10_000)
    return {
        "argon2id": PasswordHasher(time_cost=1, memory_cost=4096, parallelism=1).hash(password),
        "bcrypt": bcrypt.hashpw(password, bcrypt.gensalt(10)).decode(),
        "scrypt": f"$scrypt$ln=14,r=8,p=1${plain}${base64.b64encode(scrypt).decode().rstrip('=')}",
        "pbkdf2-sha256": f"$pbkdf2-sha256$10000${ab64[0]}${base64.b64encode(pbkdf2).decode().rstrip('=').replace('+', '.')}",
    }


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_verifies_hashes_made_elsewhere(hasher: SlowPasswordHasher, algorithm: Algorithm) -> None:
    imported = PasswordHash(algorithm, real_hashes("pässwörd".encode())[algorithm])
    check_imported_hash(imported)
    assert hasher.verify(Password("pässwörd"), imported)
    assert not hasher.verify(Password("password"), imported)
    assert not hasher.is_current(imported)


def test_bcrypt_never_cuts_a_password_short(hasher: SlowPasswordHasher) -> None:
    imported = PasswordHash(Algorithm.BCRYPT, bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(10)).decode())
    assert hasher.verify(Password("x" * 72), imported)
    assert not hasher.verify(Password("x" * 73), imported)
    assert not hasher.verify(Password("é" * 37), imported)


def test_bcrypt_takes_a_nul_for_no_end(hasher: SlowPasswordHasher) -> None:
    imported = PasswordHash(Algorithm.BCRYPT, bcrypt.hashpw(b"abc", bcrypt.gensalt(10)).decode())
    assert bcrypt.checkpw(b"abc\0abc", imported.value.encode())  # the reason for the rule
    assert not hasher.verify(Password("abc\0abc"), imported)


def test_own_hashes_are_argon2id_at_the_current_cost(hasher: SlowPasswordHasher) -> None:
    made = hasher.hash(Password("123456"))
    assert made.value.startswith("$argon2id$v=19$m=32,t=1,p=1$")
    assert hasher.verify(Password("123456"), made)
    assert not hasher.verify(Password("123457"), made)
    assert hasher.is_current(made)
    dearer = SlowPasswordHasher(memory_kib=64, time_cost=1, parallelism=1, concurrency=1)
    assert not dearer.is_current(made)


def test_neither_shows_itself() -> None:
    assert "secret" not in repr(Password("secret"))
    assert "secret" not in repr(PasswordHash(Algorithm.BCRYPT, "secret"))
