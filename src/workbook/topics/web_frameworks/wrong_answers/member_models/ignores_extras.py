# rejected by: refuses_unknown_fields
# pydantic's default: what it does not know, it drops without a word.
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class MemberIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)

    email: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s]+@[^@\s]+$")]
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
