"""Saved replies and macros: written by leads and administrators, offered while somebody answers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from markupsafe import Markup

from ahadi.automation import actions, placeholders
from ahadi.automation.models import Macro, SavedReply
from ahadi.desk.forms.at_hand import MacroForm, SavedReplyForm
from ahadi.desk.views.access import AgentRequest, for_agents, for_leads, ticket_or_404
from ahadi.desk.views.tickets import back, to_list
from ahadi.lib import markup
from ahadi.people.models import Company
from ahadi.tickets.models import Ticket

MOST = 500


@require_http_methods(["GET", "HEAD", "POST"])
@for_leads
def replies(request: AgentRequest) -> HttpResponse:
    """Every saved reply, and a new one."""
    form = SavedReplyForm(request.POST or None)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The saved reply was added."))
        return redirect("desk:saved_replies")
    found = SavedReply.objects.select_related("team").prefetch_related("texts")
    context = {"form": form, "replies": found, "placeholders": placeholders.PLACEHOLDERS.values()}
    return render(request, "desk/settings/saved_replies.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_leads
def reply(request: AgentRequest, pk: int) -> HttpResponse:
    """One saved reply with its words in each language, as they will look."""
    edited = get_object_or_404(SavedReply.objects.prefetch_related("texts"), pk=pk)
    name = edited.name
    form = SavedReplyForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The saved reply was saved."))
        return redirect("desk:saved_replies")
    shown = [(text.get_language_display(), text, _marked(text.text)) for text in edited.texts.all()]
    context = {
        "form": form,
        "name": name,
        "pk": pk,
        "shown": shown,
        "placeholders": placeholders.PLACEHOLDERS.values(),
    }
    return render(request, "desk/settings/saved_reply.html", context, status=422 if form.errors else 200)


@require_POST
@for_leads
def reply_removal(request: AgentRequest, pk: int) -> HttpResponse:
    """Take a saved reply away; what was written with it stays."""
    get_object_or_404(SavedReply, pk=pk).delete()
    messages.success(
        request, _("The saved reply is gone. Answers that were written with it stay as they are.")
    )
    return redirect("desk:saved_replies")


@require_http_methods(["GET", "HEAD", "POST"])
@for_leads
def macros(request: AgentRequest) -> HttpResponse:
    """Every macro with what it does, and a new one."""
    form = MacroForm(request.POST or None)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The macro was added."))
        return redirect("desk:macros")
    found = [(macro, actions.describe(macro)) for macro in Macro.objects.select_related("team", "reply")]
    context = {"form": form, "macros": found}
    return render(request, "desk/settings/macros.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_leads
def macro(request: AgentRequest, pk: int) -> HttpResponse:
    """One macro."""
    edited = get_object_or_404(Macro, pk=pk)
    name = edited.name
    form = MacroForm(request.POST or None, instance=edited)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("The macro was saved."))
        return redirect("desk:macros")
    context = {"form": form, "name": name, "pk": pk}
    return render(request, "desk/settings/macro.html", context, status=422 if form.errors else 200)


@require_POST
@for_leads
def macro_removal(request: AgentRequest, pk: int) -> HttpResponse:
    """Take a macro away; what it did stays."""
    get_object_or_404(Macro, pk=pk).delete()
    messages.success(request, _("The macro is gone. What it did stays as it is."))
    return redirect("desk:macros")


@require_safe
@for_agents
def words(request: AgentRequest, search: str, number: str) -> HttpResponse:
    """What lies at hand for a ticket: replies filled in for its customer, macros with what they do."""
    ticket = ticket_or_404(request, number)
    about = placeholders.About(ticket, request.user, Company.current())
    found = SavedReply.objects.of(request.user).order_by("-uses", "name").prefetch_related("texts")[:MOST]
    prepared = [_shown(reply, about) for reply in found]
    macros = Macro.objects.of(request.user).select_related("reply").prefetch_related("reply__texts")[:MOST]
    doing = [
        {
            "id": macro.pk,
            "name": macro.name,
            "does": actions.describe(macro),
            "text": _shown(macro.reply, about)["text"] if macro.reply else "",
        }
        for macro in macros
    ]
    return JsonResponse({"replies": prepared, "macros": doing})


@require_POST
@for_agents
def uses(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Count that a saved reply went into an answer."""
    ticket_or_404(request, number)
    get_object_or_404(SavedReply.objects.of(request.user), pk=pk).count_use()
    return HttpResponse(status=204)


@require_POST
@for_agents
def runs(request: AgentRequest, search: str, number: str, pk: int) -> HttpResponse:
    """Do what a macro does; its words go into the answer, which the agent sends."""
    ticket = ticket_or_404(request, number)
    macro = get_object_or_404(Macro.objects.of(request.user), pk=pk)
    done = actions.run(macro, ticket, by=request.user)
    if done:
        said = " · ".join(str(action.describe()) for action in done)
        messages.success(request, _("%(macro)s: %(done)s") % {"macro": macro.name, "done": said})
    if not Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
        return to_list(request, search)
    return back(request, search, number)


def _marked(text: str) -> Markup:
    return Markup(markup.to_html(text))  # noqa: S704 - it escapes every word itself


def _shown(reply: SavedReply, about: placeholders.About) -> dict[str, Any]:
    found = reply.text_in(about.language, about.company.language)
    text = placeholders.fill(found.text, about) if found else ""
    return {
        "id": reply.pk,
        "name": reply.name,
        "folder": reply.folder,
        "text": text,
        "language": found.language if found else "",
        # An article that lies elsewhere: its title, and where it is read.
        "article": markup.only_link(text),
        "is_foreign": bool(found and found.language != about.language),
        "missing": placeholders.unresolved(text),
    }
