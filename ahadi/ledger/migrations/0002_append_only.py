from django.db import migrations

from ahadi.lib.protection import append_only


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        append_only("ledger_leaf", "update", "delete"),
        append_only("ledger_opening", "update", "delete"),
    ]
