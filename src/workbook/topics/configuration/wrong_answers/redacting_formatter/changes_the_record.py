# rejected by: leaves_the_record_alone
# Writes the redacted message back into the record, which other handlers get as well.
import logging


class Redacting(logging.Formatter):
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        self.secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def hide(self, text):
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def format(self, record):
        record.msg, record.args = self.hide(record.getMessage()), ()
        return self.hide(super().format(record))
