"""Tokens, sharing and quotas of the Sheets server."""

from typing import Any

import pytest
from google.auth import crypt, jwt
from sheets_bench import BOOK, NOW, Bench, new_world, running_sheets

from sandbox.sheets.oauth import GOOGLE_AUDIENCE, GRANT_TYPE
from sandbox.sheets.world import SheetsWorld, account_email

SCOPE = "https://www.googleapis.com/auth/spreadsheets"
UNAUTHENTICATED = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


def assertion(info: dict[str, Any], **claims: Any) -> str:
    """A signed assertion of a service account; claims replace the right ones."""
    signer = crypt.RSASigner.from_service_account_info(info)
    right = {
        "iss": info["client_email"],
        "aud": GOOGLE_AUDIENCE,
        "scope": SCOPE,
        "iat": NOW,
        "exp": NOW + 3600,
    }
    payload = {
        name: int(value) if isinstance(value, float) else value for name, value in (right | claims).items()
    }
    return jwt.encode(signer, payload).decode()


async def ask(bench: Bench, signed: str, grant_type: str = GRANT_TYPE) -> tuple[int, dict[str, Any]]:
    form = {"grant_type": grant_type, "assertion": signed}
    return await bench.call("POST", "/token", data=form, headers={})


async def sign_in(bench: Bench, name: str = "quartermaster") -> None:
    info = bench.world.make_service_account("http://localhost/token", name)
    status, answer = await ask(bench, assertion(info))
    assert (status, answer["token_type"], answer["expires_in"]) == (200, "Bearer", 3599)
    bench.headers = {"Authorization": f"Bearer {answer['access_token']}"}


async def test_a_token_opens_the_book_for_an_hour() -> None:
    """No token: 401. A token works until 3,600 s have passed by the clock."""
    async with running_sheets(auth=True) as bench:
        refusal = (401, "UNAUTHENTICATED", UNAUTHENTICATED)
        assert await bench.refused("GET", "/values/A1") == refusal
        await sign_in(bench)
        bench.clock.now += 3599
        await bench.get("A1")
        bench.clock.now += 1
        assert await bench.refused("GET", "/values/A1") == refusal


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"iss": "stranger@example.com"}, "invalid_grant", "Invalid grant: account not found"),
        (
            {"aud": "https://example.com/token"},
            "invalid_grant",
            "Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token",
        ),
        ({"exp": NOW + 3601}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
        ({"iat": NOW - 7200, "exp": NOW - 3600}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
        ({"iat": NOW + 4000, "exp": NOW + 5000}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
        ({"exp": "soon"}, "invalid_grant", "Invalid JWT: Token must be a short-lived token"),
        ({"scope": "https://www.googleapis.com/auth/gmail"}, "invalid_scope", "Invalid OAuth scope"),
    ],
)  # fmt: skip
async def test_wrong_claims(claims: dict[str, Any], error: str, description: str) -> None:
    """Issuer, audience, times and scope are checked; the 400 says which is wrong."""
    async with running_sheets(auth=True) as bench:
        info = bench.world.make_service_account("http://localhost/token")
        status, body = await ask(bench, assertion(info, **claims))
        assert (status, body["error"]) == (400, error)
        assert body["error_description"].startswith(description)


async def test_wrong_signatures_and_grants() -> None:
    """Another key, garbage and another grant type are refused."""
    async with running_sheets(auth=True) as bench:
        foreign = SheetsWorld().make_service_account("http://localhost/token")
        status, body = await ask(bench, assertion(foreign))
        assert (status, body) == (
            400,
            {"error": "invalid_grant", "error_description": "Invalid JWT Signature."},
        )
        for garbage in ("", "a.b.c", "a.b", "ä.ö.ü"):
            assert (await ask(bench, garbage))[1]["error"] == "invalid_grant"
        assert (await ask(bench, "", "password"))[1]["error"] == "unsupported_grant_type"


async def test_the_audience_may_be_the_local_token_uri() -> None:
    """Clients that put their token_uri into `aud` are understood."""
    async with running_sheets(auth=True) as bench:
        info = bench.world.make_service_account(bench.url + "/token")
        status, _ = await ask(bench, assertion(info, aud=bench.url + "/token"))
        assert status == 200


async def test_a_book_opens_only_for_those_it_is_shared_with() -> None:
    """Shared by default with the one account; else 403; an unknown id is 404."""
    async with running_sheets(auth=True) as bench:
        await sign_in(bench)
        await bench.get("A1")
        await bench.put_book({"title": "Pool"}, shared_with=["boss@example.com"])
        forbidden = (403, "PERMISSION_DENIED", "The caller does not have permission")
        assert await bench.refused("GET", "/values/A1") == forbidden
        await bench.put_book({"title": "Pool"}, shared_with=[account_email("second")])
        await sign_in(bench, "second")
        await bench.get("A1")
        status, body = await bench.call("GET", "/v4/spreadsheets/nothing/values/A1")
        error = {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND"}
        assert (status, body) == (404, {"error": error})


async def test_sixty_reads_and_sixty_writes_a_minute() -> None:
    """The 61st read of a minute is refused with the real body; writes have their own 60; a minute refills."""
    async with running_sheets(quota=True) as bench:
        bench.clock.now = NOW - NOW % 60
        for _ in range(60):
            await bench.get("A1")
        status, body = await bench.api("GET", "/values/A1")
        assert status == 429
        assert body["error"]["status"] == "RESOURCE_EXHAUSTED"
        assert body["error"]["message"] == (
            "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per user' "
            "of service 'sheets.googleapis.com' for consumer 'project_number:123'."
        )
        assert body["error"]["details"][0]["metadata"] == {
            "quota_metric": "sheets.googleapis.com/read_requests",
            "quota_limit": "ReadRequestsPerMinutePerUser",
            "quota_limit_value": "60",
            "quota_location": "global",
            "service": "sheets.googleapis.com",
            "consumer": "projects/123",
        }
        for _ in range(60):
            await bench.put("A1", [["x"]])
        refusal = await bench.refused("PUT", "/values/A1", params={"valueInputOption": "RAW"}, json={})
        assert "'Write requests per minute per user'" in refusal[2]
        bench.clock.now += 59.9
        assert (await bench.refused("GET", "/values/A1"))[0] == 429
        bench.clock.now += 0.1
        await bench.get("A1")
        await bench.put("A1", [["x"]])


async def test_a_batch_is_one_request_and_a_refused_call_still_counts_as_one() -> None:
    """90 ranges cost one read; a 400 uses quota up, a 429 does not lengthen the wait."""
    async with running_sheets(quota=True) as bench:
        await bench.ok("GET", "/values:batchGet", params=[("ranges", "A1")] * 90)
        for _ in range(59):
            assert (await bench.refused("GET", "/values/Nobody!A1"))[0] == 400
        assert (await bench.refused("GET", "/values/A1"))[0] == 429


async def test_the_project_has_three_hundred_for_all_users() -> None:
    """Five users use up the project's reads; the sixth is refused."""
    async with running_sheets(new_world(), quota=True, auth=True) as bench:
        names = [f"user{number}" for number in range(6)]
        await bench.put_book({"title": "Pool"}, shared_with=[account_email(name) for name in names])
        for name in names[:5]:
            await sign_in(bench, name)
            for _ in range(60):
                await bench.get("A1")
        await sign_in(bench, names[5])
        status, body = await bench.api("GET", "/values/A1")
        metadata = body["error"]["details"][0]["metadata"]
        assert (status, metadata["quota_limit"], metadata["quota_limit_value"]) == (
            429,
            "ReadRequestsPerMinutePerProject",
            "300",
        )


async def test_strictness_can_be_switched_off_and_on() -> None:
    """PUT /sandbox/settings turns tokens and quotas off and on again."""
    async with running_sheets(auth=True) as bench:
        assert await bench.control("PUT", "/settings", {"auth": False}) == {"quota": False, "auth": False}
        await bench.get("A1")
        await bench.control("PUT", "/settings", {"auth": True})
        assert (await bench.refused("GET", "/values/A1"))[0] == 401
        status, _ = await bench.call("PUT", "/sandbox/settings", json={"auth": "maybe"})
        assert status == 400
        assert BOOK in bench.world.books
