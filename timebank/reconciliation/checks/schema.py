"""The schema: every table, CHECK, index, trigger and function is as the migrations made it.

The owner of a database can drop a trigger, change a row and put the trigger back; what they forget
to put back is found here, what they changed by the other checks.

SQLite keeps each statement as it was written, so the frozen statements are run in memory and
compared word by word.  PostgreSQL writes its own spelling back; there the words of each definition
are compared as a bag, without casts and brackets.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache

from timebank.migrations.frozen import every_statement
from timebank.reconciliation.model import Check, Difference, Need, Severity
from timebank.reconciliation.view import View

WORDS = {
    "missing": (
        "数据库缺少这一项，保护可能已被拆除。",
        "The database lacks it: a guard may have been removed.",
    ),
    "changed": (
        "数据库中的这一项与本版本不同。",
        "It is not as this version made it.",
    ),
    "unknown": (
        "数据库多出这一项，不属于本版本。",
        "The database has it, and this version did not make it.",
    ),
}

Parts = dict[str, Counter[str]]
"""By name (``trigger leaf_no_update``): the words of the definition, as a bag."""

_OURS_BY_OTHERS = "alembic_version"
_WORD = re.compile(r"'[^']*'|[A-Za-z_]\w*|\d+|<>|[<>]=?|-|\|\||;")
_SPELLING = frozenset(
    ("any", "array", "bigint", "btree", "check", "create", "in", "public", "text", "using")
)
"""Words that PostgreSQL adds or takes away when it writes a definition back."""

_CREATED = re.compile(r"CREATE (?:UNIQUE )?(TABLE|INDEX|TRIGGER|FUNCTION) (\w+)(?:\(\))?")
_DROPPED = re.compile(r"DROP TABLE (\w+)")
_CONSTRAINT = re.compile(r"CONSTRAINT (\w+) (CHECK .*?),?$", re.MULTILINE)
_PRIMARY = re.compile(r"(PRIMARY KEY \([^)]*\))")
_COLUMN = re.compile(r"^    ([a-z_]+) (BIGINT|TEXT|BYTEA)(| NOT NULL),?$", re.MULTILINE)
_BODY = re.compile(r"\$\$(.*)\$\$", re.DOTALL)

_CATALOG = """
SELECT 'column ' || c.relname || '.' || a.attname,
       format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
   AND NOT a.attisdropped
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT c.relispartition
UNION ALL
SELECT 'partition ' || c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_class c
 WHERE c.relnamespace = current_schema()::regnamespace AND c.relispartition AND c.relkind = 'r'
UNION ALL
SELECT CASE k.contype WHEN 'p' THEN 'key ' || c.relname ELSE 'check ' || k.conname END,
       pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' unvalidated' END
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
 WHERE c.relnamespace = current_schema()::regnamespace AND k.contype IN ('c', 'p')
   AND NOT c.relispartition
UNION ALL
SELECT 'trigger ' || t.tgname,
       pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' disabled' END
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT 'index ' || i.indexname, i.indexdef FROM pg_indexes i
  JOIN pg_class c ON c.relname = i.indexname
   AND c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition
 WHERE i.schemaname = current_schema() AND NOT EXISTS (
   SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)
UNION ALL
SELECT 'function ' || p.proname, p.prosrc FROM pg_proc p
 WHERE p.pronamespace = current_schema()::regnamespace
UNION ALL
SELECT 'rule ' || r.rulename, r.definition FROM pg_rules r WHERE r.schemaname = current_schema()
"""


def check(view: View) -> Iterator[Difference]:
    """Each part of the schema that is missing, changed or not ours."""
    if view.is_sqlite:
        expected, found = sqlite_parts(), _sqlite_found(view)
    else:
        expected = postgresql_parts()
        found = {name: _words(said) for name, said in view.rows(_CATALOG)}
    for name in sorted(expected.keys() | found.keys()):
        if _OURS_BY_OTHERS in name:
            continue
        if name not in found:
            yield Difference(name, "missing")
        elif name not in expected:
            yield Difference(name, "unknown")
        elif expected[name] != found[name]:
            yield Difference(name, "changed")


@lru_cache(maxsize=1)
def sqlite_parts() -> Parts:
    """What the frozen statements make of an empty SQLite database."""
    with closing(sqlite3.connect(":memory:")) as memory:
        for statement in every_statement("sqlite"):
            memory.execute(statement)
        rows = memory.execute(_SQLITE_MASTER).fetchall()
    return {f"{kind} {name}": Counter(sql.split()) for kind, name, sql in rows}


_SQLITE_MASTER = (
    "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
)


def _sqlite_found(view: View) -> Parts:
    rows = view.rows(_SQLITE_MASTER)
    return {f"{kind} {name}": Counter(sql.split()) for kind, name, sql in rows}


@lru_cache(maxsize=1)
def postgresql_parts() -> Parts:
    """What the frozen statements say, by the names under which the catalog has it."""
    parts: Parts = {}
    tables: dict[str, Parts] = {}
    for statement in every_statement("postgresql"):
        if dropped := _DROPPED.match(statement.strip()):
            gone = tables.pop(dropped[1])
            # A table that its rows moved into may have CHECKs of the same names.
            for name in gone.keys() - {name for table in tables.values() for name in table}:
                del parts[name]
            continue
        made = _CREATED.match(statement.strip())
        if made is None:
            continue
        kind, name = made[1].lower(), made[2]
        if kind == "function":
            body = _BODY.search(statement)
            parts[f"function {name}"] = _words(body[1] if body else "")
        elif kind != "table":
            parts[f"{kind} {name}"] = _words(statement)
        elif " PARTITION OF " in statement:
            bound = statement.split(" PARTITION OF ")[1].split(None, 1)[1]
            parts[f"partition {name}"] = _words(bound)
        else:
            tables[name] = _table_parts(name, statement)
            parts |= tables[name]
    return parts


def _table_parts(table: str, statement: str) -> Parts:
    columns = {
        f"column {table}.{name}": _words(kind + null)
        for name, kind, null in _COLUMN.findall(statement)
    }
    checks = {f"check {name}": _words(said) for name, said in _CONSTRAINT.findall(statement)}
    keys = {f"key {table}": _words(said) for said in _PRIMARY.findall(statement)}
    return columns | checks | keys


def _words(definition: str) -> Counter[str]:
    # Texts keep their case and quotes; bounds of partitions are numbers, but come back in quotes.
    words = (
        word if word[0] == "'" and not word[1:-1].isdecimal() else word.strip("'").lower()
        for word in _WORD.findall(definition)
    )
    return Counter(word for word in words if word not in _SPELLING)


CHECK = Check(
    "schema",
    "表、约束、索引和触发器与本版本一致，没有被拆除或改动",
    "Tables, CHECKs, indexes and triggers are as this version made them",
    frozenset({Need.TABLES}),
    Severity.ALARM,
    check,
    WORDS,
)
