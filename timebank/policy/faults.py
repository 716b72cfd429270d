"""What is wrong with the text of a profile: where, and why in two languages."""

from dataclasses import dataclass

from timebank.errors import ProfileInvalid, ProfileUnitNotTime


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a draft; ``where`` is the key, ``kind`` what a unit counts that is not time."""

    where: str
    zh: str
    en: str
    kind: str = ""

    def refusal(self, profile: str) -> ProfileInvalid | ProfileUnitNotTime:
        """The fault as what stops a start; ``profile`` is the name that the text gives itself."""
        if self.kind:
            return ProfileUnitNotTime(profile=profile, kind=self.kind)
        return ProfileInvalid(profile=profile, where=self.where, why_zh=self.zh, why=self.en)


def unit_not_time(kind: str) -> Fault:
    """The fault of a profile that counts services or items."""
    return Fault(
        "unit.kind",
        f"单位是 {kind}，不是时间：账本只记分钟，按次或按项目计价的规则无法换算成分钟",
        f"counts {kind}, not time: the books hold minutes, which no price of an item can tell",
        kind,
    )
