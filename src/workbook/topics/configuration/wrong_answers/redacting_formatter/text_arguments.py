# rejected by: redacts_message_and_arguments
# Looks at arguments that are texts; a secret in a dictionary or an object passes.
import copy
import logging


class Redacting(logging.Formatter):
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        self.secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def hide(self, value):
        for secret in self.secrets:
            value = value.replace(secret, "***") if isinstance(value, str) else value
        return value

    def format(self, record):
        record = copy.copy(record)
        record.msg = self.hide(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(map(self.hide, record.args))
        return super().format(record)
