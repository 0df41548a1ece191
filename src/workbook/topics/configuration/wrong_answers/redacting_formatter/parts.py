# rejected by: redacts_message_and_arguments
# Message, exception and stack one by one; the other fields of the format are forgotten.
import copy
import logging


class Redacting(logging.Formatter):
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        self.secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def redact(self, text):
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def formatException(self, ei):
        return self.redact(super().formatException(ei))

    def formatStack(self, stack_info):
        return self.redact(super().formatStack(stack_info))

    def format(self, record):
        record = copy.copy(record)
        record.msg, record.args = self.redact(record.getMessage()), ()
        return super().format(record)
