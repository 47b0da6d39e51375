"""`m2her run`: what is sent, what is shown of the answer, and what it ends with."""

from __future__ import annotations

import json
import re
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from m2her_compose import compile_scenario
from m2her_compose.emulator import EmulatorSettings, read_faults, running
from tests.processes import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from .conftest import Outcome, Program

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
SECRET = "sk-0123456789-not-to-be-seen"
ANSWER = "*She trims the wick.* One did, in spring, and he was lost. Nobody else."
SCENE = f"""\
m2her: scenario/v1
id: light
characters:
  edda: {{name: Edda, description: Keeper of a light that no ship needs.}}
persona: {{name: Visitor, description: You came for the view.}}
examples:
  - user: Does anybody sail past here?
    edda: "{ANSWER}"
message: Does anybody sail past here?
"""


@pytest.fixture
def light(m2her: Program) -> Program:
    m2her.write("light.yaml", SCENE)
    return m2her


def served(
    *faults: str, key: str | None = None, lenient: bool = False
) -> AbstractContextManager[str]:
    return running(EmulatorSettings(faults=read_faults(faults), key=key, lenient=lenient))


def run_at(m2her: Program, url: str, *arguments: str, **how: Any) -> Outcome:
    env = {"M2HER_RUN_RETRIES": "0", **how.pop("env", {})}
    return m2her("run", "light.yaml", "--base-url", url, *arguments, env=env, **how)


def results(done: Outcome) -> Any:
    found = json.loads(done.out)
    rules = json.loads((SCHEMAS / "run.v1.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(rules).validate(found)
    return found


def only(done: Outcome) -> Any:
    [found] = results(done)["replies"]
    return found


def dry_body(done: Outcome) -> Any:
    return json.loads(done.out.split("\n\n", 1)[1])


# --- what is sent


def test_the_reply_and_nothing_else_is_the_result(light: Program) -> None:
    done = light("run", "light.yaml", "--offline")
    assert (0, f"{ANSWER}\n", "") == (done.status, done.out, done.err)


@pytest.mark.parametrize(
    ("arguments", "stdin", "sent"),
    [
        pytest.param((), b"", "Does anybody sail past here?", id="own"),
        pytest.param((), b" \n", "Does anybody sail past here?", id="blank-pipe"),
        pytest.param((), "有船吗？\r\n".encode(), "有船吗？", id="piped"),
        pytest.param((), b"\xef\xbb\xbfWho\nis it?\n\n", "Who\nis it?", id="lines"),
        pytest.param(("-m", "Typed {{ x }}"), b"piped", "Typed {{ x }}", id="typed"),
    ],
)
def test_the_message_is_typed_or_piped_or_the_scenarios(
    light: Program, arguments: tuple[str, ...], stdin: bytes, sent: str
) -> None:
    done = light("run", "light.yaml", "--dry-run", *arguments, stdin=stdin)
    assert sent == dry_body(done)["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("stdin", "why"),
    [
        pytest.param(b"\xff\xfe", "the message on standard input is not UTF-8", id="bytes"),
        pytest.param(b"a" * 1_048_577, "has more than 1,048,576 bytes", id="large"),
    ],
)
def test_what_is_piped_is_text_of_some_size(light: Program, stdin: bytes, why: str) -> None:
    done = light("run", "light.yaml", "--offline", stdin=stdin)
    assert (2, "") == (done.status, done.out)
    assert why in done.err


def test_the_scenario_itself_may_be_piped(light: Program) -> None:
    done = light("run", "-", "--offline", stdin=SCENE.encode())
    assert (0, f"{ANSWER}\n") == (done.status, done.out)


def test_an_open_scenario_wants_a_message(m2her: Program) -> None:
    m2her.write("open.yaml", "m2her: scenario/v1\nsystem: You keep a light.\n")
    done = m2her("run", "open.yaml", "--offline")
    assert (2, "") == (done.status, done.out)
    assert "m2her: there is nothing to answer" in done.err
    assert "`--message`" in done.err
    assert m2her("run", "open.yaml", "--offline", "-m", "Hello").status == 0


def test_of_several_variants_one_is_named(m2her: Program) -> None:
    scene = SCENE.replace("id: light", "id: light\nvariables: {w: fog}\nmatrix: {w: [fog, clear]}")
    m2her.write("light.yaml", scene)
    done = m2her("run", "light.yaml", "--offline")
    assert (2, "") == (done.status, done.out)
    assert "there are 2 variants" in done.err
    assert "`light[w=fog]`, `light[w=clear]`" in done.err
    assert m2her("run", "light.yaml", "--offline", "--variant", "light[w=fog]").status == 0


def test_a_scenario_with_errors_is_not_sent(m2her: Program) -> None:
    m2her.write("light.yaml", SCENE.replace("persona:", "persnoa:"))
    done = m2her("run", "light.yaml", "--offline")
    assert (1, "") == (done.status, done.out)
    assert "error[M2H201]" in done.err


def test_parameters_and_model_stand_in_for_the_scenarios(light: Program) -> None:
    light.write("light.yaml", SCENE + "parameters: {temperature: 0.3, top_p: 0.5}\n")
    given = ("--temperature", "0.9", "--max-tokens", "64", "--model", "Other", "--no-stream")
    body = dry_body(light("run", "light.yaml", "--dry-run", *given))
    assert {"temperature": 0.9, "top_p": 0.5, "max_completion_tokens": 64, "model": "Other"} == {
        key: value for key, value in body.items() if key != "messages"
    }


def test_a_target_gets_its_own_names_of_them(light: Program) -> None:
    given = ("--target", "openrouter", "--max-tokens", "64", "--no-stream")
    body = dry_body(light("run", "light.yaml", "--dry-run", *given))
    assert ("minimax/minimax-m2-her", 64) == (body["model"], body["max_tokens"])
    assert {"system", "user", "assistant"} >= {each["role"] for each in body["messages"]}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--temperature", "0"), "`--temperature 0`: MiniMax M2-her takes a number in (0, 1]"),
        (("--temperature", "nan"), "`--temperature nan`"),
        (("--top-p", "1.5"), "`--top-p 1.5`: MiniMax M2-her takes a number in (0, 1]"),
        (("--max-tokens", "4096"), "takes an integer in [1, 2048]"),
        (("--max-tokens", "1" + "0" * 400), "`--max-tokens 10000000000000000000…`"),
        (("--target", "basic", "--top-p", "1e300"), "makes no sense"),
        (("--base-url", "https://[1.2.3.4]"), "no URL that requests can go to"),
        (("--target", "basic", "--max-tokens", "0"), "`--max-tokens 0` makes no sense"),
        (("-n", "0"), "`-n 0` is no number of replies: 1 to 100"),
        (("--max-cost", "-1"), "`--max-cost -1` is no amount of USD"),
        (("--endpoint", "grpc"), "`--endpoint grpc` is none of openai, native"),
        (("--region", "mars"), "`--region mars` is none of global, cn"),
        (("--offline", "--base-url", "http://localhost"), "--base-url and --offline"),
        (("--region", "cn", "--base-url", "http://localhost"), "--base-url and --region"),
        (("--target", "nowhere"), "there is no target `nowhere`"),
    ],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(
    light: Program, arguments: tuple[str, ...], why: str
) -> None:
    done = light("run", "light.yaml", *arguments)
    assert (2, "") == (done.status, done.out)
    assert why in done.err


# --- where it goes, and with which key


def test_without_a_key_one_message_says_what_to_set(light: Program) -> None:
    done = light("run", "light.yaml")
    assert (2, "") == (done.status, done.out)
    assert done.err == (
        "m2her: there is no key for https://api.minimax.io: set `MINIMAX_API_KEY`; "
        "`--offline` rehearses without a key\n"
    )


@pytest.mark.parametrize(
    ("env", "arguments", "url", "authorization"),
    [
        ({}, (), "https://api.minimax.io/v1/chat/completions", "$MINIMAX_API_KEY"),
        (
            {"MINIMAX_API_KEY": SECRET},
            ("--region", "cn", "--endpoint", "native"),
            "https://api.minimaxi.com/v1/text/chatcompletion_v2",
            "$MINIMAX_API_KEY",
        ),
        (
            {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": "https://api.minimax.io/v1"},
            (),
            "https://api.minimax.io/v1/chat/completions",
            "$OPENAI_API_KEY",
        ),
        (
            {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": "https://gateway.example/api/v1"},
            (),
            "https://gateway.example/api/v1/chat/completions",
            "$OPENAI_API_KEY",
        ),
        (
            {"MINIMAX_API_KEY": SECRET},
            ("--base-url", "https://gateway.example/v1"),
            "https://gateway.example/v1/chat/completions",
            "$OPENAI_API_KEY",
        ),
    ],
    ids=["nothing-set", "native", "guide", "gateway", "another-host"],
)
def test_a_dry_run_shows_the_request_and_no_key(
    light: Program, env: dict[str, str], arguments: tuple[str, ...], url: str, authorization: str
) -> None:
    done = light("run", "light.yaml", "--dry-run", *arguments, env=env)
    head = done.out.split("\n\n")[0].split("\n")
    assert 0 == done.status
    assert [f"POST {url} HTTP/1.1", f"authorization: Bearer {authorization}"] == head[:2]
    assert "about 101 prompt tokens" in re.sub(r"about \d+", "about 101", done.err)
    assert SECRET not in done.out + done.err


def test_the_vendors_key_goes_nowhere_else(light: Program) -> None:
    """A server on this machine that wants that very key does not get it."""
    with served(key=SECRET) as url:
        done = run_at(light, url, env={"MINIMAX_API_KEY": SECRET})
        assert 3 == done.status
        assert "HTTP 401" in done.err
        openai = {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": f"{url}/v1"}
        assert f"{ANSWER}\n" == light("run", "light.yaml", env=openai).out
    done = light(
        "run", "light.yaml", "--base-url", "https://a.example", env={"MINIMAX_API_KEY": SECRET}
    )
    assert (2, "") == (done.status, done.out)
    assert "`MINIMAX_API_KEY` is for elsewhere, and not sent there" in done.err
    assert SECRET not in done.err


def test_a_key_file_is_its_owners_alone(light: Program) -> None:
    path = light.write("key", f"{SECRET}\n")
    with served(key=SECRET) as url:
        path.chmod(0o644)
        open_to_all = run_at(light, url, "--key-file", "key")
        path.chmod(0o600)
        assert f"{ANSWER}\n" == run_at(light, url, "--key-file", "key").out
    assert 2 == open_to_all.status
    assert "run `chmod 600` on it" in open_to_all.err


def test_a_library_gets_no_key_of_a_file(light: Program) -> None:
    light.write("key", SECRET).chmod(0o600)
    with served(key=SECRET) as url:
        light.write("m2her.toml", f'[run]\nbase-url = "{url}"\nretries = 0\n')
        done = light("run", "light.yaml", env={"M2HER_KEY_FILE": "key"})
        assert 3 == done.status
        assert "HTTP 401" in done.err
        typed = light("run", "light.yaml", "--key-file", "key")
        assert 2 == typed.status
        assert "say so with --base-url" in typed.err


def test_a_library_names_no_other_host(light: Program) -> None:
    light.write("m2her.toml", '[run]\nbase-url = "https://collector.example"\n')
    done = light("run", "light.yaml", "--dry-run", env={"MINIMAX_API_KEY": SECRET})
    assert 1 == done.status
    assert "collector" not in done.out
    assert "M2H803" in done.err


# --- what comes back


@pytest.mark.parametrize("endpoint", ["openai", "native"])
@pytest.mark.parametrize("stream", ["--stream", "--no-stream"])
def test_both_endpoints_whole_and_in_pieces(light: Program, endpoint: str, stream: str) -> None:
    with served() as url:
        done = run_at(light, url, "--endpoint", endpoint, stream)
    assert (0, f"{ANSWER}\n", "") == (done.status, done.out, done.err)


def test_json_says_all_there_is_to_know(light: Program) -> None:
    found = only(light("run", "light.yaml", "--offline", "--json", "--target", "openrouter"))
    compiled = compile_scenario(light.folder / "light.yaml", target="openrouter")
    usage = found["usage"]
    assert compiled.variants[0].content_hash == found["request_hash"]
    assert (found["finish_reason"], found["attempts"], found["error"]) == ("stop", 1, None)
    assert found["first_token_s"] <= found["latency_s"]
    assert found["cost_usd"] == pytest.approx(
        (usage["prompt_tokens"] * 0.30 + usage["completion_tokens"] * 1.20) / 1_000_000
    )


def test_json_without_a_stream_has_no_first_token(light: Program) -> None:
    found = only(light("run", "light.yaml", "--offline", "--json", "--no-stream"))
    assert (ANSWER, None) == (found["reply"], found["first_token_s"])


def test_several_replies(light: Program) -> None:
    done = light("run", "light.yaml", "--offline", "-n", "3")
    assert f"{ANSWER}\n\n{ANSWER}\n\n{ANSWER}\n" == done.out
    assert 3 == len(
        results(light("run", "light.yaml", "--offline", "-n", "3", "--json"))["replies"]
    )


@pytest.mark.parametrize("stream", ["--stream", "--no-stream"])
def test_thoughts_are_hidden_unless_wanted(light: Program, stream: str) -> None:
    with served("script=think,think") as url:
        hidden = run_at(light, url, stream)
        shown = run_at(light, url, stream, "--show-thinking")
    assert (f"{ANSWER}\n", "") == (hidden.out, hidden.err)
    assert f"{ANSWER}\n" == shown.out
    assert shown.err.strip()
    assert shown.err.endswith("\n")
    assert "<think>" not in hidden.out + shown.out + shown.err


def test_a_cut_reply_is_a_warning(light: Program) -> None:
    done = light("run", "light.yaml", "--offline", "--max-tokens", "4")
    assert 1 == done.status
    assert ANSWER.startswith(done.out.rstrip("\n"))
    assert "warning: the reply was cut at its limit" in done.err
    assert "`--max-tokens`" in done.err


@pytest.mark.parametrize(
    ("fault", "status", "out", "said"),
    [
        ("code=1026", 3, "", "code 1026"),
        ("sensitive-output=1", 3, "", "severe violation"),
        ("empty", 3, "", "warning: the reply is empty (finish reason `stop`)"),
        ("code=1008", 3, "", "code 1008"),
        ("code=1039", 3, "", "code 1039"),
        ("503:html", 3, "", "HTTP 503"),
        ("429:retry-after=7", 3, "", "HTTP 429"),
        ("drop-before", 3, "", "error: "),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_goes_wrong_is_said_plainly(
    light: Program, fault: str, status: int, out: str, said: str
) -> None:
    with served(f"script={fault}") as url:
        done = run_at(light, url)
    assert (status, out) == (done.status, done.out)
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_flagged_reply_is_shown_with_a_warning(light: Program) -> None:
    with served("script=sensitive-output=5") as url:
        done = run_at(light, url)
    assert (1, f"{ANSWER}\n") == (done.status, done.out)
    assert "warning: the service flagged the output as sensitive: abuse (type 5)" in done.err


def test_a_reply_that_breaks_off_keeps_what_came(light: Program) -> None:
    with served("script=drop-within:after=3,drop-within:after=3") as url:
        done = run_at(light, url)
        found = only(run_at(light, url, "--json"))
    assert 3 == done.status
    assert done.out.endswith("\n")
    assert ANSWER.startswith(done.out.rstrip("\n"))
    assert (None, done.out.rstrip("\n")) == (found["reply"], found["error"]["partial"].rstrip("\n"))


def test_a_passing_outage_is_waited_out(light: Program) -> None:
    with served("script=503,429:retry-after-ms=1,drop-before,ok") as url:
        found = only(run_at(light, url, "--json", env={"M2HER_RUN_RETRIES": "3"}))
    assert (ANSWER, 4) == (found["reply"], found["attempts"])


def test_refused_roles_are_traced_to_their_lines(light: Program) -> None:
    with served("script=code=2013,code=2013") as url:
        done = run_at(light, url)
        [*places] = only(run_at(light, url, "--json"))["error"]["places"]
    assert 3 == done.status
    assert "--target basic" in done.err
    assert "  --> light.yaml:5:39: messages[1], `user_system`" in done.err
    assert ("light.yaml", 5, 39) == tuple(places[0][key] for key in ("file", "line", "column"))


def test_only_nameless_messages_are_named(light: Program) -> None:
    with served() as url:
        done = run_at(light, url, "--names", "given")
        assert 0 == done.status
        done = run_at(light, url, "--names", "never")
    assert 3 == done.status
    assert "messages[1], `user_system`" in done.err
    assert "names" in done.err


def test_all_that_compile_says_is_said(light: Program) -> None:
    done = light("run", "light.yaml", "--offline", "--explain", "--report", "costs.json")
    assert f"{ANSWER}\n" == done.out
    assert "light.yaml:5:39" in done.err
    assert (light.folder / "costs.json").is_file()


def test_a_pipe_that_does_not_wait_holds_no_message(light: Program) -> None:
    script = (
        "import os, subprocess, sys\n"
        "reader, writer = os.pipe()\n"
        "os.set_blocking(reader, False)\n"
        "ran = [sys.executable, '-m', 'm2her_compose', 'run', sys.argv[1], '--offline']\n"
        "sys.exit(subprocess.run(ran, stdin=reader).returncode)"
    )
    own, piped = light.python(script, "light.yaml"), light.python(script, "-")
    assert (0, f"{ANSWER}\n") == (own.status, own.out)
    assert (2, "m2her: nothing can be read from standard input yet\n") == (piped.status, piped.err)


def test_a_terminal_obeys_nothing_in_a_reply(m2her: Program) -> None:
    hostile = r"\e[2J\e]0;owned\a \u202eevil \u200b 👩\u200d🚀"
    m2her.write("light.yaml", SCENE.replace(f'edda: "{ANSWER}"', f'edda: "{hostile}"'))
    piped = m2her("run", "light.yaml", "--offline").out
    shown = m2her.on_terminal("run", "light.yaml", "--offline")
    for out in (piped, shown):
        assert r"\u{1b}[2J\u{1b}]0;owned\u{7} \u{202e}evil \u{200b} 👩‍🚀" in out
    exact = only(m2her("run", "light.yaml", "--offline", "--json"))["reply"]
    assert "\x1b[2J\x1b]0;owned\x07 \u202eevil \u200b 👩\u200d🚀" == exact


def test_nothing_is_sent_that_may_cost_too_much(light: Program) -> None:
    cheap = light("run", "light.yaml", "--offline", "--target", "openrouter", "--max-cost", "1")
    assert 0 == cheap.status
    with served() as url:
        done = run_at(light, url, "--target", "openrouter", "--max-cost", "0.000001")
        assert (2, "") == (done.status, done.out)
        assert "nothing was sent: it may cost 0.002" in done.err
        done = run_at(light, url, "--max-cost", "1")
    assert (2, "") == (done.status, done.out)
    assert "no price is known for `m2-her` and the model `M2-her`;" in done.err


def test_a_price_is_that_of_a_models_target(light: Program) -> None:
    args = ("run", "light.yaml", "--offline", "--max-cost", "1", "--target")
    done = light(*args, "openrouter", "--model", "another")
    assert (2, "") == (done.status, done.out)
    assert "no price is known for `openrouter` and the model `another`;" in done.err

    light.write("m2her.toml", "[targets.own]\nprice = {input = 100, output = 1000}\n")
    done = light(*args, "own")
    assert (2, "") == (done.status, done.out)
    assert "no limit of replies is known for `own`; set one with `--max-tokens`" in done.err
    assert 2 == light(*args, "own", "--max-tokens", "1000").status
    found = only(light(*args, "own", "--max-tokens", "100", "--json"))
    usage = found["usage"]
    assert usage["prompt_tokens"] * 100 + usage["completion_tokens"] * 1000 == round(
        found["cost_usd"] * 1_000_000
    )


def test_ctrl_c_ends_it_at_once(light: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        with light.started("run", "light.yaml", "--base-url", url) as process:
            connection, _ = server.accept()
            with connection:
                assert connection.recv(4) == b"POST"  # which is never answered
                process.send_signal(signal.SIGINT)
                out, err = process.communicate()
    assert (130, b"", b"") == (process.returncode, out, err)


def test_a_reader_that_leaves_is_no_error(light: Program) -> None:
    done = light.shell("$M2HER run light.yaml --offline -n 50 | head -c 5; echo status $?")
    assert "*She \nstatus 0\n" in done.out.replace("*She status", "*She \nstatus")
    assert "Traceback" not in done.err


def test_offline_needs_no_network_library(light: Program) -> None:
    done = light.python(
        "import sys\nfrom m2her_compose.cli.app import app\n"
        "try:\n    app(['run', 'light.yaml', '--offline'])\n"
        "except SystemExit:\n    pass\n"
        "print(sorted({'httpx', 'uvicorn', 'socketserver'} & set(sys.modules)))"
    )
    assert f"{ANSWER}\n[]\n" == done.out


# --- doctor


def test_the_doctor_finds_what_an_endpoint_takes(m2her: Program) -> None:
    done = m2her("doctor", "--offline")
    assert (0, 7) == (done.status, done.out.count("  taken\n"))
    assert "the endpoint takes all seven roles" in done.err
    refused = ",".join(["ok", *["code=2013"] * 4, "ok", "ok"])
    with served(f"script={refused}") as url:
        done = m2her("doctor", "--base-url", url)
    lines = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert 0 == done.status
    assert ["taken", *["refused"] * 4, "taken", "taken"] == [line.split()[1] for line in lines]
    assert "compile with `--target basic`" in done.err


def test_the_doctor_knows_an_outage_from_a_refusal(m2her: Program) -> None:
    with served("code=1000") as url:
        done = m2her("doctor", "--base-url", url, env={"M2HER_RUN_RETRIES": "0", "COLUMNS": "40"})
    assert 3 == done.status
    assert "try again later" in done.err
    assert 7 == done.out.count("  refused\n")
    assert max(map(len, done.out.splitlines())) <= 40
    assert "HTTP 500, code 1000" in " ".join(done.out.split())


def test_the_doctor_says_why_nothing_answers(m2her: Program) -> None:
    with served(key=SECRET) as url:
        done = m2her("doctor", "--base-url", url)
    assert (3, "") == (done.status, done.out)
    assert "HTTP 401" in done.err
    assert (2, "") == (m2her("doctor").status, m2her("doctor").out)


# --- serve


def test_serve_answers_until_it_is_told_to_end(light: Program) -> None:
    with light.started("serve", "--port", "0", text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        found = re.search(r"(http://127\.0\.0\.1:\d+)/v1", said)
        assert found is not None
        assert f"{ANSWER}\n" == run_at(light, found[1]).out
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (0, "", "") == (process.returncode, out, err)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--host", "0.0.0.0"), "--allow-remote"),  # noqa: S104 - and refused
        (("--port", "70000"), "`--port 70000` is no port"),
        (("--fault", "flood"), "flood"),
        (("--replay", "none.jsonl"), "none.jsonl"),
        (
            ("--record", "a.jsonl", "--replay", "b.jsonl", "--base-url", "http://localhost"),
            "--replay",
        ),
        (("--record", "a.jsonl"), "set `MINIMAX_API_KEY`; without `--record`, "),
        (("--base-url", "https://example.com"), "--base-url goes with --record"),
        (("--key-file", "key"), "--key-file goes with --record"),
        (("--lenient", "--replay", "a.jsonl"), "--lenient is for rehearsing"),
        (("--key", " "), "--key wants a word"),
    ],
    ids=" ".join,
)
def test_serve_refuses_what_makes_no_sense(
    m2her: Program, arguments: tuple[str, ...], why: str
) -> None:
    port = () if "--port" in arguments else ("--port", "0")
    done = m2her("serve", *arguments, *port)
    assert (2, "") == (done.status, done.out)
    assert why in done.err
    assert [] == m2her.files()


def test_what_was_recorded_is_played_back(light: Program) -> None:
    """A run against a recording needs neither the service nor a key."""
    record = ("serve", "--port", "0", "--record", "kept.jsonl")
    with served(key=SECRET) as real:
        env = {"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": f"{real}/v1"}
        first = served_once(light, (*record, "--base-url", real), env)
    kept = light.folder / "kept.jsonl"
    again = served_once(light, ("serve", "--port", "0", "--replay", "kept.jsonl"), {})
    assert (f"{ANSWER}\n", f"{ANSWER}\n") == (first, again)
    assert SECRET not in kept.read_text(encoding="utf-8")
    assert 0o600 == kept.stat().st_mode & 0o777


def test_a_silent_service_is_not_recorded_for_ever(light: Program) -> None:
    with served("silent:after=1") as real:
        env = {"M2HER_RUN_TIMEOUT": "1"}
        record = ("serve", "--port", "0", "--record", "kept.jsonl", "--base-url", real)
        with pytest.raises(httpx.RemoteProtocolError):
            served_once(light, record, env, ask=asked_by_others)
    assert "" == (light.folder / "kept.jsonl").read_text(encoding="utf-8")


def asked_by_others(url: str) -> str:
    body = {"model": "M2-her", "stream": True, "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"authorization": "Bearer any"}
    return httpx.post(f"{url}/v1/chat/completions", json=body, headers=headers, timeout=20).text


def served_once(
    m2her: Program,
    arguments: tuple[str, ...],
    env: dict[str, str],
    ask: Callable[[str], str] | None = None,
) -> str:
    with m2her.started(*arguments, env=env, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"(http://127\.0\.0\.1:\d+)/v1", process.stderr.readline())
        assert found is not None
        said = run_at(m2her, found[1]).out if ask is None else ask(found[1])
        process.terminate()
        assert 0 == process.wait()
        return said


def test_a_scenario_may_be_named_by_its_id(light: Program) -> None:
    assert f"{ANSWER}\n" == light("run", "light", "--offline").out
    done = light("run", "dark", "--offline")
    assert (2, "") == (done.status, done.out)
    assert "the id of no scenario" in done.err
