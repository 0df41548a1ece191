# rejected by: takes_secrets_literally
# A key of several lines is on none of them.
import logging


class Redacting(logging.Formatter):
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        self.secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def redact(self, text):
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def format(self, record):
        return "\n".join(self.redact(line) for line in super().format(record).splitlines())
