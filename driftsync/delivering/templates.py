"""This module puts a message into words by a template: driftsync's, or one of the site's own, which runs in a sandbox."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from driftsync.delivering.attempting import RefusedError
from driftsync.delivering.flavours import Flavour
from driftsync.delivering.message import Message
from driftsync.language import _, ngettext
from driftsync.model import Changed, Clash, Extra, MemberRole, Missing, Severity
from driftsync.reporting import wording

_TYPES = {each.__name__.lower(): wording.TYPES[each] for each in (Missing, Extra, Changed, Clash)}


def as_text(message: Message, flavour: Flavour, own: Path | None = None) -> str:
    """Return the text of a message as one channel writes it; every value is escaped, `| safe` keeps one as it is."""

    def said(value: Any) -> Any:
        return value if isinstance(value, Markup) else Markup(flavour.escape(str(value)))  # noqa: S704

    environment = _environment(own, finalize=said)
    environment.filters.update(
        bold=lambda text: Markup(flavour.as_bold(str(text))),  # noqa: S704
        code=lambda text: Markup(flavour.as_code(str(text))),  # noqa: S704
        link=lambda url, text: Markup(flavour.as_link(str(url), str(text))),  # noqa: S704
    )
    text = _rendered(environment, own, "message.j2", message)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def as_page(message: Message, own: Path | None = None, *, attached: bool) -> str:
    """Return the HTML part of a mail."""
    environment = _environment(own, autoescape=True)
    return _rendered(environment, own, "mail.html.j2", message, attached=attached) + "\n"


def as_written(message: Message, own: Path) -> str:
    """Return what a template of the site's own makes, with nothing escaped but what it escapes itself."""
    return _rendered(_environment(own), own, "", message)


def _environment(own: Path | None, **words: Any) -> jinja2.Environment:
    """Make a sandbox that sees one folder, where a template may include its neighbours."""
    loader: jinja2.BaseLoader
    if own is None:
        loader = jinja2.PackageLoader("driftsync.delivering", "templates")
    else:
        loader = jinja2.FileSystemLoader(own.parent)
    environment = ImmutableSandboxedEnvironment(
        loader=loader, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, **words
    )
    environment.globals.update(_=_, ngettext=ngettext)
    environment.filters.update(
        moment=wording.moment,
        severity=_severity,
        role=_role,
        type=lambda word: _(_TYPES[word]),
    )
    return environment


def _severity(severity: Severity) -> str:
    return _(wording.SEVERITIES[severity])


def _role(role: MemberRole) -> str:
    return _(wording.ROLES[role])


def _rendered(
    environment: jinja2.Environment, own: Path | None, name: str, message: Message, **words: Any
) -> str:
    """Fill in a template. Raises `RefusedError` naming the file and, where known, the line."""
    if own is None:
        return environment.get_template(name).render(message=message, **words)
    try:
        return environment.get_template(own.name).render(message=message, **words)
    except jinja2.TemplateNotFound as error:
        raise RefusedError(
            _("the template {path} is not there").format(path=own.parent / str(error)),
            _("template = … is relative to the settings file"),
        ) from None
    except jinja2.TemplateSyntaxError as error:
        raise RefusedError(
            _("{path}:{line}: {reason}").format(path=own, line=error.lineno, reason=error.message),
            _("correct the template, or take it out of the settings"),
        ) from None
    except Exception as error:  # noqa: BLE001 - the site's own program: whatever goes wrong in it is its own
        raise RefusedError(
            _("{path}: the template fails: {reason}").format(
                path=own, reason=str(error).splitlines()[0] if str(error) else type(error).__name__
            ),
            _("it sees `message` and nothing else; README.md says what that holds"),
        ) from None
