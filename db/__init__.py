"""The study database: schema, migrations and the store that keeps every answer once."""
