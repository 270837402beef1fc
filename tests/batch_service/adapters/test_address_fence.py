import socket
from ipaddress import ip_network

import pycurl
import pytest

from batch_service.adapters.address_fence import Address, AddressFence
from batch_service.domain.attempt import Answered, Fault, NotSent
from tests.batch_service.making import make_entity, make_request
from tests.batch_service.raw_target import RawTarget
from tests.batch_service.sending import Send

PRIVATE = [
    "10.1.2.3",
    "127.0.0.1",
    "169.254.169.254",
    "192.168.0.1",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "fe80::1%2",
    "fd00::1",
]
MAPPED = ["::ffff:127.0.0.1", "::ffff:169.254.169.254"]
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]


def opens(fence: AddressFence, host: str) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = fence.open_socket(0, Address(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, (host, 80)))
    return bool(opened != pycurl.SOCKET_BAD)


@pytest.mark.parametrize("host", PRIVATE + MAPPED)
def test_a_name_must_not_resolve_to_a_private_address(host: str) -> None:
    fence = AddressFence(make_entity(url="http://things.example/v1/things"))
    assert not opens(fence, host)
    assert fence.refused


@pytest.mark.parametrize("host", PUBLIC)
def test_a_name_may_resolve_to_a_public_address(host: str) -> None:
    fence = AddressFence(make_entity(url="http://things.example/v1/things"))
    assert opens(fence, host)
    assert not fence.refused


@pytest.mark.parametrize("host", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_a_network_that_the_registry_names_is_allowed_and_no_other(host: str) -> None:
    fence = AddressFence(make_entity(url="http://things.example/v1/things", allow_private=(ip_network("10.0.0.0/8"),)))
    assert opens(fence, host)
    assert not opens(fence, "192.168.0.1")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://10.1.2.3/v1/things", "10.1.2.3"),
        ("http://[::1]:8000/v1/things", "::1"),
        ("http://[::ffff:10.1.2.3]/v1/things", "::ffff:10.1.2.3"),
        ("http://localhost/v1/things", "127.0.0.1"),
        ("http://localhost/v1/things", "::1"),
    ],
)
def test_an_address_in_the_url_itself_is_allowed_and_no_other(url: str, host: str) -> None:
    fence = AddressFence(make_entity(url=url))
    assert opens(fence, host)
    assert not opens(fence, "192.168.0.1")


@pytest.mark.parametrize("order", [["10.1.2.3", "93.184.215.14"], ["93.184.215.14", "10.1.2.3"]])
def test_a_name_with_one_good_address_may_have_been_sent_to(order: list[str]) -> None:
    fence = AddressFence(make_entity(url="http://things.example/v1/things"))
    for host in order:
        opens(fence, host)
    assert not fence.refused


def test_what_the_last_transfer_met_is_forgotten() -> None:
    fence = AddressFence(make_entity(url="http://things.example/v1/things"))
    opens(fence, "127.0.0.1")
    fence.reset()
    assert not fence.refused


@pytest.mark.parametrize("host", ["things.localhost", "2130706433"])
def test_nothing_is_sent_through_the_fence(send: Send, target: RawTarget, host: str) -> None:
    """Both are the loopback address, and the registry names neither the address nor its network."""
    entity = make_entity(url=f"http://{host}:{target.port}/v1/things")
    assert send(entity, [make_request(url=entity.url)]) == [NotSent(0, Fault.ADDRESS_REFUSED)]
    assert target.accepted == 0


def test_one_entity_does_not_travel_on_the_connection_of_another(send: Send, target: RawTarget) -> None:
    url = f"http://things.localhost:{target.port}/v1/things"
    allowed = make_entity(name="allowed", url=url, allow_private=(ip_network("127.0.0.0/8"), ip_network("::1/128")))
    assert isinstance(send(allowed, [make_request(url=url)])[0], Answered)
    assert send(make_entity(url=url), [make_request(url=url)]) == [NotSent(0, Fault.ADDRESS_REFUSED)]
