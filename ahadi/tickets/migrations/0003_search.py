from typing import Any

from django.db import migrations

# Folded text in, folded text asked: the tokenizer has nothing left to remove. The prefix index
# serves words that are still being typed.
_SQLITE = [
    "CREATE VIRTUAL TABLE tickets_search USING fts5("
    " words, ticket_id UNINDEXED, tokenize='unicode61 remove_diacritics 0', prefix='3 4')"
]
_POSTGRESQL = [
    "CREATE TABLE tickets_search ("
    " entry_id bigint PRIMARY KEY REFERENCES tickets_entry (id) DEFERRABLE INITIALLY DEFERRED,"
    " ticket_id bigint NOT NULL, words tsvector NOT NULL)",
    "CREATE INDEX tickets_search_words ON tickets_search USING gin (words)",
]


def _create(apps: Any, editor: Any) -> None:
    for statement in _POSTGRESQL if editor.connection.vendor == "postgresql" else _SQLITE:
        editor.execute(statement)


def _drop(apps: Any, editor: Any) -> None:
    editor.execute("DROP TABLE tickets_search")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0002_append_only")]
    operations = [migrations.RunPython(_create, _drop)]
