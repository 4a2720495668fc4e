from django.db import migrations

from ahadi.lib.protection import append_only


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_log")]
    operations = [
        append_only("ledger_line", "update", "delete"),
        append_only("ledger_checkpoint", "update", "delete"),
        append_only("ledger_tile", "delete"),
    ]
