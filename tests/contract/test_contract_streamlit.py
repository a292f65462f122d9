"""What the survey relies on in Streamlit, some of it hidden: no upgrade may lose it silently."""

import inspect

import streamlit as st
from streamlit import config

from study_app.web.options import OPTIONS, for_server


def test_every_option_exists_and_takes_our_value():
    known = config._config_options_template
    ours = OPTIONS | for_server("127.0.0.1", 1, "https://study.example.org:8443/x")
    assert sorted(set(ours) - set(known)) == []
    for name, value in ours.items():
        if known[name].type in (bool, int):
            assert type(value) is known[name].type, name


def test_the_collector_is_left_alone_after_each_page():
    from streamlit.runtime.scriptrunner import script_runner

    assert OPTIONS["runner.postScriptGC"] is False
    assert 'get_option("runner.postScriptGC")' in inspect.getsource(script_runner)


def test_the_application_takes_routes_middleware_and_an_error_handler():
    wanted = {"script_path", "lifespan", "routes", "middleware", "on_script_error"}
    assert wanted <= set(inspect.signature(st.App).parameters)
    assert "config" in inspect.signature(st.App.run).parameters


def test_components_of_the_second_kind_take_inline_scripts():
    wanted = {"name", "css", "js", "isolate_styles"}
    assert wanted <= set(inspect.signature(st.components.v2.component).parameters)


def test_what_strangers_may_do_is_closed():
    assert OPTIONS["server.enableAgentApi"] is False
    assert OPTIONS["server.enableStaticServing"] is False
    assert OPTIONS["server.maxUploadSize"] == 1
    assert OPTIONS["client.showErrorDetails"] == "none"
    assert OPTIONS["browser.gatherUsageStats"] is False


def test_hosts_and_origins_follow_the_address():
    here = for_server("127.0.0.1", 8501)
    assert here["server.allowedHosts"] == ["127.0.0.1", "localhost", "[::1]"]
    proxied = for_server("127.0.0.1", 8501, "https://study.example.org:8443/")
    assert "study.example.org" in proxied["server.allowedHosts"]
    assert proxied["server.corsAllowedOrigins"] == ["https://study.example.org:8443"]
    assert "server.allowedHosts" not in for_server("0.0.0.0", 8501)
