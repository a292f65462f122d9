"""The route `/health`: whether a participant could answer now, not only whether a process runs."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.errors import StoreError
from study_app.frozen import Frozen, frozen
from study_app.web import pictures
from study_app.web.site import Site


def route(site: Site) -> Route:
    """200 when the database takes a write and every picture of the version is there, else 503."""

    async def health(_: Request) -> JSONResponse:
        report = await run_in_threadpool(examine, site)
        status = 200 if report["status"] == "ok" else 503
        return JSONResponse(report, status, headers={"Cache-Control": "no-store"})

    return Route("/health", health, methods=["GET"])


def examine(site: Site) -> dict[str, Any]:
    """The state of the database and of the pictures; names no file and no address."""
    report: dict[str, Any] = {"version": site.version, "mode": site.mode}
    try:
        site.store.heartbeat()
        lacking = pictures.missing(site.stimuli, shown(frozen(site.store, site.version)))
        report |= {"database": "ok", "pictures_missing": len(lacking)}
        healthy = not lacking
    except StoreError:
        report |= {"database": "does not take writes"}
        healthy = False
    return {"status": "ok" if healthy else "failing", **report}


def shown(study: Frozen) -> frozenset[str]:
    """The hashes of all pictures that participants of this version can see."""
    faces = {item["picture"] for item in study.items if item["picture"]}
    return frozenset(faces | {entry["sha256"] for item in study.items for entry in item["options"]})
