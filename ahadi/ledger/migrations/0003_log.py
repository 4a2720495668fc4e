import django.db.models.deletion
from django.db import migrations, models

import ahadi.lib.clock


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Key",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=300)),
                ("vkey", models.CharField(max_length=400, unique=True)),
                ("since", models.DateTimeField(default=ahadi.lib.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="Line",
            fields=[
                ("index", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "leaf",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="line", to="ledger.leaf"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("level", models.PositiveSmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("level", "number"), name="tile_once")],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("note", models.TextField()),
                ("made", models.DateTimeField(default=ahadi.lib.clock.now)),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checkpoints", to="ledger.key"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["made"], name="checkpoint_made")],
                "constraints": [
                    models.UniqueConstraint(fields=("key", "size"), name="one_checkpoint_of_a_size")
                ],
            },
        ),
    ]
