"""A fresh process that publishes one book into folder after folder that others left behind.

Run as ``python -m tests.ledger.crash.republisher JSON``; what became of each folder is one line.
"""

import json
import sys
from pathlib import Path

from ledger.database import open_database
from ledger.errors import LedgerFault
from ledger.keys import SigningKey
from ledger.publication import Publisher
from ledger.trust_policy import parse_trust_policy
from ledger.witnessing import Witnesses
from tests.support.books import SECOND, finds


def main() -> None:
    """Publish into every folder, each with a publisher that knows nothing of the others."""
    given = json.loads(sys.argv[1])
    key = SigningKey.load(Path(given["key"]))
    database = open_database(given["url"])
    for folder in given["folders"]:
        policy = given.get("policy", "")
        publisher = Publisher(
            database,
            Path(folder),
            finds(key, SECOND),
            witnesses=Witnesses(parse_trust_policy(policy.encode())) if policy else None,
        )
        try:
            publisher.publish_now()
        except LedgerFault as fault:
            print(f"{fault.code}: {fault}")
        else:
            print("unwitnessed" if publisher.unwitnessed else "published")
    database.dispose()


if __name__ == "__main__":
    main()
