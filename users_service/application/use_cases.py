"""All use cases, as the entry hands them to the views."""

from dataclasses import dataclass

from users_service.application.change_user import ChangeUser
from users_service.application.check_password import CheckPassword
from users_service.application.create_user import CreateUser
from users_service.application.create_users import CreateUsers
from users_service.application.delete_user import DeleteUser
from users_service.application.purge_answers import PurgeAnswers
from users_service.application.read_users import ReadUsers


@dataclass(frozen=True, slots=True)
class UseCases:
    """What the service can do."""

    create_user: CreateUser
    create_users: CreateUsers
    read_users: ReadUsers
    change_user: ChangeUser
    delete_user: DeleteUser
    check_password: CheckPassword
    purge_answers: PurgeAnswers
