"""OAuth 2.0 is written as its classes hold it: objects within objects, `$LIST`s, another item's object; secrets stay where they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from driftsync.lab.instance import SimulatedInstance
from driftsync.lab.scenarios import build
from driftsync.model import RunState, Sort
from tests.live import BACKUP, PRIMARY, compared, member_of
from tests.test_applying import Pair, planned, serving

KINDS = (
    "oauth2-server-definition", "oauth2-client", "oauth2-server-configuration", "tls-configuration", "role",
    "mirror", "mirror-member-map", "namespace",
)  # fmt: skip
SERVER, CLIENT, OWN = "OAuth2.ServerDefinition", "OAuth2.Client", "OAuth2.Server.Configuration"
STAFF = "https://sso.hospital.example/staff"
FROM = "https://sso.hospital.example/patients"


def differ(primary: SimulatedInstance) -> None:
    """Let the primary have what the backup has not, of every form that a property can have."""
    number = primary.where(SERVER, IssuerEndpoint=FROM)["ID"]
    primary.change(SERVER, {"IssuerEndpoint": STAFF}, {
        "TokenEndpoint": f"{STAFF}/v2/token",
        "Metadata": {"issuer": STAFF, "scopes_supported": ["openid", "profile"], "request_parameter_supported": 1},
    })  # fmt: skip
    client = primary.where(CLIENT, ApplicationName="lab-api")
    primary.change(CLIENT, {"ApplicationName": "lab-api"}, {
        "ServerDefinition": number, "DefaultScope": "openid email",
        "RedirectionEndpoint": {**client["RedirectionEndpoint"], "Host": "new.hospital.example"},
        "Metadata": {**client["Metadata"], "redirect_uris": [], "contacts": ["it@hospital.example"]},
        "ClientSecret": "not-a-real-secret-new",
    })  # fmt: skip
    primary.add(CLIENT, ApplicationName="kiosk", ClientType="public", SSLConfiguration="Insurance",
                ServerDefinition=number, Metadata={"client_name": "kiosk", "redirect_uris": ["https://kiosk.example/cb"], "id_token_signed_response_alg": "RS256"})  # fmt: skip
    primary.add(SERVER, IssuerEndpoint="https://new.example", SSLConfiguration="Insurance",
                Metadata={"issuer": "https://new.example"})  # fmt: skip
    own = primary.where(OWN, Key="singleton")
    primary.change(OWN, {"Key": "singleton"}, {
        "IssuerEndpoint": {**own["IssuerEndpoint"], "Prefix": "auth"}, "CustomizationRoles": "%Manager", "AudRequired": 1,
        "SupportedScopes": {**own["SupportedScopes"], "more": "More"},
        "Metadata": {**own["Metadata"], "service_documentation": "https://doc.example"},
    })  # fmt: skip


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    mirror = build("clean", "2025.2")
    differ(member_of(mirror, PRIMARY))
    member_of(mirror, BACKUP).add(
        CLIENT, ApplicationName="left", ClientType="public", SSLConfiguration="Insurance"
    )
    return Pair(mirror, tmp_path, kinds=KINDS)


def test_it_is_brought_into_line_and_back_and_what_is_secret_is_left_to_people(pair: Pair) -> None:
    with serving(pair):
        made = planned(pair.rule, pair.before)
        held = {(each.key, *each.properties): each.reason for each in made.withheld}
        assert "no route of this tool carries" in held["oauth2-client:lab-api", "ClientSecret"]
        own = "oauth2-server-configuration:CONFIGURATION"
        assert "description" in held[own, "SupportedScopes"]
        assert "of the rest" in held[own, "Metadata.service_documentation"]
        sorts = {each.key: each.sort for each in made.actions}
        assert sorts == {
            f"oauth2-server-definition:{STAFF}": Sort.CHANGE, "oauth2-server-definition:https://new.example": Sort.CREATE,
            "oauth2-client:lab-api": Sort.CHANGE, "oauth2-client:kiosk": Sort.CREATE, "oauth2-client:left": Sort.DELETE,
            own: Sort.CHANGE,
        }  # fmt: skip
        carried = pair.apply(made)
        assert (carried.run.state, carried.run.remaining) == (RunState.DONE, [])
        left = pair.read(pair.member)
        assert planned(pair.rule, left).actions == []
        kiosk = pair.member.where(CLIENT, ApplicationName="kiosk")
        assert kiosk["ServerDefinition"] == pair.member.where(SERVER, IssuerEndpoint=FROM)["ID"]
        assert (
            pair.member.where(CLIENT, ApplicationName="lab-api")["ClientSecret"]
            == "not-a-real-secret-lab-api"
        )
        assert pair.roll_back(carried.run.id).run.state is RunState.REVERTED
        assert compared(pair.read(pair.member)) == compared(pair.before)
