"""Hiring over HTTP and by form: an attempt is made once, and its password is told once."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.attempts import Attempts
from timebank.bank import Bank
from timebank.stations.actions import hire_at_station
from timebank.stations.model import Actor, Role

MOST_LOGIN = 60
"""Characters of a login, and of an office."""


class StatedStaff(BaseModel):
    """Somebody who is to work at a station."""

    model_config = ConfigDict(extra="forbid", strict=True)

    login: str = Field(min_length=1, max_length=MOST_LOGIN)
    title: str = Field("", max_length=MOST_LOGIN, description="An office, not a private name.")
    role: Literal["clerk", "reviewer", "kiosk"]


class Hired(BaseModel):
    """Somebody who may sign in from now on."""

    staff: str
    login: str
    role: str
    station: str
    password: str | None = Field(
        None,
        repr=False,
        description="The first password, told once: null where the same request is repeated.",
    )


def hire_once(
    bank: Bank, tried: Attempts, actor: Actor, station_code: str, stated: StatedStaff, *, key: str
) -> Hired:
    """Hire somebody; the same attempt again answers the same without the password.

    What is kept for repetitions never holds the password: whoever asks again did not lose a
    secret, and one that was lost is replaced by ``timebank password``.

    Raises, the first that applies:
        KeyReused: see :meth:`api.attempts.Attempts.answer`.
        NotPermitted … StaffExists: see :func:`timebank.stations.actions.hire_at_station`.
    """
    told: list[str] = []

    def make() -> Hired:
        staff_id, password = hire_at_station(
            bank,
            actor,
            station_code,
            login=stated.login,
            title=stated.title,
            role=Role(stated.role),
        )
        told.append(password)
        return Hired(
            staff=staff_id,
            login=stated.login,
            role=stated.role,
            station=station_code,
            password=None,
        )

    content = f"{station_code}\n{stated.model_dump_json()}".encode()
    kept = tried.answer("hire", actor, key, content, make)
    return kept.model_copy(update={"password": told[0]}) if told else kept
