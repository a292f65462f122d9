"""The options that every verb with a server shares: where it listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Verb = TypeVar("Verb", bound=Callable[..., Any])


def listening(port: int) -> Callable[[Verb], Verb]:
    """Adds ``--port`` (with this default), ``--address`` and ``--public-url``."""
    options = (
        click.option("--port", default=port, show_default=True, help="Port to listen on."),
        click.option(
            "--address",
            default="127.0.0.1",
            show_default=True,
            help="Network address to listen on; the default can be reached from this machine "
            "alone.",
        ),
        click.option(
            "--public-url",
            default="",
            help="Where a proxy with TLS offers it, such as https://study.example.org.",
        ),
    )

    def add(verb: Verb) -> Verb:
        for option in reversed(options):
            verb = option(verb)
        return verb

    return add
