"""All witnesses of a policy, asked at once; and whether what they answered is a quorum.

A witness that answers late delays nobody longer than the bound: its question is given up when the
next one is due.  What each of them answered last is kept for whoever looks after the server.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ledger.checkpoint import Checkpoint
from ledger.notes import Note, parse_note
from ledger.proofs import consistency_proof
from ledger.tiles import TileFolder
from ledger.trust_policy import KnownWitness, TrustPolicy
from ledger.witness import Answer, Prove, WitnessClient

WAIT = timedelta(seconds=5)
"""Longest that a publication waits for its witnesses."""
GRACE = timedelta(milliseconds=200)
"""How much longer it waits for the rest once the quorum is there."""


@dataclass
class _Seat:
    """One witness that can be asked, and the question that it was asked last."""

    witness: KnownWitness
    client: WitnessClient
    thread: threading.Thread | None = None
    last: Answer | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one witness stands: ``why`` of its last answer, empty where it cosigned or was not asked.

    ``name`` is printable whatever octets the policy has.
    """

    name: str
    why: str


class Witnesses:
    """The witnesses of ``policy`` that have an address."""

    def __init__(
        self, policy: TrustPolicy, *, wait: timedelta = WAIT, grace: timedelta = GRACE
    ) -> None:
        """Take up a policy.

        Raises:
            ValueError: an address is none, or those that can be asked can never be a quorum.
        """
        self.policy = policy
        self._wait, self._grace = wait, grace
        seconds = max(1, wait // timedelta(seconds=1))
        self._seats = [
            _Seat(one, WitnessClient(one.vkey, one.url, seconds))
            for one in policy.witnesses
            if one.url
        ]
        if not policy.is_met({seat.witness.name for seat in self._seats}):
            raise ValueError("the witnesses that have an address can never be the quorum")
        self._asking = threading.Lock()
        self._answered = threading.Condition()

    def complete(self, note: str, tiles: TileFolder) -> str | None:
        """The note with its witnesses' lines, or ``None`` while they are no quorum.

        ``tiles`` must have the tree of the note.  A note whose lines are a quorum already is
        answered as it is, so an idle log gathers no new times.
        """
        parsed = parse_note(note)
        witnessed = self.policy.witnessed(parsed)
        if witnessed and self.policy.is_met(witnessed):
            return note
        ours = [one for one in self.policy.witnesses if one.name not in witnessed]
        false = {line for one in ours for line in parsed.lines_of(one.vkey)}
        parsed = Note(parsed.text, tuple(line for line in parsed.lines if line not in false))
        answers = self.ask(
            note, tiles, lambda names: self.policy.is_met(witnessed | names), leave_out=witnessed
        )
        for answer in answers.values():
            if answer.line is not None:
                parsed = parsed.with_lines(answer.line)
        return str(parsed) if self.policy.is_met(self.policy.witnessed(parsed)) else None

    def ask(
        self,
        note: str,
        tiles: TileFolder,
        enough: Callable[[frozenset[str]], bool] = lambda names: False,
        *,
        leave_out: frozenset[str] = frozenset(),
    ) -> dict[str, Answer]:
        """Every witness's answer to ``note``, by name.

        Waits until all have answered, or a little longer than those that cosigned are ``enough``.
        Threads that ask at once take turns: a server's first post and its publisher may.
        """
        with self._asking:
            return self._ask_all(note, tiles, enough, leave_out)

    def _ask_all(
        self,
        note: str,
        tiles: TileFolder,
        enough: Callable[[frozenset[str]], bool],
        leave_out: frozenset[str],
    ) -> dict[str, Answer]:
        head = Checkpoint.parse(parse_note(note).text)
        nodes = tiles.nodes(head.size)
        asked = [seat for seat in self._seats if seat.witness.name not in leave_out]
        answers: dict[str, Answer] = {}
        for seat in asked:
            if seat.thread is not None and seat.thread.is_alive():
                seat.client.abort()
                self._hear(seat, answers, Answer(why="slow"))
                continue
            seat.thread = threading.Thread(
                target=self._ask,
                args=(seat, answers, note, lambda old, new: consistency_proof(old, new, nodes)),
                name="witness",
                daemon=True,
            )
            seat.thread.start()

        def all_answered() -> bool:
            return len(answers) == len(asked)

        def settled() -> bool:
            cosigned = (name for name, one in answers.items() if one.line is not None)
            return all_answered() or enough(frozenset(cosigned))

        with self._answered:
            self._answered.wait_for(settled, self._wait.total_seconds())
            self._answered.wait_for(all_answered, self._grace.total_seconds())
            for seat in asked:
                if seat.witness.name not in answers:
                    seat.last = Answer(why="slow")
            return dict(answers)

    def standings(self) -> list[Standing]:
        """How each witness answered last, in the order of the policy."""
        with self._answered:
            return [
                Standing(
                    seat.witness.name.encode("utf-8", "backslashreplace").decode("utf-8"),
                    "" if seat.last is None else seat.last.why,
                )
                for seat in self._seats
            ]

    def close(self) -> None:
        """Give up what is still being asked."""
        for seat in self._seats:
            seat.client.abort()

    def _ask(self, seat: _Seat, answers: dict[str, Answer], note: str, prove: Prove) -> None:
        self._hear(seat, answers, seat.client.ask(note, prove))

    def _hear(self, seat: _Seat, answers: dict[str, Answer], answer: Answer) -> None:
        with self._answered:
            answers[seat.witness.name] = answer
            seat.last = answer
            self._answered.notify_all()
