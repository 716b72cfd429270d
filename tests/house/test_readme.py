"""The commands in the README are the ones that CI runs, in both languages; links lead somewhere."""

import re
import subprocess
import sys

import pytest

from tests.house.sources import ROOT, tracked_files
from tests.support.parts import need_program

COMMANDS = ("main-job", "tests")
READMES = ("README.md", "docs/README.zh-CN.md")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def _command(name: str, readme: str) -> str:
    script = str(ROOT / ".ci/readme_command.py")
    done = subprocess.run(
        [sys.executable, script, name, str(ROOT / readme)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("\n")


@pytest.mark.parametrize("readme", READMES)
def test_commands_are_one_line_each(readme: str) -> None:
    main_job, tests = (_command(name, readme) for name in COMMANDS)
    assert main_job.endswith("timebank demo")
    assert "pytest" in tests
    assert "\n" not in main_job + tests


@pytest.mark.parametrize("name", COMMANDS)
def test_both_languages_give_the_same_commands(name: str) -> None:
    assert len({_command(name, readme) for readme in READMES}) == 1


def test_unknown_command_is_refused() -> None:
    with pytest.raises(AssertionError, match="marks no command 'main_job'"):
        _command("main_job", READMES[0])


def test_ci_takes_its_commands_from_the_readme() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"readme_command.py {name})" in script
    # What CI spelled itself would be proven instead of what a reader pastes.
    assert "pip install" not in script
    assert "pytest -" not in script


@pytest.mark.parametrize("script", [".ci/run", ".ci/long"])
def test_ci_scripts_are_executable_bash(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    subprocess.run([need_program("bash"), "-n", str(ROOT / script)], check=True)


def test_links_between_pages_lead_somewhere() -> None:
    dead = []
    for page in tracked_files():
        if not page.endswith(".md"):
            continue
        for target in LINK.findall((ROOT / page).read_text(encoding="utf-8")):
            if "://" not in target and not (ROOT / page).parent.joinpath(target).exists():
                dead.append(f"{page}: {target}")
    assert not dead, "\n" + "\n".join(dead)
