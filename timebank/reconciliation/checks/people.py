"""People: everybody has one account and a place in the vault, and every member account a person."""

from collections.abc import Iterator

from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "account_missing": (
        "此人的账户 {account} 不存在，或不是成员账户。",
        "The person's account {account} does not exist, or is no member's account.",
    ),
    "person_missing": (
        "成员账户不属于任何人，存有 {posted} 分钟。",
        "The member account of {posted} minutes belongs to nobody.",
    ),
    "vault_missing": (
        "此人在保险库中的资料或密钥缺失，姓名已无法读出。",
        "The person's sealed data or key is missing: nobody can read the name any more.",
    ),
    "not_forgotten": (
        "此人已注销，资料或密钥却还在；请再次注销。",
        "The person was erased, and sealed data or the key is still there; forget them again.",
    ),
    "number_of_nobody": (
        "编号不属于任何已登记的人。",
        "The number stands for nobody who is registered.",
    ),
}

_ACCOUNTS = """
SELECT p.person_id, p.account_id FROM person p
  LEFT JOIN account a ON a.book_id = p.book_id AND a.account_id = p.account_id
  LEFT JOIN organisation o ON o.book_id = p.book_id AND o.organisation_id = p.person_id
 WHERE p.book_id = :book AND (a.account_id IS NULL
    OR a.kind <> CASE WHEN o.organisation_id IS NULL THEN 'member' ELSE 'organisation' END)
 ORDER BY p.person_id
"""

_PERSONS = """
SELECT a.account_id, coalesce(b.posted, 0) FROM account a
  LEFT JOIN balance b ON b.book_id = a.book_id AND b.account_no = a.account_no
 WHERE a.book_id = :book AND a.kind IN ('member', 'organisation') AND NOT EXISTS (
   SELECT 1 FROM person p WHERE p.book_id = a.book_id AND p.account_id = a.account_id)
 ORDER BY a.account_id
"""

_VAULT = """
SELECT p.person_id, p.state, v.person_id FROM person p
  LEFT JOIN vault v ON v.book_id = p.book_id AND v.person_id = p.person_id
 WHERE p.book_id = :book ORDER BY p.person_id
"""

_NUMBERS = """
SELECT n.number FROM person_number n WHERE n.book_id = :book AND NOT EXISTS (
   SELECT 1 FROM person p WHERE p.book_id = n.book_id AND p.person_id = n.person_id)
 ORDER BY n.number
"""


def check(view: View) -> Iterator[Difference]:
    """Persons against accounts both ways, then against the vault, then their numbers."""
    for person, account in view.rows(_ACCOUNTS):
        yield Difference(f"person {person}", "account_missing", {"account": account})
    for account, posted in view.rows(_PERSONS):
        yield Difference(f"account {account}", "person_missing", {"posted": posted})
    yield from _vault(view)
    for (number,) in view.rows(_NUMBERS):
        yield Difference(f"number {number}", "number_of_nobody")


def _vault(view: View) -> Iterator[Difference]:
    """Persons, their sealed data and their keys side by side; a key of nobody does no harm."""
    owners = view.key_owners()
    owner = next(owners, None)
    for person, state, sealed in view.rows(_VAULT):
        while owner is not None and owner < person:
            owner = next(owners, None)
        has_key = owner == person
        if state == "erased" and (has_key or sealed is not None):
            yield Difference(f"person {person}", "not_forgotten")
        elif state != "erased" and not (has_key and sealed is not None):
            yield Difference(f"person {person}", "vault_missing")


CHECK = Check(
    "people",
    "每人恰有一个账户和一份保险库资料，每个成员账户都有主人",
    "Each person has one account and sealed data; each member account has its person",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
