"""This module posts JSON to a URL: TLS checked, no redirect followed, no proxy but the one that was said."""

from __future__ import annotations

import base64
import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from driftsync.delivering.attempting import MayPassError, RefusedError
from driftsync.delivering.deadline import ended_after
from driftsync.delivering.robot import Answer, Post
from driftsync.delivering.tls import context_for, explain
from driftsync.language import _
from driftsync.version import __version__

MOST_OF_AN_ANSWER = 65_536
PORTS = {"http": 80, "https": 443}
TOO_MANY = 429
REQUEST_TIMEOUT = 408
_NO_URL = re.compile(r"[^\x21-\x7e]")


@dataclass(frozen=True)
class Way:
    """How one channel is reached."""

    timeout: float
    ca_file: Path | None = None
    proxy: str = ""
    plain: bool = False
    """Whether `http://` is allowed beyond this computer."""


def send(post: Post, way: Way) -> Answer:
    """Post once; raises `MayPassError` or `RefusedError`. Neither they nor what they say hold the URL."""
    scheme, host, port, target = _taken_apart(post.url, way)
    connection, target = _connection(scheme, host, port, target, way)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"driftsync/{__version__}",
        **post.headers,
    }
    if way.proxy and scheme == "http":
        headers |= _proxy_headers(way.proxy)
    try:
        with ended_after(way.timeout, lambda: connection.sock):
            connection.request("POST", target, body=post.encoded(), headers=headers)
            with contextlib.closing(connection.getresponse()) as response:
                body = response.read(MOST_OF_AN_ANSWER)
    except ssl.SSLError as error:
        raise explain(error, host) from None
    except TimeoutError:
        raise MayPassError(
            _("no answer within {seconds} seconds").format(seconds=f"{way.timeout:g}")
        ) from None
    except socket.gaierror:
        raise MayPassError(
            _("its host name is not found") if not way.proxy else _("the proxy's host name is not found"),
            _("is there a way out of this network? if only through a proxy, say proxy = …"),
        ) from None
    except OSError as error:
        raise _not_reached(error) from None
    except (http.client.HTTPException, ValueError):
        raise MayPassError(_("the answer is no HTTP")) from None
    finally:
        connection.close()
    _check_status(response)
    return Answer(response.status, body)


def _taken_apart(url: str, way: Way) -> tuple[str, str, int, str]:
    """Return scheme, host, port and the rest of a URL that may be used."""
    bad = RefusedError(
        _("its url is no web address"), _("the secret holds the whole URL, beginning with https://")
    )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad from None
    if _NO_URL.search(url) or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise bad
    if "@" in parts.netloc:
        raise RefusedError(
            _("its url holds a user or a password"), _("give the receiver a token instead: token = …")
        )
    if parts.scheme == "http" and not way.plain and not _is_this_computer(parts.hostname):
        raise RefusedError(
            _("its url is not https, and anybody on the network between could read it"),
            _("use https; a webhook inside a network that nobody else can listen on may say tls = false"),
        )
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or PORTS[parts.scheme], target


def _is_this_computer(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _connection(
    scheme: str, host: str, port: int, target: str, way: Way
) -> tuple[http.client.HTTPConnection, str]:
    """Return a connection that is not open yet, and what is asked for over it."""
    context = context_for(way.ca_file) if scheme == "https" else None
    if not way.proxy:
        if context:
            return http.client.HTTPSConnection(host, port, timeout=way.timeout, context=context), target
        return http.client.HTTPConnection(host, port, timeout=way.timeout), target
    try:
        proxy = urlsplit(way.proxy)
        there, its_port = proxy.hostname or "", proxy.port or 80
    except ValueError:
        there, its_port = "", 0
    if not there or proxy.scheme != "http" or _NO_URL.search(way.proxy):
        raise RefusedError(_("its proxy is no address"), 'proxy = "http://HOST:PORT"')
    if context:
        through = http.client.HTTPSConnection(there, its_port, timeout=way.timeout, context=context)
        through.set_tunnel(host, port, headers=_proxy_headers(way.proxy))
        return through, target
    name = f"[{host}]" if ":" in host else host
    whole = f"http://{name}{'' if port == PORTS[scheme] else f':{port}'}{target}"
    return http.client.HTTPConnection(there, its_port, timeout=way.timeout), whole


def _proxy_headers(proxy: str) -> dict[str, str]:
    parts = urlsplit(proxy)
    if not parts.username:
        return {}
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return {"Proxy-Authorization": f"Basic {base64.b64encode(login).decode()}"}


def _not_reached(error: OSError) -> MayPassError | RefusedError:
    tunnel = re.match(r"Tunnel connection failed: (\d{3})", str(error))
    if tunnel:
        reason = _("the proxy does not let it through: {status}").format(status=tunnel[1])
        if tunnel[1].startswith("4") and int(tunnel[1]) not in {REQUEST_TIMEOUT, TOO_MANY}:
            return RefusedError(reason, _("ask whoever keeps the proxy; 407 means that it wants a password"))
        return MayPassError(reason)
    return MayPassError(
        _("not reached: {reason}").format(reason=error.strerror or type(error).__name__),
        _("is there a way out of this network? if only through a proxy, say proxy = …"),
    )


def _check_status(response: http.client.HTTPResponse) -> None:
    status = response.status
    said = _("the answer is {status}").format(status=status)
    if 200 <= status < 300:  # noqa: PLR2004 - the statuses of success
        return
    if status in {TOO_MANY, REQUEST_TIMEOUT} or status >= 500:  # noqa: PLR2004 - the server's own failures
        raise MayPassError(
            said,
            _("trouble at the other end; try again later"),
            after=_seconds(response.getheader("Retry-After")),
        )
    if 300 <= status < 400:  # noqa: PLR2004 - redirects
        raise RefusedError(
            said + _(", a redirect"), _("driftsync takes a token nowhere else: give the URL that it leads to")
        )
    raise RefusedError(said, _("the URL or its token is not, or no longer, right: copy it again"))


def _seconds(retry_after: str | None) -> float | None:
    """Return for how long a server asks to wait; it may name a moment instead."""
    if not retry_after:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after[:9])
    try:
        moment = parsedate_to_datetime(retry_after)
        return max((moment - datetime.now(timezone.utc)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return None
