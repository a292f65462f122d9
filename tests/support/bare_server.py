"""The floor: a Starlette application with the same database code and nothing else.

Run with the database's path or URL, the version and a port.
"""

import gc
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from db.store import Store
from study_app.participation import session

url, port = sys.argv[1], int(sys.argv[2])
store = Store(url)


def page(sent: dict) -> dict:
    token = sent["participant"]
    session.answer(store, token, sent["trial"], sent, show_next=True)
    here = session.state(store, token)
    if here.trial is None:
        return {"page": here.page}
    return {"trial": {**here.trial.view, "token": here.trial.token, "preload": here.preload}}


async def answer(request: Request) -> JSONResponse:
    return JSONResponse(await run_in_threadpool(page, await request.json()))


gc.collect()
gc.freeze()
print("Ctrl-C stops it.", flush=True)
uvicorn.run(
    Starlette(routes=[Route("/answer", answer, methods=["POST"])]),
    port=port,
    access_log=False,
    log_level="warning",
)
