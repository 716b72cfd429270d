"""Read policy profiles from TOML, strictly: whatever is not understood stops the start.

An unknown key would be a rule that silently does not apply; a value without a clause would be a
rule that nobody decided.  Floats are refused, because minutes and coefficients are exact.
"""

import tomllib
from importlib import resources
from pathlib import Path

import orjson

from ledger.submission import parse_submission
from timebank.errors import ProfileInvalid, UnknownProfile
from timebank.policy.faults import Fault
from timebank.policy.model import Profile
from timebank.policy.reader import Reader


def read_profile(text: str) -> Profile:
    """One profile from its TOML text.

    Raises, the first that applies:
        ProfileInvalid: not TOML; an unknown or missing key; a value without its clause, of another
            type, or out of bounds; settings that contradict each other.
        ProfileUnitNotTime: the unit counts services or items.
    """
    found = examine(text)
    if isinstance(found, Profile):
        return found
    name, faults = found
    raise faults[0].refusal(name)


def profile_in(leaf: bytes) -> Profile:
    """The profile whose text a ``policy`` leaf holds.

    Raises: as :func:`read_profile`.
    """
    note = orjson.loads(leaf)["sub"]
    return read_profile(str(parse_submission(note).body["text"]))


def examine(text: str) -> Profile | tuple[str, tuple[Fault, ...]]:
    """The profile, or the name that the text gives itself and everything that is wrong with it."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return "?", (Fault("TOML", f"不是正确的 TOML（{error}）", str(error)),)
    reader = Reader(table)
    profile = reader.profile(text)
    if profile is not None:
        return profile
    return str(table.get("name", "?")), tuple(reader.faults)


def shipped_names() -> tuple[str, ...]:
    """Names of the profiles that come with the package, in order."""
    folder = resources.files("timebank.policy") / "profiles"
    return tuple(
        sorted(
            entry.name.removesuffix(".toml")
            for entry in folder.iterdir()
            if entry.name.endswith(".toml")
        )
    )


def named_profile(name: str, folder: Path | None = None) -> Profile:
    """The profile of that name: the city's own in ``folder`` before the shipped one.

    Raises, the first that applies:
        UnknownProfile: there is no such file.
        ProfileInvalid, ProfileUnitNotTime: as :func:`read_profile`, or the file holds another name.
    """
    own = _own_files(folder)
    known = sorted({*own, *shipped_names()})
    if name not in known:
        raise UnknownProfile(profile=name[:60], known="、".join(known))
    if name in own:
        text = own[name].read_text(encoding="utf-8")
    else:
        shipped = resources.files("timebank.policy") / "profiles" / f"{name}.toml"
        text = shipped.read_text(encoding="utf-8")
    profile = read_profile(text)
    if profile.name != name:
        raise ProfileInvalid(
            profile=name,
            where="name",
            why="differs from the file's name",
            why_zh="与文件名不同",
        )
    return profile


def _own_files(folder: Path | None) -> dict[str, Path]:
    return {} if folder is None else {path.stem: path for path in folder.glob("*.toml")}
