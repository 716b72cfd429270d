"""A unit's summary: drafted from the figures, and as a Word document with the figures below it."""

import io
from collections.abc import Iterator
from datetime import datetime

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn

from timebank.campaigns.figures import CampaignFigures, Figures
from timebank.words import hours_text, minutes_zh

_MADE_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - a document's own clock has no zone
_FONT = "宋体"


def drafted(campaign: str, unit: str, starts_on: str, figures: CampaignFigures) -> str:
    """What the figures say, in paragraphs; posted ones, with the others named apart."""
    opening = f"{campaign}期间（{starts_on}至{figures.until_on}），{unit}组织开展志愿服务活动，"
    lines = [f"{opening}{_said(figures.total.posted)}。", *_by_theme(figures)]
    notice, pending = figures.total.under_notice, figures.total.pending
    if notice.minutes or pending.minutes:
        lines.append(
            f"另有公示中{minutes_zh(notice.minutes)}、待复核{minutes_zh(pending.minutes)}，"
            "未计入以上数字。"
        )
    lines.append(f"以上数字逐条出自时间银行已入账的服务记录，截至{figures.until_on}。")
    return "\n".join(lines)


def _by_theme(figures: CampaignFigures) -> Iterator[str]:
    for theme, by_state in figures.themes.items():
        if by_state.posted.activities:
            yield f"“{theme}”主题：{_said(by_state.posted)}。"


def _said(one: Figures) -> str:
    return (
        f"共{one.activities}场次，服务{one.heads}人次，志愿服务时长{minutes_zh(one.minutes)}，"
        f"参与志愿者{one.volunteers}人，队伍{one.teams}支"
    )


def document(title: str, text: str, figures: CampaignFigures) -> bytes:
    """The summary as .docx: a heading, its paragraphs, and a table of posted figures by theme."""
    made = Document()
    _prepare(made)
    made.add_heading(title, level=1)
    for line in text.splitlines():
        made.add_paragraph(line)
    rows = [("合计", figures.total.posted)]
    rows += [(theme, one.posted) for theme, one in figures.themes.items()]
    table = made.add_table(rows=1, cols=6)
    table.style = "Table Grid"
    head = ("主题", "场次", "受益人次", "时长（小时）", "志愿者", "队伍")
    for cell, label in zip(table.rows[0].cells, head, strict=True):
        cell.text = label
    for name, one in rows:
        said = (name, one.activities, one.heads, hours_text(one.minutes), one.volunteers, one.teams)
        for cell, value in zip(table.add_row().cells, said, strict=True):
            cell.text = str(value)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _prepare(made: WordDocument) -> None:
    """A Chinese face for every style, and nothing in the properties that differs by the day."""
    for name in ("Normal", "Heading 1"):
        style = made.styles[name]
        style.font.name = _FONT
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _FONT)
    about = made.core_properties
    about.author = about.last_modified_by = about.comments = ""
    about.created = about.modified = _MADE_AT
