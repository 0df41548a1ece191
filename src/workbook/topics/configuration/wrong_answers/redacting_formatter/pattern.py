# rejected by: takes_secrets_literally
# Makes a regular expression of the secrets without escaping them.
import logging
import re


class Redacting(logging.Formatter):
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        self.secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def format(self, record):
        text = super().format(record)
        return re.sub("|".join(self.secrets), "***", text) if self.secrets else text
