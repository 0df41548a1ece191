# rejected by: begins_each_run_anew
# The date of the construction, for ever.
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
        self.outbox, self.today = outbox, today()

    def run(self, loans):
        t, late, failed = self.today, {}, []
        for a, tool, due in loans:
            if due < t:
                late.setdefault(a, []).append(tool)
        for a, tools in late.items():
            try:
                self.outbox.send(a, "Overdue: " + ", ".join(tools))
            except OSError:
                failed.append(a)
        return failed
