"""For any WSGI server: `users_service.wsgi:app`, set up by the environment."""

from users_service.app import create_app
from users_service.bootstrap import wire
from users_service.settings import read_settings

app = create_app(wire(read_settings()))
