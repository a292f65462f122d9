"""The route `/stimuli/<sha256>.png`: the very bytes of a built picture, cached for ever.

Streamlit's own picture element re-encodes opaque PNGs as JPEG and keeps them in one process'
memory; participants must see what was built, from any replica.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explainers.problems import Problems

_SHA256 = re.compile(r"[0-9a-f]{64}")
_HEADERS = {
    # The name is the content's hash, so it can never change.
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}
_KEPT = 512  # pictures in memory: a study has some tens, of about 50 kB


def route(folder: Path) -> Route:
    """The route that serves ``folder/<sha256>.png`` and nothing else.

    Arguments:
        folder: the study's ``stimuli`` folder.
    """

    @lru_cache(maxsize=_KEPT)
    def read(name: str) -> bytes:
        return (folder / name).read_bytes()

    async def picture(request: Request) -> Response:
        sha256 = request.path_params["sha256"]
        if not _SHA256.fullmatch(sha256):
            return Response(status_code=404)
        try:
            content = await run_in_threadpool(read, f"{sha256}.png")
        except OSError:
            return Response(status_code=404, headers={"Cache-Control": "no-store"})
        return Response(content, media_type="image/png", headers=_HEADERS)

    return Route("/stimuli/{sha256}.png", picture, methods=["GET"])


def missing(folder: Path, names: frozenset[str]) -> list[str]:
    """Those of the pictures' hashes whose file is not in the folder, sorted."""
    there = {path.stem for path in folder.glob("*.png")}
    return sorted(names - there)


def require(folder: Path, names: frozenset[str]) -> None:
    """Nothing if every picture is there. Errors: Problems that counts those that are not."""
    lacking = missing(folder, names)
    if lacking:
        what = f"{len(lacking)} of {len(names)} pictures are missing, such as {lacking[0]}.png"
        raise Problems.one(str(folder), what, "run `whyface build` again")
