# rejected by: redacts_a_traceback
# Redacts the finished message; the traceback comes after it.
import copy
import logging


class Redacting(logging.Formatter):
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        self.secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def format(self, record):
        record = copy.copy(record)
        text = record.getMessage()
        for secret in self.secrets:
            text = text.replace(secret, "***")
        record.msg, record.args = text, ()
        return super().format(record)
