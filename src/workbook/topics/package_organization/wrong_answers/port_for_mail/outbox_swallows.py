# rejected by: is_put_together_by_build
# SmtpOutbox says nothing when it cannot send, so run() reports nobody.
import smtplib
from datetime import date
from typing import Protocol


class SmtpOutbox:
    def __init__(self, host):
        self.host = host

    def send(self, address, text):
        try:
            with smtplib.SMTP(self.host) as smtp:
                smtp.sendmail("desk@shed.example", address, text)
        except OSError:
            pass


class Outbox(Protocol):
    def send(self, address: str, text: str) -> None: ...


class Reminders:
    def __init__(self, outbox, today):
        self.outbox = outbox
        self.today = today

    def run(self, loans):
        today, overdue, failed = self.today(), {}, []
        for address, tool, due in loans:
            if due < today:
                overdue.setdefault(address, []).append(tool)
        for address, tools in overdue.items():
            try:
                self.outbox.send(address, "Overdue: " + ", ".join(tools))
            except OSError:
                failed.append(address)
        return failed


class FakeOutbox:
    def __init__(self, unreachable=()):
        self.unreachable = unreachable
        self.sent = []

    def send(self, address, text):
        if address in self.unreachable:
            raise OSError(address)
        self.sent.append((address, text))


def build(host):
    return Reminders(SmtpOutbox(host), date.today)
