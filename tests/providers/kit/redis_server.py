"""A Redis server for tests, on a loopback port, that can be killed, frozen and inspected."""

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
    """A server process. Its data are lost when it ends."""

    port: int
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    credentials: str = ""  # user:password@
    _own_commands: int = field(default=0, repr=False)  # not counted by count_commands

    @property
    def url(self) -> str:
        """Its URL, with the credentials of the restricted user if there is one."""
        return f"redis://{self.credentials}127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it without data, and wait until it responds."""
        assert BINARY is not None
        self._own_commands = 0
        settings = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
        self.process = subprocess.Popen(  # noqa: S603 - found on the path
            [BINARY, "--port", str(self.port), *settings],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not self._is_responding():
            assert time.monotonic() < deadline, "redis-server does not start"
            time.sleep(0.01)

    def kill(self) -> None:
        """Kill it; its data are lost."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        """Stop the process: it still accepts connections, and does not respond."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Continue the process after `freeze`."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def dump_all(self) -> bytes:
        """Return every key and every value as stored bytes."""
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
        """Overwrite every string value."""
        script = (
            "for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('SET', key, ARGV[1]) end"
        )
        self._send_command("EVAL", script, "0", content)

    def restrict(self, prefix: str, commands: Sequence[str]) -> None:
        """Make `url` that of a user with these commands only, on keys with this prefix only."""
        rules = [f"~{prefix}*", f"&{prefix}*", "-@all", *(f"+{each.lower()}" for each in commands)]
        self._send_command(
            "ACL", "SETUSER", "restricted", "on", ">password", "resetkeys", "resetchannels", *rules
        )
        self.credentials = "restricted:password@"

    def read_acl_log(self) -> bytes:
        """Return Redis' log of denied commands."""
        return self._send_command("ACL", "LOG")

    def limit_memory(self) -> None:
        """Make it reject every write because of its memory limit."""
        self._send_command("CONFIG", "SET", "maxmemory", "1")

    def count_commands(self) -> int:
        """Return the number of commands of other clients, including those inside scripts."""
        own_commands = self._own_commands
        line = next(
            line
            for line in self._send_command("INFO", "stats").splitlines()
            if b"commands_pro" in line
        )
        return int(line.partition(b":")[2]) - own_commands

    def count_sent_bytes(self) -> int:
        """Return how many bytes it has sent to all clients."""
        statistics = self._send_command("INFO", "stats").decode()
        return int(statistics.partition("total_net_output_bytes:")[2].split()[0])

    def count_subscribers(self) -> int:
        """Return the number of connections that are subscribed to a channel."""
        clients = self._send_command("CLIENT", "LIST", "TYPE", "pubsub").splitlines()
        return sum(b" sub=1 " in line for line in clients)

    def count_calls(self, command: str) -> int:
        """Return how often this command was executed, directly or inside scripts."""
        statistics = self._send_command("INFO", "commandstats").decode()
        match = re.search(rf"cmdstat_{command}:calls=(\d+)", statistics)
        return int(match[1]) if match else 0

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
            reply = b""
            while chunk := connection.recv(65536):
                reply += chunk
        return reply


@contextmanager
def run_redis_server() -> Generator[RedisServer]:
    """Run a server during the block; skip the test if the program is not installed."""
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
    """Yield the URL of a server that accepts connections and never responds."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def find_free_port() -> int:
    """Return a port that no server listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
