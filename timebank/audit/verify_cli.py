"""``timebank-verify BUNDLE``: what a stranger runs; no database, no configuration.

``timebank-verify receipt FILE`` judges one receipt; a folder called ``receipt`` is ``./receipt``.
"""

import argparse
import json
import sys
from pathlib import Path

from ledger.notes import NoteRejected
from ledger.trust_policy import TrustPolicyRejected, read_trust_policy
from timebank.audit import receipt_cli
from timebank.audit.verification import verify_all
from timebank.bars import bar


def main(arguments: list[str] | None = None) -> int:
    """Verify a bundle or a published log; 0 without a fault, 1 with one, 2 for a wrong call."""
    asked = sys.argv[1:] if arguments is None else arguments
    if asked[:1] == ["receipt"]:
        return receipt_cli.main(asked[1:])
    parser = argparse.ArgumentParser(
        prog="timebank-verify",
        description="Verify a time bank's bundle or published log, offline.",
        epilog="timebank-verify receipt FILE --vkey VKEY verifies one receipt.",
    )
    parser.add_argument("bundle", type=Path, help="folder of the bundle or of the log")
    parser.add_argument("--vkey", help="the log's verifier key, from elsewhere")
    parser.add_argument("--since", type=Path, help="file with an older checkpoint of this log")
    parser.add_argument("--size", type=_size, metavar="N", help="leaves that it must have")
    parser.add_argument("--policy", type=Path, metavar="FILE", help="trust policy with witnesses")
    parser.add_argument(
        "--predecessor",
        type=Path,
        metavar="BUNDLE",
        help="last bundle of the frozen log that this one follows; both are verified",
    )
    parser.add_argument("--first", action="store_true", help="stop at the first fault")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(asked)
    if not given.bundle.is_dir():
        parser.error(f"{given.bundle} is no folder")
    if given.predecessor is not None and not given.predecessor.is_dir():
        parser.error(f"--predecessor: {given.predecessor} is no folder")
    try:
        policy = None if given.policy is None else read_trust_policy(given.policy)
    except TrustPolicyRejected as error:
        parser.error(f"--policy: {error}")
    try:
        with bar("核验 verify") as progress:
            judged = verify_all(
                given.bundle,
                vkey=given.vkey,
                since=given.since,
                least_size=given.size,
                policy=policy,
                predecessor=given.predecessor,
                progress=progress,
                first=given.first,
            )
    except NoteRejected as error:
        parser.error(f"--vkey: {error}")
    if given.json:
        sys.stdout.write(json.dumps(judged.as_json(), ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(judged.lines()) + "\n")
    return 0 if judged.ok else 1


def _size(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError("not a number of leaves")
    return int(text)
