"""``timebank``: every command of the time bank.

Exit codes: 0 done, 1 a finding or a refusal, 2 a call that cannot be understood.
"""

import typer

from timebank.commands.benching import bench_commands
from timebank.commands.campaigns import campaign_commands
from timebank.commands.expiries import expiries_command
from timebank.commands.founding import init
from timebank.commands.honours import stars_command
from timebank.commands.integrity import handlers_command
from timebank.commands.keeping import doctor, export_command, reconcile_command, verify_command
from timebank.commands.keys import key_commands
from timebank.commands.kits import close_down_command, kit_commands
from timebank.commands.letters import letters_command
from timebank.commands.moves import move_commands
from timebank.commands.openings import opening_commands
from timebank.commands.partners import partner_commands
from timebank.commands.people import (
    card_command,
    hire_command,
    kin_command,
    password_command,
)
from timebank.commands.periods import close_period_command
from timebank.commands.personal_data import person_commands
from timebank.commands.policies import policy_commands
from timebank.commands.reading import balance, explain_command, post, statement_command
from timebank.commands.receipts import receipt_command
from timebank.commands.registers import register_commands
from timebank.commands.serving import demo, scheduler, serve
from timebank.commands.witness import witness_commands

app = typer.Typer(
    name="timebank",
    help="时间银行 A time bank whose hours nobody can lose, forge or quietly recalculate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # A local variable may be somebody's name.
)
app.command()(init)
app.command()(demo)
app.command()(serve)
app.command()(scheduler)
app.add_typer(register_commands, name="register")
app.add_typer(opening_commands, name="opening")
app.add_typer(campaign_commands, name="campaign")
app.add_typer(partner_commands, name="partners")
app.add_typer(move_commands, name="moves")
app.command()(post)
app.command()(balance)
app.command("statement")(statement_command)
app.command("letters")(letters_command)
app.command("explain")(explain_command)
app.command("receipt")(receipt_command)
app.add_typer(policy_commands, name="policy")
app.command("export")(export_command)
app.command("verify")(verify_command)
app.command("reconcile")(reconcile_command)
app.command("handlers")(handlers_command)
app.command("stars")(stars_command)
app.command("expiries")(expiries_command)
app.command("close-period")(close_period_command)
app.command("close-down")(close_down_command)
app.add_typer(kit_commands, name="kit")
app.command("card")(card_command)
app.add_typer(person_commands, name="person")
app.command("kin")(kin_command)
app.command("hire")(hire_command)
app.command("password")(password_command)
app.add_typer(key_commands, name="keys")
app.command()(doctor)
app.add_typer(witness_commands, name="witness")
app.add_typer(bench_commands, name="bench")


def main() -> None:
    """Run the command that the command line names."""
    app()
