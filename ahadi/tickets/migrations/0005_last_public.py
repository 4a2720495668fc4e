from django.db import migrations, models

from ahadi.lib.protection import restored


class Migration(migrations.Migration):
    dependencies = [("tickets", "0004_follow_ups")]

    operations = [
        migrations.AddField("ticket", "last_public", models.BinaryField(default=b"", max_length=32)),
        restored("tickets_ticket", "delete"),
    ]
