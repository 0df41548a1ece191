# rejected by: redacts_overlapping_secrets
# Right for a secret that begins another, and not for one that lies within it.
import logging


class Redacting(logging.Formatter):
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        self.secrets = sorted(filter(None, secrets), reverse=True)

    def format(self, record):
        text = super().format(record)
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text
