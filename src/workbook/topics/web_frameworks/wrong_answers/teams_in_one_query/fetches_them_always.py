# rejected by: answers_the_query
# All teams are fetched beforehand, also by those who did not ask for any.
import strawberry


@strawberry.type
class Team:
    name: str


@strawberry.type
class Member:
    name: str
    team_id: strawberry.Private[int]

    @strawberry.field
    async def team(self, info: strawberry.Info) -> Team | None:
        return info.context["teams"].get(self.team_id)


@strawberry.type
class Query:
    @strawberry.field
    async def members(self, info: strawberry.Info) -> list[Member]:
        return [Member(**row) for row in await info.context["fetch_members"]()]


schema = strawberry.Schema(Query)


async def answer(query, fetch_members, fetch_teams):
    rows = await fetch_members()
    teams = {row["id"]: Team(name=row["name"]) for row in await fetch_teams({r["team_id"] for r in rows})}
    context = {"fetch_members": fetch_members, "teams": teams}
    result = await schema.execute(query, context_value=context)
    return result.data
