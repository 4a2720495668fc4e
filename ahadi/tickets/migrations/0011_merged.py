import django.db.models.deletion
from django.db import migrations, models

# Made by Django with the table, and dropped by its name: if the table were made anew, its triggers would go.
OLD = "tickets_ticket_merged_into_id_3a36ad40"


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0010_ended_talks'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='ticket',
                    name='merged_into',
                    field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='tickets.ticket'),
                ),
            ],
            database_operations=[
                migrations.RunSQL(f'DROP INDEX IF EXISTS "{OLD}"', f'CREATE INDEX IF NOT EXISTS "{OLD}" ON tickets_ticket (merged_into_id)'),
            ],
        ),
        migrations.AddIndex(
            model_name='ticket',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='ticket_merged'),
        ),
    ]
