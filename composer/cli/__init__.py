"""The command line. Each command is thin, in the module of its noun, which is imported when the command is called.

Exit codes: 0 done, 1 findings or refused, 2 wrong usage, 3 the outside world failed. ``--json`` prints one document on
stdout and nothing else, of an error too, unless it is wrong usage; everything meant for people goes to stderr.
"""

from __future__ import annotations

import gc
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from click.exceptions import NoSuchCommand, NoSuchOption

from composer import locale
from composer.cli.i18n import did_you_mean, name_path, spoken, system_language
from composer.cli.other_words import option_meant, unknown_command, with_our_words
from composer.cli.say import say, survive_any_terminal
from composer.cli.summaries import docstrings
from composer.errors import FiligraneError, Mistakes, WrongUsage
from composer.file_modes import keep_private
from composer.locale import gettext as _
from composer.locale import ngettext

#: Command → where it is. Importing a package takes up to half a second, which `filigrane version` should not need.
COMMANDS: dict[str, str] = {
    "init": "composer.cli.newsroom:init",
    "new": "composer.cli.newsroom:new",
    "import-draft": "composer.cli.import_draft:import_draft",
    "schema": "composer.cli.newsroom:schema",
    "check": "composer.cli.check:check",
    "lsp": "composer.cli.lsp:lsp",
    "render": "composer.cli.render:render",
    "preview": "composer.cli.preview:preview",
    "typo": "composer.cli.typo:typo",
    "test": "composer.cli.test_send:test",
    "approve": "composer.cli.approval:approve",
    "unapprove": "composer.cli.approval:unapprove",
    "calendar": "composer.cli.schedule:calendar",
    "send": "composer.cli.schedule:send",
    "skip": "composer.cli.schedule:skip",
    "run": "composer.cli.daemon:run",
    "worker": "composer.cli.daemon:worker",
    "web": "composer.cli.daemon:web",
    "archive": "composer.cli.archive:archive",
    "mailings": "composer.cli.mailings:mailings",
    "deliveries": "composer.cli.deliveries:deliveries",
    "reconcile": "composer.cli.reconcile:reconcile",
    "subscribers": "composer.cli.subscribers:subscribers",
    "move-in": "composer.cli.move_in:move_in",
    "returns": "composer.cli.returns:returns",
    "register": "composer.cli.register:register",
    "doctor": "composer.cli.operations:doctor",
    "secret": "composer.cli.secret:secret",
    "db": "composer.cli.database:db",
    "backup": "composer.cli.database:backup",
    "restore": "composer.cli.database:restore",
    "demo": "composer.cli.operations:demo",
    "version": "composer.cli.operations:version",
}


#: Processes that read the newsroom again at SIGHUP. Until they have their handler it is kept for them, not their end.
RELOADED = ("run", "worker", "web")


_Resolved = tuple[str | None, click.Command | None, list[str]]


class _Commands(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        locale.use(_language(args))
        help_option = self.get_help_option(ctx)
        if help_option is not None:  # click keeps it, in the language of the first call
            help_option.help = locale.gettext("Show this message and exit.")
        ctx.command = spoken(self)
        for parameter in self.params:
            name_path(parameter)
        return super().parse_args(ctx, with_our_words(args))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in COMMANDS or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        raise NoSuchCommand(args[0], unknown_command(args[0], COMMANDS), ctx=ctx)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NoSuchOption as error:
            if error.option_name != "--newsroom":
                options = [name for each in error.ctx.command.params for name in each.opts] if error.ctx else []
                meant = option_meant(error.option_name, options)
                if meant is None:
                    raise
                raise click.UsageError(f"{error.message} {did_you_mean([meant])}", error.ctx) from error
            message = _("{option} goes before the command: filigrane {option} FOLDER {command} …")
            said = message.format(option=error.option_name, command=ctx.invoked_subcommand)
            raise click.UsageError(said, error.ctx) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        if name in RELOADED:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(module), attribute)
        if not gc.isenabled():  # ``main`` stopped it: what was imported stays, and need not be looked through
            gc.freeze()
            gc.enable()
        assert isinstance(command, click.Command)
        return spoken(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands as click does, without importing each."""
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        rows = [
            (name, click.Command(name, help=locale.gettext(words)).get_short_help_str(limit))
            for name, words in docstrings(COMMANDS).items()
        ]
        with formatter.section(locale.gettext("Commands")):
            formatter.write_dl(rows)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--newsroom",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    default=Path(),
    show_default="the current folder",
    help="The newsroom folder.",
)
@click.pass_context
def filigrane(ctx: click.Context, folder: Path) -> None:
    """Composes a newsletter from YAML and sends it to each reader exactly once."""
    ctx.obj = folder


def _language(words: list[str]) -> locale.Language:
    """The newsroom's language, read before the command line is parsed, so that usage errors are in it.

    The system's, where there is no newsroom.
    """
    folder = "."
    for word, following in zip(words, [*words, "."][1:], strict=True):
        option, equals, value = word.partition("=")
        if option == "--newsroom":
            folder = value if equals else following
        elif not word.startswith("-"):
            break
    settings = Path(folder) / "config" / "newsroom.yaml"
    try:
        if not settings.is_file():  # reading a pipe would block
            raise FileNotFoundError
        return locale.said_in(settings.read_text("utf-8", "replace"))
    except (OSError, ValueError):
        return system_language()


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; shows no traceback for an error that the user can mend."""
    if arguments is None:  # a process of its own: importing leaves no garbage, and collecting takes a seventh of it
        gc.disable()
    keep_private()
    survive_any_terminal()
    try:
        filigrane.main(args=arguments, prog_name="filigrane", standalone_mode=True)
    except FiligraneError as error:
        if error.exit_code != WrongUsage.exit_code and "--json" in (sys.argv if arguments is None else arguments):
            from composer.cli.json_output import failure

            say(failure(error))
        say(error.shown(), err=True)
        if isinstance(error, Mistakes):
            count = len(error.findings)
            first = ngettext("{count} error, to be corrected first", "{count} errors, to be corrected first", count)
            say(f"\n{first.format(count=count)}", err=True)
        sys.exit(error.exit_code)
