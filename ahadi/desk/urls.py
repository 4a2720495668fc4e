from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, register_converter

from ahadi.desk import calling_urls, complaint_urls, hearing_urls, promise_urls, searches
from ahadi.desk.views import (
    batches,
    changes,
    chats,
    drafts,
    held,
    live,
    participants,
    persons,
    pictures,
    replies,
    tickets,
    ways,
    work,
)
from ahadi.desk.views.palettes import offer


class SearchConverter:
    """The searches there are, saved ones as `s12`; `tickets` is for what comes from no list."""

    regex = "|".join([*searches.SEARCHES, "search", "tickets", "s[0-9]{1,12}"])

    def to_python(self, value: str) -> str:
        return "open" if value == "tickets" else value

    def to_url(self, value: str) -> str:
        return value


class NumberConverter:
    """A tracking code."""

    regex = "[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


register_converter(SearchConverter, "search")
register_converter(NumberConverter, "number")

app_name = "desk"
of_ticket: list[URLPattern | URLResolver] = [
    *promise_urls.of_ticket,
    *hearing_urls.of_ticket,
    *calling_urls.of_ticket,
    *complaint_urls.of_ticket,
    path("", tickets.ticket, name="ticket"),
    path("replies/", replies.replies, name="replies"),
    path("notes/", replies.notes, name="notes"),
    path("assignment/", changes.assignment, name="assignment"),
    path("tags/", changes.tags, name="tags"),
    path("solution/", changes.solution, name="solution"),
    path("promise/", changes.promise, name="promise"),
    path("chat/ending/", chats.chat_ending, name="chat_ending"),
    path("chat/back/", chats.handing_back, name="handing_back"),
    path("priority/", changes.priority, name="priority"),
    path("subject/", changes.subject, name="subject"),
    path("", include("ahadi.desk.at_hand_urls")),
    path("work/", work.panel, name="work"),
    path("merging/", work.merging, name="merging"),
    path("merging/removal/", work.unmerging, name="unmerging"),
    path("splits/", work.splits, name="splits"),
    path("links/", work.links, name="links"),
    path("links/<int:pk>/removal/", work.link_removals, name="link_removal"),
    path("forwards/", work.forwards, name="forwards"),
    path("part-answers/", work.part_answers, name="part_answers"),
    path("snooze/", work.snooze, name="snooze"),
    path("snooze/removal/", work.waking, name="waking"),
    path("values/", work.values, name="values"),
    path("tasks/", work.tasks, name="tasks"),
    path("tasks/<int:pk>/state/", work.ticks, name="tick"),
    path("tasks/<int:pk>/removal/", work.task_removals, name="task_removal"),
    path("time/", work.time, name="time"),
    path("following/", work.following, name="following"),
    path("person/", persons.person, name="person"),
    path("person/<int:pk>/removal/", persons.person_removal, name="person_removal"),
    path("releases/<int:seq>/", held.releases, name="releases"),
    path("held/<int:seq>/admission/", held.admissions, name="admission"),
    path("held/<int:seq>/separation/", held.separations, name="separation"),
    path("held/<int:seq>/leaving/", held.leavings, name="leaving"),
    path("participants/", participants.participants, name="participants"),
    path("participants/<int:pk>/removal/", participants.removals, name="participant_removal"),
    path("sketch/", live.sketch, name="sketch"),
    path("pictures/", pictures.pictures, name="pictures"),
    path("pictures/<str:name>/", pictures.picture, name="picture"),
    path("drafts/<int:pk>/withdrawal/", drafts.withdrawal, name="withdrawal"),
    path("drafts/<int:pk>/time/", drafts.times, name="leaving_time"),
    path("drafts/<int:pk>/removal/", drafts.removal, name="draft_removal"),
    path("deliveries/<int:pk>/retry/", replies.retries, name="retry"),
    path("deliveries/<int:pk>/confirmation/", replies.confirmations, name="confirmation"),
    path("deliveries/<int:pk>/ways/", ways.ways, name="ways"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", tickets.home, name="home"),
    path("batches/", batches.batches, name="batches"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/start/", batches.start, name="batch_start"),
    path("batches/<int:pk>/undo/", batches.undoing, name="batch_undo"),
    path("settings/", include("ahadi.desk.settings_urls")),
    path("notices/", include("ahadi.desk.notice_urls")),
    *promise_urls.of_desk,
    *complaint_urls.of_desk,
    *calling_urls.of_desk,
    path("palette/", offer, name="palette"),
    path("search/", tickets.tickets, {"search": "search"}, name="search"),
    path("presences/", live.presences, name="presences"),
    path("<search:search>/", tickets.tickets, name="list"),
    path("<search:search>/<number:number>/", include(of_ticket)),
]
