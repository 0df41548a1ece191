# rejected by: asks_once_for_all_teams
# Each resolver asks for itself: N + 1 queries.
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
        rows = await info.context["fetch_teams"]([self.team_id])
        return Team(name=rows[0]["name"]) if rows else None


@strawberry.type
class Query:
    @strawberry.field
    async def members(self, info: strawberry.Info) -> list[Member]:
        return [Member(**row) for row in await info.context["fetch_members"]()]


schema = strawberry.Schema(Query)


async def answer(query, fetch_members, fetch_teams):
    context = {"fetch_members": fetch_members, "fetch_teams": fetch_teams}
    result = await schema.execute(query, context_value=context)
    return result.data
