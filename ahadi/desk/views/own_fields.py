"""Settings of the fields a company has of its own, and of its tags."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ahadi.desk.forms.own_fields import FieldForm, TagForm
from ahadi.desk.views.access import AgentRequest, for_admins
from ahadi.tickets.models import Field, Tag


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def fields(request: AgentRequest) -> HttpResponse:
    """Every field, and a new one."""
    form = FieldForm(request.POST or None, initial={"is_active": True})
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The field was added; it stands beside every ticket it is for."))
        return redirect("desk:fields")
    context = {"form": form, "fields": Field.objects.select_related("team").annotate(used=Count("values"))}
    return render(request, "desk/settings/fields.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def field(request: AgentRequest, pk: int) -> HttpResponse:
    """One field: its name, for whom it is, whether it is needed."""
    edited = get_object_or_404(Field, pk=pk)
    name = edited.name
    form = FieldForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The field was saved."))
        return redirect("desk:fields")
    context = {"form": form, "name": name, "code": edited.code, "kind": edited.kind}
    return render(request, "desk/settings/field.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def tags(request: AgentRequest) -> HttpResponse:
    """Every tag, and a new one."""
    form = TagForm(request.POST or None)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The tag was added."))
        return redirect("desk:tags_of_all")
    context = {"form": form, "tags": Tag.objects.annotate(used=Count("tickets"))}
    return render(request, "desk/settings/tags.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_admins
def tag(request: AgentRequest, pk: int) -> HttpResponse:
    """One tag: its name and colour."""
    edited = get_object_or_404(Tag, pk=pk)
    name = edited.name
    form = TagForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The tag was saved."))
        return redirect("desk:tags_of_all")
    context = {"form": form, "name": name}
    return render(request, "desk/settings/tag.html", context, status=422 if form.errors else 200)
