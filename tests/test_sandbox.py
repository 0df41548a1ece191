"""The sandbox: what a right answer, a wrong one, an accident and a proof each give."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from workbook import sandbox
from workbook.sandbox import Limits, Observation, Verdict, run_checks, run_proof

CHECKS = """
def adds(call):
    call("f", 2).gives(4)
    call("f", 3).gives(5)

def again(call):
    call("f", 0).gives(2)

def refuses(call):
    call("g").raises(ValueError)

def looks(call, submission):
    call.observed("the value of x", submission.x).gives([1])

def asserts(submission):
    assert submission.x == 1, "x: expected 1, got something else"

def asserts_silently(submission):
    assert submission.x == 1

def gives_nothing(call):
    call("f", 2)

def goes_on(call):
    try:
        call("f", 2).gives(5)
    except AssertionError:
        pass

def looks_at_an_object(call):
    shop = call("f", 2).value
    call.observed("shop.name", shop.name).gives("shop")

def skips():
    import pytest
    pytest.skip("not today")

def wants_too_much(tea):
    pass

def expects_an_object(call):
    call("f", 2).gives(object())

def long_list(call):
    call("f", 2).gives(list(range(300)))
"""
GOOD = "def f(n):\n    return n + 2\n"


def left_processes(folder: Path) -> list[str]:
    """Every living process, wherever it went, that was given a temporary folder in this one.

    What was forked shows another environment; it would be a descendant of the fork server.
    """
    server, found = sandbox._ForkServer.current, []
    with suppress(psutil.NoSuchProcess):
        children = psutil.Process(server.process.pid).children(recursive=True) if server else ()
        found = [f"{child.pid} forked {child.status()}" for child in children]
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            environment = process.environ()
            if environment.get("TMPDIR", "").startswith(f"{folder}{os.sep}"):
                found.append(f"{process.pid} {process.cmdline()} {process.status()}")
    return [each for each in found if not each.endswith(psutil.STATUS_ZOMBIE)]


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Whatever a test runs, no process and no folder outlives it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert left_processes(folder) == []
    assert list(folder.iterdir()) == []


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    file = tmp_path / "checks.py"
    file.write_text(CHECKS)
    return file


@pytest.fixture
def run(checks: Path) -> Callable[..., Verdict]:
    def run(source: str, *names: str, **limits: float) -> Verdict:
        given = {"seconds": 20, **limits}
        return run_checks(
            textwrap.dedent(source), checks, names or ("adds", "again"), Limits(**given)
        )

    return run


# ---------------------------------------------------------------- ordinary answers


@pytest.mark.usefixtures("way")
def test_a_right_answer_passes_and_shows_what_was_called(run: Callable[..., Verdict]) -> None:
    verdict = run(GOOD + "print('hello')")
    assert (verdict.passed, verdict.failure, verdict.output) == (True, None, "hello\n")
    assert [check.name for check in verdict.checks] == ["adds", "again"]
    assert [(c.label, c.expected, c.got, c.ok) for c in verdict.checks[0].calls] == [
        ("f(2)", "4", "4", True),
        ("f(3)", "5", "5", True),
    ]


def test_a_wrong_answer_names_input_expected_and_got(run: Callable[..., Verdict]) -> None:
    verdict = run("def f(n):\n    return n * 2\n")
    assert (verdict.passed, verdict.failure) == (False, None)
    assert [(check.name, check.passed, check.message) for check in verdict.checks] == [
        ("adds", False, "f(3): expected 5, got 6"),
        ("again", False, "f(0): expected 2, got 0"),
    ]


def test_an_exception_names_the_line(run: Callable[..., Verdict]) -> None:
    message = run("def f(n):\n    return n + two\n").checks[0].message
    assert message == (
        "f(2): expected 4, got raises NameError: name 'two' is not defined "
        "(line 2: `return n + two`)"
    )


def test_an_expected_exception(run: Callable[..., Verdict]) -> None:
    assert run("def g(): int('x')", "refuses").passed
    assert run("class Mine(ValueError): pass\ndef g(): raise Mine", "refuses").passed
    assert run("def g(): return 1", "refuses").checks[0].message == (
        "g(): expected raises ValueError, got 1"
    )
    assert "got raises KeyError: 1 (line 1:" in run("def g(): {}[1]", "refuses").checks[0].message


def test_a_coroutine_function_is_awaited(run: Callable[..., Verdict]) -> None:
    assert run("import asyncio\nasync def f(n):\n  await asyncio.sleep(0)\n  return n + 2").passed


def test_a_check_may_look_at_the_module(run: Callable[..., Verdict]) -> None:
    assert run("x = [1]", "looks").passed
    assert run("x = 2", "asserts").checks[0].message == "x: expected 1, got something else"
    assert run("y = 1", "asserts").checks[0].message == (
        "AttributeError: the cell defines no `x` (it defines y)"
    )


def test_an_assert_without_a_text_shows_itself(run: Callable[..., Verdict]) -> None:
    message = run("x = 2", "asserts_silently").checks[0].message
    assert message == "`assert submission.x == 1` does not hold"


def test_an_object_can_be_looked_at_further(run: Callable[..., Verdict]) -> None:
    assert run("class f:\n  def __init__(self, n): self.name = 'shop'", "looks_at_an_object").passed
    message = run("def f(n): return 1/0", "looks_at_an_object").checks[0].message
    assert message == "ZeroDivisionError: division by zero (line 1: `def f(n): return 1/0`)"


def test_an_exception_that_a_check_does_not_ask_about_is_no_pass(
    run: Callable[..., Verdict],
) -> None:
    assert run(GOOD, "gives_nothing").passed
    assert not run("def f(n): return 1/0", "gives_nothing").passed


def test_a_difference_counts_even_if_something_swallows_it(run: Callable[..., Verdict]) -> None:
    verdict = run(GOOD, "goes_on")
    assert not verdict.passed
    assert verdict.checks[0].message == "f(2): expected 5, got 4"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("skips", "Skipped: not today"),
        ("wants_too_much", "fixture 'tea' not found"),
        ("expects_an_object", "f(2): expected <object>, got <object>"),
        ("no_such_check", "It did not come to its end."),
    ],
)
def test_a_check_that_cannot_judge_does_not_pass(
    run: Callable[..., Verdict], name: str, message: str
) -> None:
    verdict = run("def f(n): return object()", name)
    assert not verdict.passed
    assert message in verdict.checks[0].message


def test_checks_that_cannot_be_imported_are_named(
    run: Callable[..., Verdict], checks: Path
) -> None:
    checks.write_text("import no_such_thing")
    failure = run(GOOD).failure
    assert failure
    assert failure.startswith("checks.py cannot be used:")
    assert "no_such_thing" in failure


def test_a_module_works_as_a_module_does(run: Callable[..., Verdict]) -> None:
    """Dataclasses, inspect and processes that import the module by name."""
    source = """
        import concurrent.futures, dataclasses, inspect, multiprocessing
        from __future__ import annotations
        @dataclasses.dataclass
        class Point:
            x: int
        def f(n):
            assert "n + 2" in inspect.getsource(add)
            context = multiprocessing.get_context("spawn")
            with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
                return pool.submit(add, Point(n)).result()
        def add(point):
            return point.x + 2  # n + 2
    """
    source = textwrap.dedent(source).replace("\nfrom __future__ import annotations", "")
    verdict = run(source)
    assert (verdict.failure, verdict.passed) == (None, True), verdict


def test_what_is_shown_is_the_same_each_time(run: Callable[..., Verdict]) -> None:
    """No address, no folder, and the same order of a set."""
    source = """
        import os
        class Thing: pass
        print(Thing(), os.getcwd(), {"a", "b", "c", "d", "e"}, open("submission.py").name)
        def f(n):
            raise ValueError(Thing(), __file__)
    """
    first, second = run(source), run(source)
    assert first.checks == second.checks
    assert first.output == second.output
    assert "0x..." in first.output
    assert "your code" in first.checks[0].message
    assert str(Path(tempfile.gettempdir())) not in first.output + first.checks[0].message


# ---------------------------------------------------------------- values


LOOKS_LIKE_FOUR = {
    "a float": "4.0",
    "a bool for an int": "True",
    "a string": "'4'",
    "an object that equals everything": "type('Always', (), {'__eq__': lambda *_: True})()",
    "an int of a class of its own": "type('Int', (int,), {})(4)",
    "an int of an enumeration": "__import__('enum').IntEnum('E', [('FOUR', 4)]).FOUR",
    "a string that says so": "type('Lie', (), {'__repr__': lambda _: '4'})()",
    "a class of that name": "type('4', (), {})",
    "a function of that name": "named_four",
    "nothing": "None",
}


@pytest.mark.parametrize("value", LOOKS_LIKE_FOUR)
def test_only_an_int_is_an_int(run: Callable[..., Verdict], value: str) -> None:
    source = f"""
        def named_four(): pass
        named_four.__name__ = "4"
        def f(n): return {LOOKS_LIKE_FOUR[value]}
    """
    verdict = run(source)
    assert not verdict.passed
    assert verdict.checks[0].message.startswith("f(2): expected 4, got ")


SAME = """
def check(call):
    for value in [
        [1, (2,), {"b": b"x", "a": {1.5, "z"}}, None, True, -0.0, float("inf"), set(), {}, ()],
        10**1000, "ä\\n'\\"", {(1, 2): [3]}, float("-inf"), {1, 2, 3, "a", "b"},
    ]:
        call("same", value).gives(value)
    call("turned", {"a": 1, "b": 2}).gives({"b": 2, "a": 1})
    for value in [[1], (1,), {1}, {1: 2}, 1, True, "x", b"x", None, 0, "", [], {}, [[]], [()]]:
        call("other", value).gives(value)
"""


def test_plain_values_are_compared_with_their_types(
    run: Callable[..., Verdict], checks: Path
) -> None:
    checks.write_text(SAME)
    verdict = run(
        """
        def same(value): return value
        def turned(value): return dict(reversed(value.items()))
        others = [(1,), [1], [1], {1: 2.0}, 1.0, 1, b"x", "x", 0, None, None, (), [], [()], [[]]]
        others = iter(others)
        def other(value): return next(others)
        """,
        "check",
    )
    assert [call.label for call in verdict.checks[0].calls if not call.ok] == ["other([1])"]
    assert len(verdict.checks[0].calls) == 8


@pytest.mark.parametrize(
    ("value", "got"),
    [
        ("list(range(10**7))", "<list, too large to show>"),
        ("'x' * 10**8", "<str, too large to show>"),
        ("1 << 10**7", "<int, too large to show>"),
        ("[[0] * 9_000] * 9_000", "<list, too large to show>"),
        ("nested", "<list, too large to show>"),
        ("itertools.count()", "<count>"),
        ("(n for n in itertools.count())", "<generator>"),
        ("float('nan')", "<nan>"),
        ("[1, object()]", "[1, <object>]"),
        ("(n for n in [])", "<generator>"),
    ],
)
def test_huge_and_endless_values_are_described(
    run: Callable[..., Verdict], value: str, got: str
) -> None:
    verdict = run(
        f"import itertools\nnested = []\nnested.append(nested)\ndef f(n): return {value}\n"
    )
    assert verdict.checks[0].message == f"f(2): expected 4, got {got}"


def test_long_texts_are_cut_for_people(run: Callable[..., Verdict]) -> None:
    verdict = run("def f(n): return list(range(299))", "long_list")
    assert len(verdict.checks[0].message) < 1000
    assert verdict.checks[0].calls[0].got == str(list(range(299)))


# ---------------------------------------------------------------- accidents

FORK = """
import os, time
def hide(forever=True):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            while True: time.sleep(1)
        os._exit(0)
    os.wait()
"""
BOMB = """
    import os, time
    end, generation = time.time() + 60, 0
    while time.time() < end and generation < 11:
        generation += 1
        os.fork()
    time.sleep(max(0, end - time.time()))
"""
#: For each accident: the code, and a part of what the verdict says about it.
ACCIDENTS = {
    "while True": ("def f(n):\n  while True: pass", "Stopped after 3 s, "),
    "while True in the cell": ("while True: pass", "Stopped after 3 s, "),
    "sys.exit(0)": ("import sys\nsys.exit(0)", "SystemExit: 0 (line 2: `sys.exit(0)`)"),
    "sys.exit(0) in a call": (
        "import sys\ndef f(n): sys.exit(0)",
        "f(2): expected 4, got raises SystemExit: 0",
    ),
    "os._exit(0)": (
        "import os\ndef f(n): os._exit(0)",
        "The process ended (exit code 0), in f(2).",
    ),
    "memory": (
        "def f(n):\n  x = []\n  while True: x.append('x' * 10**6 + str(len(x)))",
        "Stopped at more than 200 MB of memory, in f(2).",
    ),
    "memory at once": ("def f(n): return bytearray(10**11)", "got raises MemoryError"),
    "100 MB of prints": (
        "for _ in range(10**5): print('x' * 1000)",
        "Stopped at more than 1,000,000 bytes of printed output, while the cell itself ran.",
    ),
    "fork": (
        "import os\ndef f(n):\n  if os.fork() == 0:\n    while True: pass\n  return n + 2",
        "A process was left running (3 in all).",
    ),
    "fork and setsid": (
        FORK + "\ndef f(n):\n  hide()\n  return n + 2",
        "A process was left running (3 in all).",
    ),
    "fork bomb": (BOMB, "Stopped at more than 100 processes"),
    "fork bomb with setsid": (
        BOMB.replace("os.fork()", "os.fork() or os.setsid()"),
        "Stopped at more than 100 processes",
    ),
    "killing its parent": (
        "import os, time\ndef f(n):\n  os.kill(os.getppid(), 9)\n  time.sleep(1)",
        "The sandbox did not work: its supervisor was killed.",
    ),
    "a thread that never ends": (
        "import threading, time\n"
        "threading.Thread(target=lambda: time.sleep(600), name='poll').start()\n" + GOOD,
        "A thread was left running: poll.",
    ),
    "deleting its working directory": (
        "import os, shutil\nshutil.rmtree(os.getcwd())\ndef f(n): return os.getcwd()",
        "f(2): expected 4, got '.../work'",
    ),
    "deleting it in a call": (
        "import os, shutil\ndef f(n):\n  shutil.rmtree(os.getcwd())\n  return n",
        "f(2): expected 4, got 2",
    ),
    "chdir": ("import os\ndef f(n):\n  os.chdir('/')\n  return n", "f(2): expected 4, got 2"),
    "reading standard input": (
        "def f(n): return input('How many? ')",
        "f(2): expected 4, got raises EOFError",
    ),
    "a syntax error": (
        "def f(n)\n    return n + 2\n",
        "SyntaxError in line 1: expected ':'\ndef f(n)\n        ^",
    ),
    "a null byte": ("x = '\0'", "SyntaxError"),
    "deep nesting": ("x = " + "(" * 1000 + ")" * 1000, "too many nested parentheses"),
    "a missing name": (
        "def g(n): return n",
        "AttributeError: the cell defines no `f` (it defines g)",
    ),
    "endless recursion": (
        "def f(n):\n  return f(n + 1)",
        "got raises RecursionError: it calls itself without end (line 2: `return f(n + 1)`)",
    ),
    "endless recursion in the cell": ("def f(n): return f(n)\nf(1)", "RecursionError"),
    "segfault": (
        "import ctypes\ndef f(n): ctypes.string_at(0)",
        "The process ended (SIGSEGV), in f(2).",
    ),
    "abort": ("import os\ndef f(n): os.abort()", "The process ended (SIGABRT), in f(2)."),
    "closing descriptors": (
        "import os\nos.closerange(0, 256)\ndef f(n): return n",
        "f(2): expected 4, got 2",
    ),
    "closing stdout": ("import sys\nsys.stdout.close()\ndef f(n): return n", "expected 4, got 2"),
    "always equal": (
        "class Always:\n  def __eq__(self, other): return True\n"
        "  __hash__ = None\ndef f(n): return Always()",
        "f(2): expected 4, got <Always>",
    ),
    "shadowed builtins": ("list = [1]\nprint = None\ndef f(n): return n", "expected 4, got 2"),
    "broken builtins": (
        "import builtins\nbuiltins.list = [1]\nbuiltins.print = None\nbuiltins.len = None\n" + GOOD,
        "",
    ),
    "a fake report": (
        'print(\'{"check": "adds", "message": ""}\')\nprint("2 passed")\n',
        "AttributeError: the cell defines no `f` (it defines nothing)",
    ),
    "a forged report": (
        "import json, os\nwith open('../report', 'a') as report:\n"
        "  for told in {'check': 'adds'}, {'check': 'again'}, {'done': True}:\n"
        "    print(json.dumps({'message': '', **told}), file=report)\nos._exit(0)",
        "The code changed the sandbox's own files.",
    ),
    "a spoilt report": (
        "open('../report', 'w').write('{{{\\n[]\\n')\n" + GOOD,
        "The code changed the sandbox's own files.",
    ),
    "deleting the sandbox": (
        "import shutil\nshutil.rmtree('..')\n" + GOOD,
        "The code changed the sandbox's own files.",
    ),
    "a repr that says the same of all": (
        "import builtins\nbuiltins.repr = lambda value: '4'\ndef f(n): return n",
        "f(2): expected 4, got 2",
    ),
    "a shell command": ("!pip list\n" + GOOD, "This cell is a module: no `%` and `!`"),
    "await in the cell": (
        "import asyncio\nawait asyncio.sleep(0)\n" + GOOD,
        "'await' outside function\nawait asyncio.sleep(0)\n^\nThis cell is a module: ",
    ),
    "raising at import": ("raise ValueError('no')", "ValueError: no (line 1:"),
    "KeyboardInterrupt": ("def f(n): raise KeyboardInterrupt", "got raises KeyboardInterrupt"),
    "GeneratorExit in the cell": ("raise GeneratorExit", "GeneratorExit"),
    "an error that cannot be shown": (
        "class E(Exception):\n  def __str__(self): return 1/0\ndef f(n): raise E",
        "got raises E: (its text cannot be shown)",
    ),
    "a coroutine that never ends": (
        "import asyncio\nasync def f(n): await asyncio.Event().wait()",
        "Stopped after 3 s, ",
    ),
    "an endless generator": (
        "def f(n):\n  while True: yield n",
        "f(2): expected 4, got <generator>",
    ),
    "a wrong number of arguments": ("def f(): return 1", "got raises TypeError"),
    "no function": ("f = 3", "got raises TypeError: 'int' object is not callable"),
    "an atexit function that never ends": (
        "import atexit, time\natexit.register(lambda: time.sleep(600))\n" + GOOD.replace("2", "3"),
        "f(2): expected 4, got 5",
    ),
    "ignoring SIGTERM": (
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "def f(n):\n  while True: pass",
        "Stopped after 3 s, ",
    ),
}


#: How a run starts on this system, and how it starts on others. The soak tries all in both ways.
WAYS = ["forked", "started"] if sandbox.FORKS else ["started"]
BY_ITS_SUPERVISOR = ["while True", "memory", "100 MB of prints", "fork and setsid", "os._exit(0)"]
BY_ITS_SUPERVISOR += ["killing its parent", "reading standard input", "a thread that never ends"]
TRIED = [(accident, way) for way in WAYS for accident in ACCIDENTS]


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sandbox, "FORKS", request.param == "forked")
    name: str = request.param
    return name


@pytest.mark.needs_unix
@pytest.mark.parametrize(
    ("accident", "way"),
    [tried for tried in TRIED if tried[0] in BY_ITS_SUPERVISOR or tried[1] == WAYS[0]],
    indirect=["way"],
)
def test_an_accident_is_named_and_leaves_nothing(
    run: Callable[..., Verdict], accident: str, way: str
) -> None:
    source, said = ACCIDENTS[accident]
    verdict = run(source, seconds=3 if "Stopped after" in said else 20, memory_mb=200)
    told = "\n".join([verdict.failure or "", *(check.message for check in verdict.checks)])
    assert not verdict.passed, verdict
    assert told.strip(), verdict
    assert said in told


@pytest.mark.needs_unix
def test_a_stopped_supervisor_is_given_up(
    run: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbook.sandbox.PATIENCE", 1)
    verdict = run("import os, time\nos.kill(os.getppid(), 19)\ntime.sleep(600)", seconds=3)
    assert verdict.failure == "The sandbox did not work: its supervisor was killed."


GRANDPARENT = "open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1]"


@pytest.mark.skipif(not sandbox.FORKS, reason="no fork server on this system")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_fork_server_that_is_killed_or_stopped_is_replaced(
    run: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr("workbook.sandbox.PATIENCE", 1)
    assert run(GOOD).passed
    source = f"import os, time\nos.kill(int({GRANDPARENT}), {number})\ntime.sleep(600)"
    verdict = run(source, seconds=3)
    assert verdict.failure
    assert not verdict.passed
    assert run(GOOD).passed


OWNER = """
import sys, time
from pathlib import Path
from workbook import sandbox
verdict = sandbox.run_checks(sys.argv[2], Path(sys.argv[1]), ["adds"])
print(verdict.passed, sandbox._ForkServer.current.process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not sandbox.FORKS, reason="no fork server on this system")
@pytest.mark.parametrize("kill", [False, True])
def test_a_fork_server_ends_with_its_owner(checks: Path, kill: bool) -> None:
    command = [sys.executable, "-c", OWNER, str(checks), GOOD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        passed, pid = owner.stdout.readline().split()
        assert passed == b"True"
        server = psutil.Process(int(pid))
        if kill:
            owner.kill()
    server.wait(10)


def test_runs_of_several_threads_and_of_a_forked_process_stay_apart(
    run: Callable[..., Verdict],
) -> None:
    sources = [GOOD, GOOD.replace("2", "3")] * 4
    with ThreadPoolExecutor(4) as pool:
        assert [verdict.passed for verdict in pool.map(run, sources)] == [True, False] * 4
    if sandbox.FORKS:
        before = sandbox._ForkServer.current
        read, write = os.pipe()
        if not os.fork():
            with suppress(BaseException):
                told = run(GOOD).passed, sandbox._ForkServer.current is before
                os.write(write, repr(told).encode())
                sandbox._ForkServer.current.process.kill()  # type: ignore[union-attr]
            os._exit(0)
        os.wait()
        assert os.read(read, 100) == b"(True, False)"


def test_the_limit_says_what_was_going_on(run: Callable[..., Verdict]) -> None:
    loop = "  while True: pass"
    told = run(f"def f(n):\n{loop}", seconds=8)
    assert told.failure == "Stopped after 8 s, in f(2)."
    assert run(f"if True:\n{loop}", seconds=8).failure == (
        "Stopped after 8 s, while the cell itself ran."
    )


def test_what_was_printed_before_the_end_is_kept(run: Callable[..., Verdict]) -> None:
    verdict = run("import os\nprint('so far')\ndef f(n):\n  print(n)\n  os._exit(0)")
    assert verdict.output == "so far\n2\n"


def test_an_idle_pool_or_a_daemon_thread_is_no_accident(run: Callable[..., Verdict]) -> None:
    source = """
        import asyncio, concurrent.futures, threading, time
        pool = concurrent.futures.ThreadPoolExecutor(4)
        threading.Thread(target=lambda: time.sleep(600), daemon=True).start()
        async def f(n): return await asyncio.to_thread(lambda: pool.submit(lambda: n + 2).result())
    """
    verdict = run(source)
    assert (verdict.passed, verdict.failure) == (True, None)


@pytest.mark.usefixtures("way")
def test_a_process_that_is_spawned_imports_the_code(run: Callable[..., Verdict]) -> None:
    source = """
        import multiprocessing
        def add(n): return n + 2
        def f(n):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                return pool.map(add, [n])[0]
    """
    assert run(source).passed


@pytest.mark.usefixtures("way")
def test_the_environment_is_not_the_owners(
    run: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    run_it = run(
        "import os, sys, site\nprint(os.environ.get('SECRET'), '/nowhere' in sys.path,"
        "site.ENABLE_USER_SITE, os.environ['WORKBOOK_RECORD'], os.path.expanduser('~'))"
    )
    assert run_it.output == "None False False 0 .../work\n"


@pytest.mark.needs_unix
@pytest.mark.usefixtures("way")
def test_an_interrupt_ends_everything(checks: Path) -> None:
    timer = threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run_checks(FORK + "hide()\nwhile True: pass", checks, ["adds"], Limits(seconds=60))


@pytest.mark.needs_unix
@pytest.mark.soak
def test_every_accident_is_named_within_a_second_of_the_limit(
    checks: Path, way: str, soak_row: Callable[[str, str], None]
) -> None:
    limits, latest, which = Limits(seconds=5, memory_mb=200), 0.0, ""
    for accident, (source, _) in ACCIDENTS.items():
        for _ in range(5):
            verdict = run_checks(textwrap.dedent(source), checks, ["adds", "again"], limits)
            assert not verdict.passed
            if verdict.seconds > latest:
                latest, which = verdict.seconds, accident
    soak_row(
        f"{len(ACCIDENTS)} accidents, {way}, 5 times each: a named failure within the limit + 1 s",
        f"latest {latest - 5:.2f} s after a limit of 5 s ({which})",
    )
    assert latest < 6


# ---------------------------------------------------------------- proofs

PROOFS = """
import asyncio, os, subprocess, sys, time
import json

def plain(): return (1, [2.5, b"x"], {"k": {3, 1}}, None)
async def awaited(): return 7
def an_exception(): return ValueError("no")
def its_class(): return KeyError
def fails(): return json.loads("{")
def a_thing(): return [object()]
def endless():
    while True: time.sleep(1)
def missing_library():
    import httpx
    return httpx.__name__
def inner_process():
    code = "import httpx; print(httpx.__name__)"
    return subprocess.check_output([sys.executable, "-c", code], text=True)
def leaves_a_server():
    code = "import time; time.sleep(600)"
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    return "left"
def prints():
    print("seen")
    return 1
"""


@pytest.fixture
def observe(tmp_path: Path) -> Callable[..., Observation]:
    file = tmp_path / "proofs.py"
    file.write_text(PROOFS)

    def observe(name: str, *blocked: str, seconds: float = 30) -> Observation:
        return run_proof(file, name, Limits(seconds, 2048), blocked)

    return observe


@pytest.mark.usefixtures("way")
def test_a_proof_returns_what_it_observed(observe: Callable[..., Observation]) -> None:
    seen = observe("plain")
    assert seen.error is None
    assert seen.value == [1, [2.5, "x"], {"k": [1, 3]}, None]
    assert seen.literal == "(1, [2.5, b'x'], {'k': {1, 3}}, None)"
    assert observe("awaited").value == 7
    assert observe("prints").output == "seen\n"


@pytest.mark.parametrize(
    ("name", "raised"), [("an_exception", "ValueError"), ("its_class", "KeyError")]
)
def test_a_proof_reports_an_exception_by_returning_it(
    observe: Callable[..., Observation], name: str, raised: str
) -> None:
    seen = observe(name)
    assert (seen.raised, seen.literal, seen.error) == (raised, None, None)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("fails", "JSONDecodeError: Expecting property name"),
        ("a_thing", "a_thing() returned [<object>], which is no plain value"),
        ("no_such_proof", "has no attribute 'no_such_proof'"),
        ("endless", "Stopped after 2 s, in endless()."),
    ],
)
def test_a_proof_that_observes_nothing_says_why(
    observe: Callable[..., Observation], name: str, error: str
) -> None:
    seen = observe(name, seconds=2 if name == "endless" else 30)
    assert error in (seen.error or "")
    assert (seen.value, seen.literal, seen.raised) == (None, None, None)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", ["missing_library", "inner_process"])
def test_a_blocked_library_is_out_of_reach_of_the_proof_and_its_processes(
    observe: Callable[..., Observation], name: str
) -> None:
    assert observe(name).error is None
    assert observe(name, "httpx").error


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("library", ["json", "asyncio", "subprocess", "concurrent.futures"])
def test_a_blocked_library_of_the_standard_library_is_out_of_reach(
    observe: Callable[..., Observation], library: str, tmp_path: Path
) -> None:
    (tmp_path / "proofs.py").write_text(f"def imports():\n  import {library}\n  return 1\n")
    assert observe("imports").value == 1
    error = observe("imports", library).error
    assert error
    assert f"{library.partition('.')[0]} is blocked" in error


@pytest.mark.needs_unix
def test_what_a_proof_leaves_is_ended_and_no_fault(observe: Callable[..., Observation]) -> None:
    assert observe("leaves_a_server").value == "left"
