"""Organisations in the log: what they earn and give, judged again."""

from ledger.leaf import AccountOpened, Leaf
from timebank.chart import Kind
from timebank.errors.organisations import OrganisationDonatesOnly
from timebank.policy.eligibility import check_organisation
from timebank.policy.model import Profile


class Organisations:
    """The accounts of organisations that were opened so far."""

    def __init__(self) -> None:
        self._accounts: set[str] = set()

    def leaf(self, leaf: Leaf) -> None:
        """Take in an account that is one's."""
        if isinstance(leaf.body, AccountOpened) and leaf.body.kind == Kind.ORGANISATION:
            self._accounts.add(leaf.identifier)

    def __contains__(self, account: str) -> bool:
        return account in self._accounts

    def check_earns(self, profile: Profile, account: str) -> None:
        """Let an account earn for a service.

        Raises:
            OrganisationEarnsNothing: it is an organisation's, and the profile has none.
        """
        if account in self._accounts:
            check_organisation(profile)

    def check_gives(self, giver: str, receiver: str) -> None:
        """Let one account give to another person's.

        Raises:
            OrganisationDonatesOnly: either is an organisation's.
        """
        if giver in self._accounts or receiver in self._accounts:
            raise OrganisationDonatesOnly(field="number")
