"""The addresses; the batch view finds the others by them."""

from django.urls import path
from drf_batch_requests.views import BatchView

from users.views import CreateUser, StaticUser

urlpatterns = [
    path("batch", BatchView.as_view()),
    path("users", CreateUser.as_view()),
    path("static", StaticUser.as_view()),
]
