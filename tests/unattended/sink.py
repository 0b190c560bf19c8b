"""A real mail server on the loopback interface, in a process of its own: whoever sends may be forked and killed.

Each mail that it takes is a line of a file, written before it says so. Which replies it gives is in another file.

    python -m tests.unattended.sink LOG PLAN
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
CUT = "cut"  # the connection, after the mail was taken and before that is said


@dataclass(frozen=True, slots=True)
class Sink:
    """port: where it listens. log: what it took. plan: what it says to the next mails, a reply each."""

    port: int
    log: Path
    plan: Path

    def taken(self) -> list[dict[str, str]]:
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [json.loads(line) for line in lines]

    def will_say(self, *replies: str) -> None:
        self.plan.write_text(json.dumps(replies), encoding="utf-8")

    def begin_anew(self) -> None:
        self.log.unlink(missing_ok=True)
        self.plan.unlink(missing_ok=True)


@contextmanager
def running(folder: Path) -> Iterator[Sink]:
    log, plan = folder / "taken", folder / "plan"
    command = [sys.executable, "-m", "tests.unattended.sink", str(log), str(plan)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield Sink(int(server.stdout.readline()), log, plan)
        server.communicate("")  # it ends with its input


def serve(log: Path, plan: Path) -> None:
    from email import message_from_bytes

    from aiosmtpd.smtp import SMTP, Envelope, Session

    class Handler:
        async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
            replies = json.loads(plan.read_text(encoding="utf-8")) if plan.exists() else []
            reply = replies.pop(0) if replies else "250 2.0.0 Ok"
            if plan.exists():
                plan.write_text(json.dumps(replies), encoding="utf-8")
            content = envelope.content
            assert isinstance(content, bytes)
            if reply.startswith("250") or reply == CUT:
                mail = message_from_bytes(content)
                line = {
                    "id": str(mail["Message-ID"]),
                    "to": envelope.rcpt_tos[0],
                    "late": mail["X-Emrnetcheck-Delayed"],
                }
                with log.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(line) + "\n")
            if reply == CUT:
                assert isinstance(server.transport, asyncio.Transport)
                server.transport.abort()
            return reply

    async def until_input_ends() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(Handler(), hostname="sink.example", loop=loop, enable_SMTPUTF8=False), "127.0.0.1", 0
        )
        print(server.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        server.close()

    asyncio.run(until_input_ends())


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
