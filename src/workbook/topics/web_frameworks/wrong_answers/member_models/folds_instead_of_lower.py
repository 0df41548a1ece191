# rejected by: cleans_up_what_it_takes
# str.casefold() is for comparing: it turns the letter ß into two.
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


class MemberIn(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    email: Annotated[
        str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$"), AfterValidator(str.casefold)
    ]
    name: str = Field(min_length=1, max_length=50)


class MemberOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    email: str
    name: str


def accept(data):
    return MemberIn.model_validate(data).model_dump()


def show(member):
    return MemberOut.model_validate(member).model_dump()
