"""The one place where use cases meet their adapters."""

from dataclasses import dataclass

from servicekit.database import Database
from servicekit.migrations import Migrations
from servicekit.retirement import NOT_PLANNED, Retirement
from users_service.adapters.password_hashing import SlowPasswordHasher
from users_service.adapters.tables import api_keys, metadata
from users_service.adapters.user_store import SqlUserStore
from users_service.application.answer_once import AnswerOnce
from users_service.application.change_user import ChangeUser
from users_service.application.check_password import CheckPassword
from users_service.application.create_user import CreateUser
from users_service.application.create_users import CreateUsers
from users_service.application.delete_user import DeleteUser
from users_service.application.purge_answers import PurgeAnswers
from users_service.application.read_users import ReadUsers
from users_service.application.use_cases import UseCases
from users_service.settings import Settings

MIGRATIONS = Migrations(package="users_service", name="users")
METADATA = metadata
API_KEYS = api_keys


@dataclass(frozen=True, slots=True)
class Services:
    """A wired users service."""

    use_cases: UseCases
    database: Database
    v1_retirement: Retirement = NOT_PLANNED
    v2_retirement: Retirement = NOT_PLANNED


def wire(settings: Settings) -> Services:
    """Build the service; no connection is opened yet."""
    database = Database(settings.database_url)
    store = SqlUserStore(database)
    hasher = SlowPasswordHasher(
        memory_kib=settings.argon2_memory_kib,
        time_cost=settings.argon2_time_cost,
        parallelism=settings.argon2_parallelism,
        concurrency=settings.hash_concurrency,
    )
    purge = PurgeAnswers(store=store, retention_ms=settings.idempotency_retention_s * 1000)
    once = AnswerOnce(store=store, hasher=hasher, purge=purge)
    use_cases = UseCases(
        create_user=CreateUser(store=store, hasher=hasher, once=once),
        create_users=CreateUsers(store=store, hasher=hasher, purge=purge),
        read_users=ReadUsers(store=store),
        change_user=ChangeUser(store=store, hasher=hasher, once=once),
        delete_user=DeleteUser(store=store, once=once),
        check_password=CheckPassword(store=store, hasher=hasher),
        purge_answers=purge,
    )
    return Services(use_cases, database, settings.v1_retirement, settings.v2_retirement)
