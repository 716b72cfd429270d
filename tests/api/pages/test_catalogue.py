"""api/pages/catalogue.toml: every word in both languages, none unused, none fixed for a city."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import api.pages
from api.pages.catalogue import Language, Words, entries, facts_named, language_named
from api.pages.kiosk_visits import WHY
from api.pages.my import WORK_WHY
from timebank.clearing.comparing import What
from timebank.people.accesses import IDENTITY, Purpose
from timebank.policy.vocabulary import Vocabulary
from timebank.records.classes import offered_classes
from timebank.stations.model import Role

FOLDER = Path(api.pages.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))
SOURCES = [*TEMPLATES, *sorted(FOLDER.glob("*.py"))]
CITY_WORDS = {field.name for field in fields(Vocabulary)}

# Sections whose keys are codes of the time bank, looked up by code and not by name.
BY_CODE = {
    "role",
    "state",
    "mark",
    "what",
    "account_kind",
    "door",
    "purpose",
    "data_field",
    "subject",
    "job_fact",
    "message_state",
    "call_outcome",
    "who",
    "channel",
    "payer",
    "service_class",
    "order_state",
    "order_step",
    "told",
    "stars",
    "party",
    "means",
    "word",
    "alarm",
    "help",
    "elder_state",
    "work_state",
    "weekday",
    "relation",
    "suspension_state",
    "suspension_step",
    "suspended_part",
    "suspended_for",
    "correction_kind",
    "correction_state",
    "person_role",
    "consent",
    "organisation_kind",
    "pairing_role",
    "age_band",
    "category",
    "unit_kind",
    "signing_means",
}
# Keys that are put together: the text before the part that varies.
BUILT = {
    "page.sign_": ("good", "wrong", "note"),
    "sign_in.": ("expired", "ended"),
    "kiosk.": ("ended", "lapsed"),
    "register.": ("posted", "awaiting", "noticed", "rehearsed", "nothing_new"),
    "notice.done_": ("object", "dismiss", "uphold"),
    "people.done_": ("join", "kin", "name", "end", "family", "portrait", "agreed"),
    "organisation.done_": ("register", "join", "leave"),
    "pairing.done_": ("make", "add", "hand", "end"),
    "suspension.done_": ("propose", "decide", "lift", "appeal", "answer"),
    "suspension.yours_": ("volunteer", "elder", "both"),
    "correction.done_": ("ask", "answer", "amend"),
    "correction.": ("name", "telephone", "id_number", "born_on"),
    "correction.your_part_": ("volunteer", "recipient"),
    "correction.touch_": ("missing", "personal"),
    "reversal.done_": ("reverse", "propose", "approve", "withdraw"),
    "reversal.is_": ("proposed", "approved", "withdrawn"),
    "estate.done_": ("report", "withdraw", "settle", "reverse"),
    "move.done_": ("asked", "stated", "approved", "returned", "proposed", "decided"),
    "move.": ("list_away", "list_in", "of_away", "of_in", "approve_away", "approve_in"),
    "clearing.done_": ("made", "taken", "proposed", "decided", "asked"),
    "clearing.": tuple(one.value for one in What),
    "finding.done_": ("closed", "explained"),
    "screen.": ("large", "larger", "largest"),
    "ask.": ("morning", "afternoon"),
    "visit.": tuple(one for reasons in (*WHY.values(), *WORK_WHY.values()) for one in reasons),
    "visit.did_": (
        "confirm",
        "dispute",
        "cancel",
        "rate",
        "accept",
        "decline",
        "gone",
        "sign_in",
        "sign_out",
        "interrupt",
    ),
    "my.": ("ended", "lapsed"),
    "gift.did_": ("give", "undo"),
    "opening.done_": (
        "submitted",
        "confirmed",
        "approved",
        "partly",
        "returned",
        "reversed",
    ),
    "campaign.done_": ("opened", "reported", "returned", "kept", "gone", "summary", "submitted"),
    "my_activity.done_": ("in", "out", "not_sent"),
    "activity.done_": ("kept", "gone", "handed", "partly", "noted"),
    "operator.": ("active", "inactive", "locked"),
}


OWN_SCRIPTS = {
    "<script src=\"{{ static('kiosk.js') }}\" defer>",
    '<script src="{{ static(\'my.js\') }}" type="module">',
}


def used_keys() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    named = set(re.findall(r"[\"']([a-z_]+\.[a-z_]+)[\"']", text)) & set(entries())
    built = {start + end for start, ends in BUILT.items() for end in ends}
    audit = set(re.findall(r"\"[a-z]+ (audit\.[a-z_]+)\"|f\"\{field\} (audit\.[a-z_]+)\"", text))
    return named | built | {key for pair in audit for key in pair if key}


def test_every_entry_speaks_both_languages_of_the_same_facts():
    for key, said in entries().items():
        assert set(said) == {"zh", "en"}, key
        zh, en = (facts_named(said[language]) - CITY_WORDS for language in ("zh", "en"))
        assert zh == en, key
        assert said["zh"].strip() == said["zh"] != "", key
        assert said["en"].strip() == said["en"] != "", key


def test_no_entry_is_unused():
    unused = {key for key in entries() if key.split(".")[0] not in BY_CODE} - used_keys()
    assert not unused


def test_no_template_asks_for_a_word_that_is_not_there():
    for path in TEMPLATES:
        asked = re.findall(r"\bt\('([a-z_.]+)'[,)]", path.read_text(encoding="utf-8"))
        assert set(asked) <= set(entries()), path.name


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_templates_hold_no_words_of_their_own(path):
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = set(re.findall(r"[\u4e00-\u9fff]+", text))
    assert not found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_templates_hold_nothing_that_the_security_policy_forbids(path):
    text = path.read_text(encoding="utf-8")
    assert "style=" not in text
    assert "<style" not in text
    assert set(re.findall(r"<script[^>]*>[^<]*", text)) <= OWN_SCRIPTS
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"(href|src|action)=\"(https?:)?//", text)


def test_a_city_may_replace_every_financial_word():
    city = Vocabulary(platform="互助平台", bank="平台", coin="时分", save="记入", spend="使用")
    # Words in which the character means something else.
    harmless = re.compile("保存|留存|取得|取消|银行卡")
    for key, said in entries().items():
        given = dict.fromkeys(facts_named(said["zh"]) - CITY_WORDS, "")
        shown = harmless.sub("", Words(Language.ZH, city)(key, **given))
        assert not set("银币存取") & set(shown), key


def test_words_on_elders_screens_are_the_plain_ones():
    elders = {"kiosk", "screen", "help", "elder_state", "relation", "ask", "visit", "gift", "what"}
    said = "".join(one["zh"] for key, one in entries().items() if key.split(".")[0] in elders)
    for avoided in ("PIN", "冻结", "拒绝", "黑名单", "冲销"):
        assert avoided not in said


@pytest.mark.parametrize(
    ("code", "language"),
    [("en", Language.EN), ("zh", Language.ZH), ("", Language.ZH), ("fr", Language.ZH)],
)
def test_an_unknown_language_is_chinese(code, language):
    assert language_named(code) == language


def test_a_code_without_a_word_shows_itself():
    words = Words(Language.EN, Vocabulary())
    assert words.or_code("role", "clerk") == "clerk"
    assert words.or_code("what", "no_such_kind") == "no_such_kind"


def test_every_look_of_others_can_be_told():
    told = {f"purpose.{one.value}" for one in Purpose if one is not Purpose.OWN}
    told |= {f"data_field.{one}" for one in IDENTITY} | {f"role.{one.value}" for one in Role}
    assert told <= set(entries())


def test_every_class_that_somebody_may_ask_for_has_its_words() -> None:
    assert {f"service_class.{one.code}" for one in offered_classes()} <= set(entries())
