# rejected by: refuses_what_is_wrong
# Three spaces are three characters, unless they are dropped before the length is looked at.
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Annotated[
        str, StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[^@\s]+@[^@\s]+$")
    ]
    name: Annotated[str, StringConstraints(min_length=1, max_length=50)]

    @field_validator("name")
    @classmethod
    def strip(cls, name):
        return name.strip()


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    name: str


def accept(data):
    return MemberIn.model_validate(data).model_dump()


def show(member):
    return MemberOut.model_validate(member).model_dump()
