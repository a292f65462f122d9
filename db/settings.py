"""What a database knows about itself: its secret, and whether it takes writes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from functools import cached_property

from sqlalchemy import Connection, select, update

from db.database import Database, insert_or_nothing
from db.schema import setting


class Settings(Database):
    """The server's secret and what is derived from it."""

    @cached_property
    def secret(self) -> bytes:
        """256 random bits, made once for each database: tags tokens, hides external ids."""

        def work(connection: Connection) -> str:
            insert_or_nothing(connection, setting, key="secret", value=secrets.token_hex(32))
            query = select(setting.c.value).where(setting.c.key == "secret")
            return str(connection.execute(query).scalar_one())

        return bytes.fromhex(self.write(work))

    def heartbeat(self) -> None:
        """Write a row, to see that answers could be stored now.

        Errors: StoreError when nothing can be written.
        """
        now = datetime.now(UTC).isoformat()

        def work(connection: Connection) -> None:
            if not insert_or_nothing(connection, setting, key="heartbeat", value=now):
                mine = setting.c.key == "heartbeat"
                connection.execute(update(setting).where(mine).values(value=now))

        self.write(work)

    def digest(self, purpose: str, text: str) -> str:
        """Keyed hash (HMAC-SHA-256, RFC 2104) of ``text``, separate for each purpose.

        Arguments:
            purpose: a word, so that one digest never stands for another.
            text: what is hidden, such as a panel's id of a person.

        Returns: 64 hexadecimal digits.
        """
        message = f"{purpose}\0{text}".encode(errors="surrogatepass")
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()
