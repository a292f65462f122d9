"""Any question of a study as participants see it. There is no database: nothing can be stored."""
