"""Answers in words, and databases that were written before there were any."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy.exc import IntegrityError

from db import schema
from db.migrations import configuration
from db.records import Mode, Offer, Plan, Stage, Timing
from db.scale import Scale
from db.store import Store

NOW = datetime.now(UTC)
WORDS = "<b>naïve</b>\n=1+1 – ‏عين‏ 👁"


def at_first_revision(url):
    """A database as the first release wrote it, with one answer."""
    with Store(url) as store:
        schema.metadata.drop_all(store.engine)
        with store.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE whyface_schema")
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, "0001")
            rows = {
                "study": {"id": "s", "created_at": NOW},
                "study_version": {
                    "hash": "0" * 64, "study": "s", "number": 1, "frozen": "{}",
                    "status": "live", "created_at": NOW,
                },
                "participant": {"id": "ann", "created_at": NOW},
                "assignment": {
                    "id": 1, "participant": "ann", "version": "0" * 64, "mode": "live",
                    "number": 1, "state": "trials", "token": "t", "consent_version": "1",
                    "consented_at": NOW, "receipt": "r", "lease_until": NOW,
                },
                "trial": {
                    "id": 1, "assignment": 1, "position": 1, "token": "x", "block": 0,
                    "role": "main", "type": "pick_any", "item": "i", "config": {},
                    "required": True,
                },
                "trial_option": {"trial": 1, "position": 1, "option": "map", "sha256": "0" * 64},
                "response": {
                    "trial": 1, "answered_at": NOW, "rt_source": "client", "scale": "selection",
                    "answer": {"chosen": [1]},
                },
                "response_option": {"trial": 1, "position": 1, "value": 1.0},
            }  # fmt: skip
            for name, values in rows.items():
                connection.execute(sa.insert(schema.metadata.tables[name]).values(values))


def test_old_answers_are_kept_and_new_ones_may_be_words(url):
    at_first_revision(url)
    with Store(url) as store:
        (row,) = store.responses().dicts()
        assert (row["option"], row["value"], row["text"]) == ("map", 1.0, None)
        statement = "UPDATE response_option SET value = NULL"
        with pytest.raises(IntegrityError), store.engine.begin() as connection:
            connection.exec_driver_sql(statement)
        for other in ("position = 9", "trial = 9"):  # it still points at what was offered
            with pytest.raises(IntegrityError), store.engine.begin() as connection:
                connection.exec_driver_sql(f"UPDATE response_option SET {other}")
        with store.engine.begin() as connection:
            connection.exec_driver_sql(f"{statement}, text = 'eyes'")
        assert store.responses().dicts()[0]["text"] == "eyes"


def test_words_come_back_as_they_were_written(store):
    version = store.add_version("s", "{}")
    store.set_status(version, "live")
    offers = (Offer(1, "map", "0" * 64), Offer(2, "item", "1" * 64))
    store.join(
        token="t" * 20, version=version, mode=Mode.LIVE, consent_version="1", receipt="r",
        plan=lambda *_: [Plan(1, 0, "main", "free_text", "i", offers, {})], stage=Stage.TRIALS,
    )  # fmt: skip
    key = store.assignment("t" * 20)["id"]
    (trial,) = store.open_trials(key)
    done = store.store_answer(
        "t" * 20, trial["id"], values={}, texts={2: WORDS}, scale=Scale.WORD, answer={},
        rt_ms=1.0, hidden_ms=0.0, rt_source=Timing.CLIENT,
    )  # fmt: skip
    assert done == "stored"
    (row,) = store.responses().dicts()
    assert (row["option"], row["value"], row["text"]) == ("item", None, WORDS)
    assert store.withdraw("r") and store.responses().rows == []
