"""`/__test__/`: arm faults in an org that runs as a process of its own; only with `--faults`.

    POST   faults             form fields of `Faults.arm`: kind, times, skip, method, path, seconds, rows,
                              code, message, status
    DELETE faults             disarm everything
    POST   settings           a JSON object of switches: {"soap_login": false, "daily_limit": 100}
    POST   triggers           a JSON list, see `triggers`; it replaces those of before
    POST   duplicate-rules    a JSON list: [{"object": "Account", "fields": ["Name"]}]; likewise
    POST   expire-sessions    end all sessions
    POST   empty-recycle-bin  purge what was deleted
    POST   settle             wait until all Bulk jobs have ended

Answers 204, or 400 with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from werkzeug.wrappers import Request, Response

from . import jsontext
from .duplicates import duplicate_rule
from .errors import OrgError
from .faults import Kind, Options
from .server import Wrap
from .triggers import trigger

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .org import TestOrg

PREFIX = "/__test__/"
_Kind = TypeVar("_Kind", dict[object, object], list[dict[str, object]])


def with_control(org: TestOrg) -> Wrap:
    """Puts the control addresses in front of the org's application."""

    def wrap(application: WSGIApplication) -> WSGIApplication:
        def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            request = Request(environ)
            if not request.path.startswith(PREFIX):
                return application(environ, start_response)
            return _control(org, request)(environ, start_response)

        return respond

    return wrap


def _control(org: TestOrg, request: Request) -> Response:
    action = _ACTIONS.get((request.method, request.path.removeprefix(PREFIX)))
    if action is None:
        return Response("no such control", 404)
    try:
        action(org, request)
    except (ValueError, OrgError) as error:
        return Response(str(error), 400)
    return Response("", 204)


def _set_settings(org: TestOrg, request: Request) -> None:
    """Change switches of `OrgSettings`, each by a value of its own type."""
    given = _json(request, dict)
    for name, value in given.items():
        if type(getattr(org.settings, str(name), None)) is not type(value):
            raise ValueError(f"no setting {name!r}, or not a {type(value).__name__}: {value!r}")
    for name, value in given.items():
        setattr(org.settings, str(name), value)


def _set_triggers(org: TestOrg, request: Request) -> None:
    told = [trigger(org.schema, each) for each in _json(request, list)]
    org.before_save[:] = told


def _set_rules(org: TestOrg, request: Request) -> None:
    made = [duplicate_rule(told) for told in _json(request, list)]
    org.duplicate_rules[:] = made


def _json(request: Request, kind: type[_Kind]) -> _Kind:
    found = jsontext.loads(request.get_data())
    if not isinstance(found, kind):
        raise ValueError(f"the body must be a JSON {kind.__name__}")
    return found


def _arm(org: TestOrg, request: Request) -> None:
    """Form fields as options of a fault; those that aren't given keep their defaults."""
    form = request.form
    options: Options = {"method": form.get("method"), "path": form.get("path")}
    for whole in ("times", "skip", "rows", "status"):
        if whole in form:
            options |= cast(Options, {whole: int(form[whole])})
    for text in ("code", "message"):
        if text in form:
            options |= cast(Options, {text: form[text]})
    if "seconds" in form:
        options["seconds"] = float(form["seconds"])
    org.faults.arm(cast(Kind, form.get("kind", "")), **options)


_ACTIONS: Mapping[tuple[str, str], Callable[[TestOrg, Request], object]] = {
    ("POST", "faults"): _arm,
    ("DELETE", "faults"): lambda org, _: org.faults.clear(),
    ("POST", "settings"): _set_settings,
    ("POST", "triggers"): _set_triggers,
    ("POST", "duplicate-rules"): _set_rules,
    ("POST", "expire-sessions"): lambda org, _: org.door.expire(),
    ("POST", "empty-recycle-bin"): lambda org, _: org.empty_recycle_bin(),
    ("POST", "settle"): lambda org, _: org.jobs.settle(),
}
