# rejected by: takes_what_is_right
# A pattern that knows how an address looks refuses the addresses that look otherwise.
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    email: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[\w.]+@[\w.]+$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=50)]


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    name: str


def accept(data):
    return MemberIn.model_validate(data).model_dump()


def show(member):
    return MemberOut.model_validate(member).model_dump()
