"""A Redis of the tests' own, on a loopback port, that can be stopped, frozen and lost."""

import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pytest

BINARY = shutil.which("redis-server") or shutil.which("valkey-server")
START_TIMEOUT_SECONDS = 5


@dataclass
class RedisServer:
    """One server process; its data live as long as it does."""

    port: int
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    credentials: str = ""  # with an @ behind it
    _own_commands: int = field(default=0, repr=False)  # commands that were given here

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://{self.credentials}127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it empty, and be back when it answers."""
        assert BINARY is not None
        self._own_commands = 0
        settings = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        self.process = subprocess.Popen(  # noqa: S603 - found on the path
            [BINARY, "--port", str(self.port), *settings],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ends = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._is_responding():
            assert time.monotonic() < ends, "redis-server does not start"
            time.sleep(0.01)

    def kill(self) -> None:
        """End it without a word, and with all its data."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """Let it accept everything and answer nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on where it was."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def dump_all(self) -> bytes:
        """Every key and every value, as they travel."""
        script = """
            local all = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              table.insert(all, key)
              table.insert(all, redis.call('DUMP', key))
              for _, read in ipairs({'GET', 'HGETALL'}) do
                local got = redis.pcall(read, key)
                if type(got) == 'string' then table.insert(all, got) end
                if type(got) == 'table' and not got.err then
                  for _, each in ipairs(got) do table.insert(all, each) end
                end
              end
            end
            return table.concat(all, '\\n')
        """
        return self._send_command("EVAL", script, "0")

    def overwrite_all(self, content: str) -> None:
        """Put this in the place of every text."""
        script = (
            "for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('SET', key, ARGV[1]) end"
        )
        self._send_command("EVAL", script, "0", content)

    def restrict(self, prefix: str, commands: Sequence[str]) -> None:
        """Let whoever takes its address from now on do no more than this, on these names."""
        rules = [f"~{prefix}*", f"&{prefix}*", "-@all", *(f"+{each.lower()}" for each in commands)]
        self._send_command(
            "ACL", "SETUSER", "guest", "on", ">word", "resetkeys", "resetchannels", *rules
        )
        self.credentials = "guest:word@"

    def read_acl_log(self) -> bytes:
        """What was refused to whom, as Redis tells it."""
        return self._send_command("ACL", "LOG")

    def limit_memory(self) -> None:
        """Let it accept nothing more."""
        self._send_command("CONFIG", "SET", "maxmemory", "1")

    def count_commands(self) -> int:
        """How many commands others have given it, those of their scripts among them."""
        own_commands = self._own_commands
        line = next(
            line
            for line in self._send_command("INFO", "stats").splitlines()
            if b"commands_pro" in line
        )
        return int(line.partition(b":")[2]) - own_commands

    def count_subscribers(self) -> int:
        """How many connections listen to a channel."""
        clients = self._send_command("CLIENT", "LIST", "TYPE", "pubsub").splitlines()
        return sum(b" sub=1 " in line for line in clients)

    def count_calls(self, command: str) -> int:
        """How often it was given this command, by scripts or by others than us."""
        statistics = self._send_command("INFO", "commandstats").decode()
        found = re.search(rf"cmdstat_{command}:calls=(\d+)", statistics)
        return int(found[1]) if found else 0

    def _is_responding(self) -> bool:
        try:
            return self._send_command("PING").startswith(b"+PONG")
        except OSError:
            return False

    def _send_command(self, *command: str) -> bytes:
        parts = [f"*{len(command)}\r\n", *(f"${len(each)}\r\n{each}\r\n" for each in command)]
        with closing(socket.create_connection(("127.0.0.1", self.port), 1)) as connection:
            self._own_commands += 2
            connection.sendall("".join([*parts, "*1\r\n$4\r\nQUIT\r\n"]).encode())
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        return answer


@contextmanager
def run_redis_server() -> Generator[RedisServer]:
    """A running server; without the program the test is skipped by name."""
    if BINARY is None:
        pytest.skip("redis-server is not installed")
    server = RedisServer(find_free_port())
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def run_silent_server() -> Generator[str]:
    """The address of a server that accepts connections and never says anything."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def find_free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    return port
