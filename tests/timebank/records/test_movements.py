"""timebank/records/movements.py: who gives, who receives, and where the difference goes."""

import pytest

from timebank.chart import Kind
from timebank.records.model import Payer
from timebank.records.movements import movements_of, payer_account


def account_of(kind: Kind) -> str:
    """An account for each kind, as a book has them."""
    return f"acct_{kind.value}"


@pytest.mark.parametrize(
    ("payer", "kind"),
    [(Payer.NOBODY, Kind.ISSUANCE), (Payer.GRANT, Kind.GRANT_FUND), (Payer.POOL, Kind.POOL)],
)
def test_the_books_own_accounts_pay(payer: Payer, kind: Kind) -> None:
    assert payer_account(account_of, payer, "") == account_of(kind)


def test_an_elder_pays_from_their_own_account() -> None:
    assert payer_account(account_of, Payer.ELDER, "acct_e") == "acct_e"


@pytest.mark.parametrize(
    ("credited", "charged", "overflow", "moves"),
    [
        (60, 60, 0, ["payer volunteer 60"]),
        (60, 59, 0, ["payer volunteer 59", "issuance volunteer 1"]),
        (60, 61, 0, ["payer volunteer 60", "payer redeemed 1"]),
        (60, 0, 0, ["issuance volunteer 60"]),
        (0, 60, 0, ["payer redeemed 60"]),
        (0, 0, 60, ["issuance pool 60"]),
        (40, 60, 20, ["payer volunteer 40", "payer redeemed 20", "issuance pool 20"]),
        (40, 30, 20, ["payer volunteer 30", "issuance volunteer 10", "issuance pool 20"]),
        (0, 0, 0, []),
    ],
)
def test_every_minute_has_a_giver_and_a_receiver(
    credited: int, charged: int, overflow: int, moves: list[str]
) -> None:
    names = {account_of(kind): kind.value for kind in (Kind.ISSUANCE, Kind.REDEEMED, Kind.POOL)}
    names |= {"acct_p": "payer", "acct_v": "volunteer"}
    found = movements_of(
        account_of, "acct_p", "acct_v", credited=credited, charged=charged, overflow=overflow
    )

    assert [
        f"{names[one.from_account]} {names[one.to_account]} {one.minutes}" for one in found
    ] == moves
    received = sum(one.minutes for one in found if one.to_account == "acct_v")
    given = sum(one.minutes for one in found if one.from_account == "acct_p")
    assert (received, given) == (credited, charged)
