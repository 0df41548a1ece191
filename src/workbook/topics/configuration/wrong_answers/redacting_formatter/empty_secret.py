# rejected by: takes_secrets_literally
# An empty secret is found between all characters.
import logging


class Redacting(logging.Formatter):
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        self.secrets = sorted(secrets, key=len, reverse=True)

    def format(self, record):
        text = super().format(record)
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text
