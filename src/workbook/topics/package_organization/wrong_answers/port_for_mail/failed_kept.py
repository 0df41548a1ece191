# rejected by: begins_each_run_anew
# The list of failures belongs to the object, so a second run reports those of the first.
import smtplib
from datetime import date
from typing import Protocol


class SmtpOutbox:
    def __init__(self, host):
        self.host = host

    def send(self, address, text):
        with smtplib.SMTP(self.host) as smtp:
            smtp.sendmail("desk@shed.example", address, text)


class Outbox(Protocol):
    def send(self, address: str, text: str) -> None: ...


def build(host):
    return Reminders(SmtpOutbox(host), date.today)


class FakeOutbox:
    def __init__(self, unreachable=()):
        self.unreachable, self.sent = unreachable, []

    def send(self, address, text):
        if address in self.unreachable:
            raise OSError(address)
        self.sent.append((address, text))


class Reminders:
    def __init__(self, outbox, today):
        self.outbox, self.today, self.failed = outbox, today, []

    def run(self, loans):
        t, late = self.today(), {}
        for a, tool, due in loans:
            if due < t:
                late.setdefault(a, []).append(tool)
        for a, tools in late.items():
            try:
                self.outbox.send(a, "Overdue: " + ", ".join(tools))
            except OSError:
                self.failed.append(a)
        return self.failed
