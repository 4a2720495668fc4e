from django.db import migrations

from ahadi.lib.protection import append_only


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [
        append_only("tickets_entry", "update", "delete"),
        append_only("tickets_words", "update", "delete"),
        append_only("tickets_attachment", "update", "delete"),
        append_only("tickets_ticket", "delete"),
    ]
