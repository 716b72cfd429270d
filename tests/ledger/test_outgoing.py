"""ledger/outgoing.py: an address is plain http or https, and a redirect is only an answer."""

from http.client import HTTPSConnection

import pytest

from ledger.outgoing import Address
from tests.support.witnesses import answer, made_up_witness


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://witness.example", ("witness.example", None, "", False)),
        ("http://10.0.3.7:8100/a/b", ("10.0.3.7", 8100, "/a/b", False)),
        ("https://witness.example/", ("witness.example", None, "/", True)),
        ("http://[::1]:8100", ("::1", 8100, "", False)),
    ],
)
def test_an_address_is_read(url, parts):
    found = Address.parse(url)
    assert (found.host, found.port, found.path, found.tls is not None) == parts


def test_https_checks_the_certificate():
    connection = Address.parse("https://witness.example").connect(1)
    assert isinstance(connection, HTTPSConnection)
    tls = Address.parse("https://witness.example").tls
    assert tls is not None
    assert tls.check_hostname


def test_nobody_is_led_elsewhere():
    with made_up_witness(lambda body: answer(301, b"", "Location: http://127.0.0.1:1/")) as (
        site,
        told,
    ):
        connection = Address.parse(site.address).connect(5)
        connection.request("POST", "/", b"x")
        response = connection.getresponse()
        assert (response.status, response.read()) == (301, b"")
        connection.close()
        assert told.requests == [b"x"]
