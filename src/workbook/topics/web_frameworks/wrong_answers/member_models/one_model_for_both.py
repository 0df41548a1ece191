# rejected by: shows_three_fields_and_no_more
# What goes out inherits from what comes in, and misses what only the database knows.
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    email: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s]+@[^@\s]+$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=50)]


class MemberOut(MemberIn):
    model_config = ConfigDict(from_attributes=True)


def accept(data):
    return MemberIn.model_validate(data).model_dump()


def show(member):
    return MemberOut.model_validate(member).model_dump()
