"""ledger/guard.py: a book may be written to only if it extends what was published before."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ledger.errors import BookNotFound, LogForked, StorageFault
from ledger.guard import Guarded, guard, guard_witnesses
from ledger.keys import SigningKey
from ledger.merkle import Frontier
from ledger.notes import parse_note, sign_note
from ledger.publication import Publisher
from ledger.trust_policy import parse_trust_policy
from ledger.witnessing import Witnesses
from tests.support.books import ORIGIN, Book, finds
from tests.support.witnesses import answer, made_up_witness, our_witness

POOL, ANNA = "acct_pool", "acct_anna"


class Public:
    """A book with a published log, and posts that make both grow."""

    def __init__(self, book: Book, folder: Path) -> None:
        self.book, self.folder = book, folder
        self.writer = book.writer()
        book.open_accounts(self.writer, {POOL: (None, None), ANNA: (0, None)})

    def grow(self, posts: int) -> None:
        actions = [self.book.posting(POOL, ANNA, 1) for _ in range(posts)]
        for future in [self.writer.submit(action) for action in actions]:
            future.result()

    def publish(self) -> int:
        return (
            Publisher(self.book.database, self.folder, finds(self.book.log_key))
            .publish_now()
            .new_size
        )

    def guard(self, thorough: bool = True) -> Guarded:
        return guard(self.book.database, self.folder, ORIGIN, thorough=thorough)

    def behind(self, *statements: str, **values: object) -> None:
        """What the owner of an SQLite file can do: no trigger holds them back."""
        with self.book.database.writing.connect() as connection, connection.begin():
            names = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            triggers = connection.execute(text(names)).all()
            for trigger in triggers:
                connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
            for statement in statements:
                connection.execute(text(statement), values)
            for trigger in triggers:
                connection.exec_driver_sql(trigger.sql)


@pytest.fixture
def public(sqlite_book: Book, tmp_path: Path) -> Public:
    return Public(sqlite_book, tmp_path / "log")


BOTH = pytest.mark.parametrize("thorough", [True, False], ids=["thorough", "short"])


@BOTH
def test_a_sound_book_passes_on_both_databases(book: Book, tmp_path: Path, thorough: bool) -> None:
    public = Public(book, tmp_path / "log")
    size = public.guard(thorough).size
    assert public.guard(thorough) == Guarded(size, 0)
    public.publish()
    assert public.guard(thorough) == Guarded(size, size)
    public.grow(3)
    assert public.guard(thorough) == Guarded(size + 3, size)


@BOTH
@pytest.mark.parametrize("published", [255, 256, 257, 300])
def test_it_passes_wherever_the_public_log_ends(
    public: Public, published: int, thorough: bool
) -> None:
    public.grow(published - public.guard().size)
    assert public.publish() == published
    for more in (0, 1, 2):
        public.grow(more)
        assert public.guard(thorough).public_size == published


@BOTH
def test_an_old_copy_of_the_database_is_refused(public: Public, thorough: bool) -> None:
    size = public.guard().size
    with public.book.database.read() as connection:
        head = connection.execute(text("SELECT root, frontier FROM head")).one()
    public.grow(2)
    public.publish()
    public.behind(
        "DELETE FROM leaf WHERE leaf_index >= :size",
        "UPDATE head SET size = :size, root = :root, frontier = :frontier",
        size=size,
        root=head.root,
        frontier=head.frontier,
    )
    with pytest.raises(LogForked, match="old copy"):
        public.guard(thorough)


def rewritten(public: Public, leaf_index: int) -> None:
    """Change one leaf and make the head true again: what no look at the head can find."""
    changed = "UPDATE leaf SET body = CAST('{}' AS BLOB) WHERE leaf_index = :index"
    public.behind(changed, index=leaf_index)
    with public.book.database.read() as connection:
        query = "SELECT body FROM leaf ORDER BY leaf_index"
        leaves = [bytes(body) for body in connection.execute(text(query)).scalars()]
    from ledger.merkle import leaf_hashes

    frontier = Frontier().append(leaf_hashes(leaves))
    public.behind(
        "UPDATE head SET root = :root, frontier = :frontier",
        root=frontier.root(),
        frontier=frontier.to_bytes(),
    )


@BOTH
def test_a_rewritten_public_leaf_is_refused(public: Public, thorough: bool) -> None:
    public.grow(3)
    size = public.publish()
    public.grow(1)
    rewritten(public, size - 1)
    with pytest.raises(LogForked):
        public.guard(thorough)


@BOTH
def test_a_leaf_rewritten_before_it_was_public_passes_until_it_is(
    public: Public, thorough: bool
) -> None:
    """Nobody outside saw it: only the signed submissions can tell, and the verifier asks them."""
    public.publish()
    public.grow(1)
    rewritten(public, public.guard().size - 1)
    assert public.guard(thorough).size > public.guard(thorough).public_size


def test_a_changed_old_leaf_is_found_by_the_thorough_start(public: Public) -> None:
    public.grow(3)
    public.publish()
    public.behind("UPDATE leaf SET body = CAST('{}' AS BLOB) WHERE leaf_index = 1")
    with pytest.raises(LogForked, match="not those that were published"):
        public.guard()
    assert public.guard(thorough=False).size == public.guard(thorough=False).public_size


@BOTH
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM leaf WHERE leaf_index = (SELECT max(leaf_index) FROM leaf)",
        "INSERT INTO leaf (book_id, leaf_index, body) SELECT 1, size, CAST('{}' AS BLOB) FROM head",
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE head SET frontier = zeroblob(8)",
        "UPDATE head SET frontier = zeroblob(7)",
    ],
    ids=["a leaf less", "a leaf more", "another root", "another frontier", "no frontier"],
)
def test_a_head_that_is_not_its_leaves_is_refused(
    public: Public, statement: str, thorough: bool
) -> None:
    public.behind(statement)
    with pytest.raises(LogForked):
        public.guard(thorough)


FILES = ["tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44"]
FILES += ["tile/1/000.p/1"]


@pytest.mark.parametrize("path", FILES)
def test_a_changed_public_file_is_found_by_the_thorough_start(public: Public, path: str) -> None:
    public.grow(300 - public.guard().size)
    assert public.publish() == 300
    file = public.folder / path
    data = file.read_bytes()
    public.grow(1)
    for changed in (data[:-1] + bytes([data[-1] ^ 1]), data[:-1], data + b"x", b""):
        file.write_bytes(changed)
        with pytest.raises(LogForked, match=f"{path} is not what the leaves give; .*made again"):
            public.guard()
    file.unlink()
    assert public.guard() == Guarded(301, 300)


def test_a_full_tile_beyond_the_public_tree_must_begin_as_its_partial_one(public: Public) -> None:
    """It was written for a tree that is not public yet, and the partial one is gone."""
    public.grow(250 - public.guard().size)
    public.publish()
    checkpoint = (public.folder / "checkpoint").read_bytes()
    public.grow(20)
    public.publish()
    (public.folder / "checkpoint").write_bytes(checkpoint)
    assert not (public.folder / "tile/0/000.p").exists()
    assert public.guard() == Guarded(270, 250)
    (public.folder / "tile/0/000").write_bytes(bytes(8_192))
    with pytest.raises(LogForked, match="tile/0/000 is not what the leaves give"):
        public.guard()


def test_a_public_file_that_cannot_be_read_is_a_fault_of_the_disk(public: Public) -> None:
    size = public.publish()
    file = public.folder / f"tile/0/000.p/{size}"
    file.unlink()
    file.mkdir()
    with pytest.raises(StorageFault):
        public.guard()


def test_tiles_of_more_leaves_than_the_book_has_are_refused(public: Public) -> None:
    """Whoever takes the checkpoint away does not get an old copy past the guard."""
    size = public.publish()
    public.grow(1)
    public.publish()
    (public.folder / "checkpoint").unlink()
    assert public.guard() == Guarded(size + 1, 0)
    (public.folder / f"tile/0/000.p/{size + 1}").rename(public.folder / f"tile/0/000.p/{size + 2}")
    with pytest.raises(LogForked, match=f"{size + 2} leaves are in the folder's tiles"):
        public.guard()


def test_a_hole_is_refused(public: Public) -> None:
    public.behind("DELETE FROM leaf WHERE leaf_index = 1")
    with pytest.raises(LogForked, match="missing"):
        public.guard()


@BOTH
def test_a_strangers_checkpoint_is_refused(public: Public, thorough: bool) -> None:
    public.publish()
    file = public.folder / "checkpoint"
    text = parse_note(file.read_bytes()).text
    file.write_text(sign_note(text, SigningKey.generate(ORIGIN)), "utf-8")
    with pytest.raises(LogForked, match="not this log's"):
        public.guard(thorough)
    elsewhere = public.folder.with_name("none")
    with pytest.raises(LogForked, match="the key is of"):
        guard(public.book.database, elsewhere, "timebank.example/other", thorough=thorough)


def test_without_hash_tiles_the_short_guard_hashes_every_leaf(public: Public) -> None:
    public.grow(1)
    public.publish()
    for tile in (public.folder / "tile" / "0").rglob("*"):
        if tile.is_file():
            tile.unlink()
    assert public.guard(thorough=False).public_size == public.guard().size
    public.behind("UPDATE leaf SET body = CAST('{}' AS BLOB) WHERE leaf_index = 1")
    with pytest.raises(LogForked):
        public.guard(thorough=False)


def test_progress_ends_at_the_size(public: Public) -> None:
    heard: list[tuple[int, int]] = []
    database = public.book.database
    size = guard(database, public.folder, ORIGIN, progress=lambda *step: heard.append(step)).size
    assert heard == [(0, size), (size, size)]


def test_tables_without_a_book_are_no_book(public: Public) -> None:
    public.behind("DELETE FROM head")
    with pytest.raises(BookNotFound):
        public.guard()


# What witnesses remember --------------------------------------------------------------------


def asked_by(public: Public, policy: str, size: int | None = None) -> None:
    """Guard by the witnesses of a policy, in a process that was just started."""
    witnesses = Witnesses(parse_trust_policy(policy.encode()), wait=timedelta(seconds=2))
    given = public.guard().size if size is None else size
    guard_witnesses(witnesses, public.folder, public.book.log_key, given)


def publish_witnessed(public: Public, policy: str) -> int:
    witnesses = Witnesses(parse_trust_policy(policy.encode()))
    book = public.book
    publisher = Publisher(book.database, public.folder, finds(book.log_key), witnesses=witnesses)
    size = publisher.publish_now().new_size
    assert not publisher.unwitnessed
    return size


def test_a_book_that_extends_what_was_witnessed_passes(public: Public, tmp_path: Path) -> None:
    with our_witness(tmp_path / "w", public.book.log_key.vkey) as site:
        policy = site.line() + "quorum w1\n"
        asked_by(public, policy)  # Before anything is public, and before it was ever asked.
        asked_by(public, policy)
        publish_witnessed(public, policy)
        asked_by(public, policy)
        public.grow(3)
        asked_by(public, policy)
        publish_witnessed(public, policy)
        asked_by(public, policy)


@pytest.mark.parametrize("with_folder", [True, False], ids=["old folder", "no folder"])
def test_an_old_copy_of_database_and_folder_is_refused(
    public: Public, tmp_path: Path, with_folder: bool
) -> None:
    """Set back together they agree with each other; only the witness remembers."""
    with our_witness(tmp_path / "w", public.book.log_key.vkey) as site:
        policy = site.line() + "quorum w1\n"
        size = publish_witnessed(public, policy)
        if with_folder:
            shutil.copytree(public.folder, tmp_path / "copy")
        with public.book.database.read() as connection:
            head = connection.execute(text("SELECT root, frontier FROM head")).one()
        public.grow(2)
        publish_witnessed(public, policy)
        shutil.rmtree(public.folder)
        if with_folder:
            shutil.copytree(tmp_path / "copy", public.folder)
        public.behind(
            "DELETE FROM leaf WHERE leaf_index >= :size",
            "UPDATE head SET size = :size, root = :root, frontier = :frontier",
            size=size,
            root=head.root,
            frontier=head.frontier,
        )
        assert public.guard().size == size  # Nothing here can tell.
        with pytest.raises(LogForked, match=r"'w1' cosigned \d+ leaves.*old copy.*bring back"):
            asked_by(public, policy)


def test_another_past_of_the_same_length_is_refused(public: Public, tmp_path: Path) -> None:
    with our_witness(tmp_path / "w", public.book.log_key.vkey) as site:
        policy = site.line() + "quorum w1\n"
        publish_witnessed(public, policy)
        shutil.rmtree(public.folder)
        public.grow(1)
        rewritten(public, 1)
        public.publish()
        with pytest.raises(LogForked, match="'w1' cosigned other leaves"):
            asked_by(public, policy)


def test_a_witness_that_cannot_be_asked_keeps_nobody_from_starting(public: Public) -> None:
    public.publish()
    with made_up_witness(lambda body: answer(500)) as (site, told):
        policy = site.line() + "quorum w1\n"
        asked_by(public, policy)
        told.say = lambda body: answer(404)
        asked_by(public, policy)
        told.say = lambda body: b""
        asked_by(public, policy)
    asked_by(public, policy)


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_a_witness_may_be_ahead_of_what_is_public_but_not_of_the_book(
    public: Public, beyond: int
) -> None:
    """It cosigned a tree whose quorum was never reached: that tree is the book's all the same."""
    public.publish()
    public.grow(5)
    size = public.guard().size
    told = answer(409, b"%d\n" % (size + beyond), "Content-Type: text/x.tlog.size")
    with made_up_witness(lambda body: told) as (site, _told):
        if beyond > 0:
            with pytest.raises(LogForked, match="old copy"):
                asked_by(public, site.line() + "quorum w1\n")
        else:
            asked_by(public, site.line() + "quorum w1\n")
