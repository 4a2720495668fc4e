from django.db import migrations, models

import ahadi.lib.clock


class Migration(migrations.Migration):

    dependencies = [
        ("outbox", "0003_worker"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="wanted",
            field=models.DateTimeField(default=ahadi.lib.clock.now),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(fields=["wanted", "id"], name="job_wanted"),
        ),
    ]
