"""Whether an account of the log is one that the chart of accounts knows, with its limits."""

from ledger.leaf import AccountOpened, Leaf
from ledger.replay import Say
from timebank.chart import Kind, title_of


def kind_of(leaf: Leaf, opened: AccountOpened, say: Say) -> Kind | None:
    """The account's kind; ``None``, and a finding, where no chart has it."""
    try:
        title = title_of(opened.kind)
    except ValueError:
        say(leaf.index, "account_kind", f"no chart of accounts has the kind {opened.kind}")
        return None
    if (opened.floor, opened.ceiling) != (title.floor, title.ceiling):
        limits = f"floor {title.floor}, ceiling {title.ceiling}"
        say(leaf.index, "account_limits", f"an account of the kind {opened.kind} has {limits}")
    return title.kind
