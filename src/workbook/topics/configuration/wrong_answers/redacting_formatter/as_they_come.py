# rejected by: redacts_overlapping_secrets
# Replaces in the order given, so the end of the longer secret remains.
import logging


class Redacting(logging.Formatter):
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        self.secrets = list(filter(None, secrets))

    def format(self, record):
        text = super().format(record)
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text
