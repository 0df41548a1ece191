# rejected by: leaves_other_text_alone
# The secrets of the last formatter replace those of every other one.
import copy, logging
class Redacting(logging.Formatter):
    secrets = []
    def __init__(self, secrets, fmt=None):
        super().__init__(fmt)
        Redacting.secrets = sorted(filter(None, secrets), key=len, reverse=True)
    def format(self, record):
        text = super().format(record)
        for s in Redacting.secrets:
            text = text.replace(s, "***")
        return text
