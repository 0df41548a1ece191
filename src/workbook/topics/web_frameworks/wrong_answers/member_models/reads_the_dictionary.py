# rejected by: shows_three_fields_and_no_more
# Attributes need not be in the object's __dict__.
from typing import Annotated

from pydantic import model_validator, BaseModel, ConfigDict, StringConstraints


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    email: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s]+@[^@\s]+$")]
    name: Annotated[str, StringConstraints(min_length=1, max_length=50)]


class MemberOut(BaseModel):
    @model_validator(mode="before")
    @classmethod
    def read(cls, member):
        return vars(member)

    id: int
    email: str
    name: str


def accept(data):
    return MemberIn.model_validate(data).model_dump()


def show(member):
    return MemberOut.model_validate(member).model_dump()
