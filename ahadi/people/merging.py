"""Two records of one person: they are seen as one, nothing is moved, and it can be undone at any time.

What each address may open and where answers go stays as it was: that somebody says so gives nobody a right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db import transaction

from ahadi.people.models import Customer

# More records are a household or a mistake.
MOST = 20


class NotPossible(ValueError):
    """These two cannot be merged; the code says why: itself, or full."""

    @property
    def code(self) -> str:
        return str(self.args[0])


@transaction.atomic
def merge(customer: Customer, into: Customer) -> Customer:
    """See a person's record, and all that were merged into it, as the same person; returns that record."""
    _lock(customer, into)
    first, root = _root(customer), _root(into)
    if first.pk == root.pk:
        raise NotPossible("itself")
    if len(records(first)) + len(records(root)) > MOST:
        raise NotPossible("full")
    Customer.objects.filter(pk=first.pk).update(merged_into=root)
    _stand_for([*records(first), first, root], root.pk)
    return first


@transaction.atomic
def unmerge(customer: Customer) -> bool:
    """Take a record out again, with those that had been merged into it; False where it is not merged."""
    _lock(customer)
    customer.refresh_from_db(fields=["merged_into", "person"])
    if customer.merged_into_id is None or customer.person_id is None:
        return False
    everybody = records(customer)
    own = set(_below(customer.pk, everybody))
    Customer.objects.filter(pk=customer.pk).update(merged_into=None)
    _stand_for([each for each in everybody if each.pk in own], customer.pk)
    _stand_for([each for each in everybody if each.pk not in own], customer.person_id)
    return True


def records(customer: Customer) -> list[Customer]:
    """All that is known of this person under any name, the first one first; itself alone where it is one."""
    if customer.person_id is None:
        return [customer]
    return list(Customer.objects.filter(person=customer.person_id).order_by("pk"))


def _lock(*customers: Customer) -> None:
    people = {each.pk for each in customers} | {each.person_id for each in customers if each.person_id}
    list(Customer.objects.select_for_update().filter(pk__in=people).order_by("pk").values_list("pk"))


def _root(customer: Customer) -> Customer:
    customer.refresh_from_db(fields=["merged_into", "person"])
    return customer.person or customer


def _stand_for(members: list[Customer], root: int) -> None:
    keys = {each.pk for each in members}
    Customer.objects.filter(pk__in=keys).update(person=root if len(keys) > 1 else None)


def _below(root: int, everybody: list[Customer]) -> Iterator[int]:
    children = defaultdict(list)
    for each in everybody:
        children[each.merged_into_id].append(each.pk)
    waiting = [root]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += children[found]
