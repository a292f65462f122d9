"""Every setting of Streamlit that the participants' server depends on, each with its reason."""

from __future__ import annotations

from typing import Any

# The look. One light theme for everybody: explanations are judged on the same surround.
THEME: dict[str, Any] = {
    "theme.base": "light",
    "theme.primaryColor": "#1c5fa8",
    "theme.backgroundColor": "#ffffff",
    "theme.secondaryBackgroundColor": "#f3f5f8",
    "theme.textColor": "#1d2733",
    "theme.linkColor": "#174f8c",
    "theme.borderColor": "#8a94a0",
    "theme.baseRadius": "10px",
    "theme.showWidgetBorder": True,
}

OPTIONS: dict[str, Any] = {
    **THEME,
    # Speed. Streamlit collects garbage after every page by default: 78 % of all CPU time.
    "runner.postScriptGC": False,
    "runner.magicEnabled": False,
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.allowRunOnSave": False,
    # What a stranger may send or see.
    "server.maxUploadSize": 1,  # the upload route takes files even without an uploader
    "server.maxMessageSize": 20,
    "server.maxWidgetStateSize": 1,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "client.disableDataExport": True,
    "client.allowedOrigins": [],  # nobody may steer the pages from a frame around them
    "browser.gatherUsageStats": False,
    "ui.hideTopBar": True,
    # Connections. The state is in the database, so a session is cheap to lose: ten minutes spare
    # the participant who walks through a tunnel a rebuilt page.
    "server.disconnectedSessionTTL": 600,
    "server.websocketPingInterval": 20,
    # The console belongs to `whyface serve`.
    "server.headless": True,
    "server.showEmailPrompt": False,
    "logger.level": "warning",
    "logger.hideWelcomeMessage": True,
}

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def for_server(address: str, port: int, public_url: str = "") -> dict[str, Any]:
    """All options of one server.

    Arguments:
        address: the network address it listens on.
        port: the port it listens on.
        public_url: where participants reach it when a proxy stands before it, such as
            ``https://study.example.org``; empty without a proxy.

    Example:
        >>> for_server("127.0.0.1", 8501)["server.allowedHosts"]
        ['127.0.0.1', 'localhost', '[::1]']
    """
    options = OPTIONS | {"server.address": address, "server.port": port}
    if public_url:
        host = public_url.partition("://")[2].partition("/")[0]
        options["server.allowedHosts"] = [*LOCAL_HOSTS, host.rpartition(":")[0] or host]
        options["server.corsAllowedOrigins"] = [public_url.rstrip("/")]
    elif address in ("127.0.0.1", "localhost", "::1"):
        options["server.allowedHosts"] = list(LOCAL_HOSTS)
    return options
