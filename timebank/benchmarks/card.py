"""The card of the posting benchmark: what was measured, as data and as a table."""

from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Measured:
    """One database at one size of group; rates are medians over the rounds, per second.

    ``ratio`` is the median of each round's own ratio, because the machine drifts between rounds.
    ``copied_too_entries_per_second`` is the rate with the copy for statements kept up.
    """

    database: str
    group: int
    entries_per_second: int
    copied_too_entries_per_second: int
    bare_rows_per_second: int
    ratio: float
    hot_account_entries_per_second: int
    hot_ratio: float


@dataclass(frozen=True, slots=True)
class Card:
    """Every measurement of one run, and what it ran on.

    ``copied_entries_per_second`` says by database how fast the copy for statements follows.
    """

    accounts: int
    rounds: int
    copied_entries_per_second: dict[str, int]
    versions: dict[str, str]
    measured: tuple[Measured, ...]

    def to_dict(self) -> dict[str, Any]:
        """The card as JSON has it."""
        return asdict(self)

    def table(self) -> Table:
        """The card for a terminal."""
        versions = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        copied = ", ".join(f"{n} {rate:,}/s" for n, rate in self.copied_entries_per_second.items())
        table = Table(
            title="Durable double-entry entries a second",
            caption=(
                f"{self.accounts:,} accounts, median of {self.rounds} interleaved rounds; "
                f"bare: insert-only, same bytes, same durability. "
                f"Copied for statements behind the writer: {copied}. {versions}"
            ),
        )
        table.add_column("database")
        headings = "group,entries/s,and copied/s,bare rows/s,ratio,hot/s,hot/spread"
        for heading in headings.split(","):
            table.add_column(heading, justify="right")
        for row in self.measured:
            table.add_row(
                row.database,
                f"{row.group:,}",
                f"{row.entries_per_second:,}",
                f"{row.copied_too_entries_per_second:,}",
                f"{row.bare_rows_per_second:,}",
                f"{row.ratio:.2f}",
                f"{row.hot_account_entries_per_second:,}",
                f"{row.hot_ratio:.2f}",
            )
        return table
