"""``export``, ``verify``, ``reconcile`` and ``doctor``: keeping the books and showing them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ledger.book import read_head
from ledger.guard import guard
from ledger.notes import NoteRejected
from ledger.signatures import ML_DSA_44
from ledger.sm2 import gmssl
from ledger.sm2_signer import LOG_SM2_KEY
from ledger.tiles import TileFolder
from ledger.trust_policy import TrustPolicyRejected, read_trust_policy
from timebank.audit.bundle import export
from timebank.audit.verification import verify_all
from timebank.bank import Bank
from timebank.commands.shared import REFUSED, Data, Json, confirmed, opened, progress, say, told
from timebank.founding import FOUNDER
from timebank.keyring import ROOTS
from timebank.reconciliation.reconcile import reconcile

_REBUILD = (
    "由账本重写 {folder} 中丢失或损坏的文件（原文件另存于旁边的 -as-found 文件夹）？"
    "Make lost or damaged files of the published log anew, and keep what they were beside it?"
)


def export_command(
    out: Annotated[Path, typer.Option("--out", help="新文件夹 New folder for the bundle")],
    data: Data = None,
    json: Json = False,
) -> None:
    """导出 Write the whole book as a bundle that anybody can verify offline."""
    with told(json), opened(data) as bank, progress(json, "导出 export") as bar:
        made = export(
            bank.database,
            bank.log_signer_of,
            out,
            published=TileFolder(bank.settings.log_folder).checkpoint_note(),
            progress=bar,
        )
    answer: dict[str, Any] = {
        "out": str(out), "size": made.size, "root": made.root, "files": made.files
    }  # fmt: skip
    say(json, answer, f"{out}：{made.size} 条日志，{made.files} 个文件")


def verify_command(
    bundle: Annotated[Path, typer.Argument(exists=True, file_okay=False)],
    vkey: Annotated[str | None, typer.Option(help="别处得到的日志公钥 vkey from elsewhere")] = None,
    since: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="更早的检查点 older checkpoint")
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=1, help="至少应有的叶数 leaves that it must have")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(help="信任策略文件 trust policy of logs and witnesses")
    ] = None,
    predecessor: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="前一账本的最后账本包 last bundle of the former log"
        ),
    ] = None,
    first: Annotated[
        bool, typer.Option("--first", help="遇错即停 Stop at the first fault")
    ] = False,
    json: Json = False,
) -> None:
    """核验 Verify a bundle or log folder; needs no database."""
    try:
        trusted = None if policy is None else read_trust_policy(policy)
    except TrustPolicyRejected as error:
        raise typer.BadParameter(str(error), param_hint="--policy") from error
    try:
        with told(json), progress(json, "核验 verify") as bar:
            judged = verify_all(
                bundle, vkey=vkey, since=since, least_size=size, policy=trusted,
                predecessor=predecessor, progress=bar, first=first,
            )  # fmt: skip
    except NoteRejected as error:
        raise typer.BadParameter(str(error), param_hint="--vkey") from error
    say(json, judged.as_json(), *judged.lines())
    if not judged.ok:
        raise typer.Exit(REFUSED)


def reconcile_command(data: Data = None, json: Json = False) -> None:
    """对账 Run every check; exit code 1 if something is open."""
    with told(json), opened(data) as bank, progress(json, "对账 reconcile") as bar:
        made = reconcile(bank, FOUNDER, progress=bar)
    lines = [
        f"{check.name:<28} {'无差异' if not check.differences else f'{check.differences} 项差异'}"
        for check in made.checks
    ]
    say(json, made.as_json(), *lines)
    if made.open_findings:
        raise typer.Exit(REFUSED)


def doctor(
    rebuild: Annotated[
        bool,
        typer.Option(
            "--rebuild-published",
            help="重写公布的文件 Make lost or damaged public files",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 Do not ask")] = False,
    data: Data = None,
    json: Json = False,
) -> None:
    """体检 What state the book is in, and what it is not protected against."""
    with told(json), opened(data) as bank:
        if rebuild:
            confirmed(_REBUILD.format(folder=bank.settings.log_folder), yes=yes)
            made = _rebuilt(bank)
            say(json, {"written": made}, f"已重写 {made} 个文件 files written")
            return
        head = read_head(bank.database)
        found: dict[str, Any] = {
            "book": head.book,
            "origin": head.origin,
            "size": head.size,
            "entries": head.entries,
            "database": bank.database.writing.dialect.name,
            "policies": [profile.version for profile in bank.profiles],
            "warnings": _warnings(bank),
        }
    lines = [f"{name}：{value}" for name, value in found.items() if name != "warnings"]
    say(json, found, *lines, *found["warnings"])


def _rebuilt(bank: Bank) -> int:
    """Make lost and damaged public files again; how many, once the leaves are those signed.

    Raises:
        LogForked: they are not; then no file was touched.
        StorageFault: see :meth:`ledger.publication.Publisher.publish_now`.
    """
    guard(bank.database, bank.settings.log_folder, bank.origin, compare_files=False)
    return bank.publisher().publish_now(rebuild=True).files


def _warnings(bank: Bank) -> list[str]:
    """What the book is not protected against, Chinese and English in turn."""
    warnings = []
    if bank.witnesses is None:
        warnings += [
            "没有见证人：若数据与公布的日志一并回退，单凭本机无法发现。",
            "No witness: a rollback of data and published log cannot be seen from here alone.",
        ]
    if (bank.settings.keys_folder / ROOTS).exists():
        warnings += [
            "根密钥还在密钥文件夹里：谁拿到这台机器，谁就能更换所有密钥；请交三人分别保管并移走。",
            "Root keys still lie in the keys folder: give them to three people, then remove them.",
        ]
    if not any(one.vkey.kind == ML_DSA_44 for one in bank.log_cosigners()):
        warnings += [
            "密钥文件夹里没有 log-mldsa.key：公布的检查点没有抗量子计算机的第二个签名。",
            "No log-mldsa.key in the keys folder: public checkpoints lack their ML-DSA-44 line.",
        ]
    if (bank.settings.keys_folder / LOG_SM2_KEY).exists() and gmssl() is None:
        warnings += [
            f"密钥文件夹里有 {LOG_SM2_KEY}，但没有安装附加组件 gm：公布的检查点缺国密签名。",
            f"{LOG_SM2_KEY} is there, the extra gm is not: public checkpoints lack their SM2 line.",
        ]
    return warnings
