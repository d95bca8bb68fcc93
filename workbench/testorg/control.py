"""`/__test__/`: arm faults in an org that runs as a process of its own; only with `--faults`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from werkzeug.wrappers import Request, Response

from .faults import Kind
from .server import Wrap

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .org import TestOrg

PREFIX = "/__test__/"


def with_control(org: TestOrg) -> Wrap:
    """Puts the control addresses in front of the org's application.

    POST faults with the form fields of `Faults.arm`; DELETE faults disarms; POST expire-sessions
    ends all sessions; POST empty-recycle-bin purges what was deleted.
    """

    def wrap(application: WSGIApplication) -> WSGIApplication:
        def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            request = Request(environ)
            if not request.path.startswith(PREFIX):
                return application(environ, start_response)
            return _control(org, request)(environ, start_response)

        return respond

    return wrap


def _control(org: TestOrg, request: Request) -> Response:
    action = (request.method, request.path.removeprefix(PREFIX))
    if action == ("DELETE", "faults"):
        org.faults.clear()
    elif action == ("POST", "faults"):
        return _arm(org, request)
    elif action == ("POST", "expire-sessions"):
        org.door.expire()
    elif action == ("POST", "empty-recycle-bin"):
        org.empty_recycle_bin()
    else:
        return Response("no such control", 404)
    return Response("", 204)


def _arm(org: TestOrg, request: Request) -> Response:
    form = request.form
    try:
        org.faults.arm(
            cast(Kind, form.get("kind", "")),
            times=int(form.get("times", 1)),
            skip=int(form.get("skip", 0)),
            method=form.get("method"),
            path=form.get("path"),
            seconds=float(form.get("seconds", 0)),
            rows=int(form.get("rows", 0)),
        )
    except ValueError as error:
        return Response(str(error), 400)
    return Response("", 204)
