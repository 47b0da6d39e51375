"""`m2her run`: a scenario, sent; the reply, as it comes."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen, replaced
from .. import connecting, options
from ..console import Console, is_terminal
from ..counting import chosen_budget, chosen_counter
from ..guard import Misuse
from ..status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...compiled import CompiledVariant
    from ...runner import Estimate, Exchange
    from ...targets import Target
    from ...tokens import Counter
    from ..connecting import Connection

EPILOG: Final = """\b
Examples:
  m2her run scenarios/tea_house.yaml --offline
  m2her run scenarios/listener.yaml -m "I have not slept." --offline --json
  echo "Is the pass open?" | m2her run scenarios/tea_house.yaml --offline
  m2her run scenarios/tea_house.yaml --dry-run
"""
_MOST_REPLIES: Final = 100
_SHOWN_VARIANTS: Final = 8
_LONGEST_NUMBER: Final = 20
# Of any parameter, wherever it is sent.
_LARGEST: Final = 1_000_000_000
# A line typed by a person, or a text piped in: a message, and no book.
_MOST_INPUT_BYTES: Final = 1_048_576


@frozen
class Arguments:
    """Send a scenario and print the reply as it comes."""

    path: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO", help="A scenario's file or id, or - for standard input."
        ),
    ]
    message: Annotated[
        str | None,
        typer.Option(
            "--message",
            "-m",
            metavar="TEXT",
            help="The message to answer; without it, what is piped in, or the scenario's own.",
        ),
    ] = None
    assignments: options.Assignments = ()
    value_files: options.ValueFiles = ()
    speaker: options.Speaker = None
    names: options.Names = None
    variants: options.Variants = ()
    target: options.Target = None
    budget: options.Budget = None
    tokenizer: options.Tokenizer = None
    temperature: Annotated[
        float | None,
        typer.Option("--temperature", metavar="NUMBER", help="In place of the scenario's."),
    ] = None
    top_p: Annotated[
        float | None, typer.Option("--top-p", metavar="NUMBER", help="In place of the scenario's.")
    ] = None
    max_tokens: Annotated[
        int | None,
        typer.Option("--max-tokens", metavar="TOKENS", help="The most tokens of a reply."),
    ] = None
    model: connecting.Model = None
    stream: Annotated[
        bool | None,
        typer.Option(
            "--stream/--no-stream",
            help="Fetch the reply in pieces, as it is made; it is, unless the scenario says no.",
        ),
    ] = None
    count: Annotated[int, typer.Option("-n", metavar="N", help="How many replies to ask for.")] = 1
    as_json: Annotated[
        bool, typer.Option("--json", help="Print replies, usage, times and costs as JSON.")
    ] = False
    report: options.CostReport = None
    explain: options.Explain = False
    show_thinking: Annotated[
        bool, typer.Option("--show-thinking", help="Show what the model wrote in <think> blocks.")
    ] = False
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the HTTP request, and do not send it.")
    ] = False
    max_cost: Annotated[
        float | None,
        typer.Option("--max-cost", metavar="USD", help="Send nothing that may cost more."),
    ] = None
    offline: connecting.Offline = False
    base_url: connecting.BaseUrl = None
    region: connecting.Region = None
    endpoint: connecting.EndpointName = "openai"
    key_file: connecting.KeyFile = None
    root: options.Root = None
    stdin_filename: options.StdinFilename = None
    color: options.Color = "auto"

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,)


def run(arguments: Arguments) -> Status:
    """Compile, send, and print what came."""
    _check(arguments)
    console = Console(color=arguments.color)
    console.prepare()
    from ..stocktaking import path_of

    path = path_of(arguments.path, root=arguments.root)
    job = _job(_with_piped(replaced(arguments, path=path)), console)
    if job is None:
        return Status.ERRORS
    if arguments.dry_run or arguments.max_cost is not None:
        _keep_to_cost(job, arguments, console)
    if arguments.dry_run:
        console.result(job.connection.request_text(job.variant.request(), stream=job.streams))
        return Status.DONE
    import asyncio

    exchanges = asyncio.run(_exchanges(job, arguments, console))
    if arguments.as_json:
        from ...runner import results_json

        console.result(results_json(exchanges, url=job.connection.url))
    return max(_status(each) for each in exchanges)


# --- what is sent


@frozen
class _Job:
    """One variant, and whom to send it to. `counter` counts its tokens; None estimates them."""

    variant: CompiledVariant
    target: Target
    counter: Counter | None
    connection: Connection
    streams: bool


def _check(arguments: Arguments) -> None:
    options.check_color(arguments.color)
    connecting.check_where(arguments)
    if not 1 <= arguments.count <= _MOST_REPLIES:
        raise Misuse(f"`-n {arguments.count}` is no number of replies: 1 to {_MOST_REPLIES}")
    if arguments.max_cost is not None and not 0 < arguments.max_cost < math.inf:
        raise Misuse(f"`--max-cost {arguments.max_cost:g}` is no amount of USD")
    if not arguments.path:
        raise Misuse("an empty path does not exist")


def _with_piped(arguments: Arguments) -> Arguments:
    """Return the arguments with the message that is piped in, where none is typed."""
    if arguments.message is not None or arguments.path == options.STDIN or is_terminal(sys.stdin):
        return arguments
    try:
        data = sys.stdin.buffer.read(_MOST_INPUT_BYTES + 1)
    except (OSError, AttributeError, ValueError):  # closed: nothing is piped in
        return arguments
    if data is None:  # nothing there yet, in a pipe that does not wait
        return arguments
    if len(data) > _MOST_INPUT_BYTES:
        raise Misuse(f"the message on standard input has more than {_MOST_INPUT_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Misuse("the message on standard input is not UTF-8") from error
    return replaced(arguments, message=text.rstrip("\r\n")) if text.strip() else arguments


def _job(arguments: Arguments, console: Console) -> _Job | None:
    """Compile what is to be sent, and find whom to send it to; None when it has errors."""
    from ...build import Wishes
    from ...config import target_named
    from ...diagnostics import Sink
    from ..compiling import check_given, compile_given, report_costs, tell_of

    check_given(arguments)
    counter = chosen_counter(arguments.tokenizer)
    wishes = Wishes(
        target=arguments.target,
        counter=counter,
        budget_tokens=chosen_budget("--budget", arguments.budget),
    )
    compiled = compile_given(
        arguments, console, wishes, model=arguments.model, parameters=_parameters(arguments)
    )
    if compiled is None or compiled.failed:
        return None
    variant = _only(compiled.variants)
    settings = compiled.inputs.compiler.settings(compiled.scenarios[0].root, Sink())
    target = target_named(settings, arguments.target)
    _check_parameters(arguments, target)
    report_costs(compiled, console)
    tell_of(compiled, arguments.report, explain=arguments.explain, console=console)
    streams = arguments.stream
    return _Job(
        variant=variant,
        target=target,
        counter=counter,
        connection=connecting.connect(arguments, settings, model=variant.conversation.model),
        streams=bool(variant.parameters.get("stream", True)) if streams is None else streams,
    )


def _only(variants: Sequence[CompiledVariant]) -> CompiledVariant:
    """Return the one variant to send. Raises `Misuse` when there are several, or no question."""
    if len(variants) > 1:
        shown = ", ".join(f"`{each.id}`" for each in variants[:_SHOWN_VARIANTS])
        more = ", …" if len(variants) > _SHOWN_VARIANTS else ""
        raise Misuse(
            f"there are {len(variants)} variants: name one with `--variant`, or set what they "
            f"differ in: {shown}{more}"
        )
    messages = variants[0].messages
    if not messages or messages[-1].role.value != "user":
        raise Misuse(
            "there is nothing to answer: the messages do not end with the user's; say something "
            "with `--message`, or on standard input"
        )
    return variants[0]


def _parameters(arguments: Arguments) -> dict[str, int | float | bool]:
    given = {
        "temperature": arguments.temperature,
        "top_p": arguments.top_p,
        "max_completion_tokens": arguments.max_tokens,
    }
    return {name: value for name, value in given.items() if value is not None}


def _check_parameters(arguments: Arguments, target: Target) -> None:
    """Refuse what the target does not take; of others, what makes no sense anywhere."""
    options_of = {"max_completion_tokens": "--max-tokens", "top_p": "--top-p"}
    for name, value in _parameters(arguments).items():
        option = options_of.get(name, f"--{name}")
        allowed = target.range_of(name)
        if allowed is not None and not allowed.holds(value):
            kind = "" if allowed.whole else "a number "
            raise Misuse(f"`{option} {_number(value)}`: {target.title} takes {kind}{allowed}")
        if not 0 <= value < _LARGEST or (name == "max_completion_tokens" and value < 1):
            raise Misuse(f"`{option} {_number(value)}` makes no sense")


def _number(value: float) -> str:
    text = str(value) if isinstance(value, int) else f"{value:g}"
    return text if len(text) <= _LONGEST_NUMBER else f"{text[:_LONGEST_NUMBER]}…"


# --- what it costs


def _keep_to_cost(job: _Job, arguments: Arguments, console: Console) -> None:
    """Say what the request may cost. Raises `Misuse` when that is more than `--max-cost`."""
    from ...runner import estimate

    cost = estimate(job.variant.conversation, job.target, job.counter)
    usd = None if cost.usd is None else cost.usd * arguments.count
    if arguments.dry_run:
        console.say(_cost_text(cost, usd, arguments.count))
    if arguments.max_cost is None:
        return
    if usd is None:
        unknown = f"--max-cost cannot be kept: {_unknown(cost)} for `{job.target.id}`"
        if cost.price is not None:
            raise Misuse(f"{unknown}; set one with `--max-tokens`")
        model = job.variant.conversation.model
        raise Misuse(
            f"{unknown} and the model `{model}`; leave it out, or use a target whose price is "
            "known: `--target openrouter`, or one of your own with a `price`"
        )
    if usd > arguments.max_cost:
        raise Misuse(
            f"nothing was sent: it may cost {usd:.6f} USD, more than --max-cost "
            f"{arguments.max_cost:g}; lower `--max-tokens` or `--budget`"
        )


def _cost_text(cost: Estimate, usd: float | None, count: int) -> str:
    reply = f"{cost.reply_tokens:,}" if cost.reply_tokens is not None else "any number of"
    price = f"{usd:.6f} USD at most" if usd is not None else f"{_unknown(cost)}"
    times = f", {count} times" if count > 1 else ""
    return f"about {cost.prompt_tokens:,} prompt tokens, {reply} tokens of reply{times}: {price}\n"


def _unknown(cost: Estimate) -> str:
    return "no price is known" if cost.price is None else "no limit of replies is known"


# --- what comes


async def _exchanges(job: _Job, arguments: Arguments, console: Console) -> list[Exchange]:
    from ...runner import ask
    from ..page import Page

    exchanges: list[Exchange] = []
    async with job.connection.client() as client:
        for number in range(arguments.count):
            page = Page(console, is_shown=not arguments.as_json)
            try:
                exchange = await ask(
                    client,
                    job.variant,
                    price=job.target.price_of(job.variant.conversation.model),
                    show=page.show if job.streams else None,
                    show_thinking=arguments.show_thinking,
                )
                if exchange.reply is not None and not job.streams:
                    page.show_whole(exchange.reply, thinking=arguments.show_thinking)
            finally:
                page.end(is_last=number == arguments.count - 1)
            exchanges.append(exchange)
            _tell(exchange, console)
            if exchange.error is not None and not exchange.error.can_retry:
                break  # the next one would fail likewise
    return exchanges


def _tell(exchange: Exchange, console: Console) -> None:
    """Say on standard error what was not as it should be."""
    from ...runner import error_text, places_of, remark_text, remarks_on

    color, width = console.colored(sys.stderr), console.width(sys.stderr)
    if exchange.error is not None:
        traced = places_of(exchange.error, exchange.variant.conversation)
        console.say(error_text(exchange.error, traced, width=width, color=color))
    elif exchange.reply is not None:
        for remark in remarks_on(exchange.reply):
            console.say(remark_text(remark, width=width, color=color))


def _status(exchange: Exchange) -> Status:
    """Return what an exchange ends with (docs/exit-codes.md)."""
    from ...runner import RemarkKind, remarks_on

    if exchange.reply is None:
        return Status.SERVICE
    kinds = {remark.kind for remark in remarks_on(exchange.reply)}
    if RemarkKind.EMPTY in kinds:
        return Status.SERVICE
    return Status.ERRORS if kinds else Status.DONE
