from django.core.management import call_command
from django.db import migrations


def make(apps, editor):
    call_command("createcachetable", "ahadi_cache", database=editor.connection.alias, verbosity=0)


def remove(apps, editor):
    editor.execute("DROP TABLE ahadi_cache")


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0002_sessions"),
    ]

    operations = [migrations.RunPython(make, remove)]
