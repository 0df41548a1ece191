# rejected by: cleans_up_what_it_takes
# Fifty characters and a blank are too long, though the blank is dropped.
from pydantic import BaseModel, field_validator, Field


class MemberIn(BaseModel, extra="forbid"):
    email: str
    name: str = Field(max_length=50)

    @field_validator("email")
    @classmethod
    def e(cls, v):
        v = v.strip().lower()
        a, at, b = v.partition("@")
        if not (a and b) or "@" in b or any(c.isspace() for c in v):
            raise ValueError("no")
        return v

    @field_validator("name")
    @classmethod
    def n(cls, v):
        v = v.strip()
        if not 1 <= len(v) <= 50:
            raise ValueError("no")
        return v


class MemberOut(BaseModel):
    model_config = {"from_attributes": True}
    name: str
    email: str
    id: int


def accept(data):
    return MemberIn.model_validate(data).model_dump()


def show(member):
    return MemberOut.model_validate(member).model_dump()
