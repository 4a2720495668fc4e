import ahadi.lib.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0002_mail_servers'),
        ('people', '0001_initial'),
        ('tickets', '0004_follow_ups'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='rawmessage',
            name='authentication',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='rawmessage',
            name='client_ip',
            field=models.GenericIPAddressField(null=True),
        ),
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('after', models.PositiveIntegerField()),
                ('added', models.DateTimeField(default=ahadi.lib.clock.now)),
                ('removed', models.DateTimeField(null=True)),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('address', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participations', to='people.address')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='participants', to='tickets.ticket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('removed', None)), fields=('ticket', 'address'), name='participant_once')],
            },
        ),
        migrations.CreateModel(
            name='Trust',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('server', 'Our mail server, whose checks are believed'), ('sealer', 'A forwarder, whose seal is believed'), ('form', 'A sender whose reply address is the person who wrote'), ('direct', 'Mail comes straight from the server of its sender')], max_length=8, verbose_name='kind')),
                ('value', models.CharField(blank=True, max_length=254, verbose_name='value')),
                ('added', models.DateTimeField(default=ahadi.lib.clock.now, editable=False)),
                ('inbox', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='trust', to='channels.inbox', verbose_name='inbox')),
            ],
            options={
                'verbose_name_plural': 'trust',
                'ordering': ['kind', 'value', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('kind', 'value', 'inbox'), name='trust_once'), models.UniqueConstraint(condition=models.Q(('inbox', None)), fields=('kind', 'value'), name='trust_once_for_all')],
            },
        ),
    ]
