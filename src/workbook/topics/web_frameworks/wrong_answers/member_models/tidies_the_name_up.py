# rejected by: takes_what_is_right
# Drops white space within the name, too.
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    email: Annotated[str, StringConstraints(to_lower=True, pattern=r"^[^@\s]+@[^@\s]+$")]
    name: Annotated[
        str,
        StringConstraints(min_length=1, max_length=50),
        AfterValidator(lambda v: " ".join(v.split())),
    ]


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    email: str
    name: str


def accept(data):
    return MemberIn.model_validate(data).model_dump()


def show(member):
    return MemberOut.model_validate(member).model_dump()
