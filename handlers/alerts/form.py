"""The form of `/aid-alerts`: a subscription by choosing. What is chosen is read as the line that `/aid-alerts on` takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from db.domain.enums import Group, Headline, UpdateKind
from db.models import Subscription
from db.search.filter import FILTER_LENGTH, Filter, parse_filter
from db.subscriptions.recipients import DIRECT_MESSAGE, THREADING
from db.subscriptions.schedule import WEEKDAYS
from db.subscriptions.settings import DAILY, MORNING, OFF, WEEKLY, WORKDAYS
from handlers.alerts.blocks import DAYS
from handlers.blocks.blockkit import Block, context, option
from handlers.blocks.forms import choice, entered, field_input, modal, text_input
from handlers.i18n.translator import LANGUAGE_NAMES, Translator
from handlers.slack.payloads import SlackView

FORM, DONE = "alerts_form", "alerts_done"
CHOSEN = ("group", "status", "kind")  # the filters that are chosen; what else a filter can say is typed
WORDS = "words"
SCOPE, FOLLOWED, MATCHING = "scope", "followed", "matching"
SHIPPED = {"digest": OFF, "hour": MORNING, "threading": THREADING[0], "quiet": OFF, "reminders": "on", "lang": ""}
NIGHTS = ("20:00-08:00", "21:00-07:00", "22:00-07:00", "23:00-07:00")
EXAMPLE = "-kind:note holder:FR"
FIELD = "alerts_"  # what the ids of the fields begin with
COUNT = "alerts_count"  # the action of the fields after which the messages of the last days are counted again


@dataclass(frozen=True, slots=True)
class AlertForm:
    """The values of the fields by name; ``scope`` only in a direct message."""

    values: Mapping[str, str]

    @property
    def followed_only(self) -> bool:
        return self.values.get(SCOPE) == FOLLOWED

    @property
    def filter(self) -> str:
        chosen = [f"{key}:{self.values[key]}" for key in CHOSEN if self.values.get(key)]
        return " ".join([*chosen, self.values.get(WORDS, "")]).strip()

    @property
    def line(self) -> str:
        """Return what one types after ``/aid-alerts on``."""
        when = self.values["digest"]
        digest = when if when == OFF else f"{when}@{self.values['hour']}"
        names = ("threading", "quiet", "reminders", "lang")
        settings = " ".join([f"digest:{digest}", *(f"{name}:{self.values[name]}" for name in names)])
        return f"{'' if self.followed_only else self.filter} {settings}"


def of_subscription(row: Subscription | None, channel: str, language: str) -> AlertForm:
    """Return the form filled with what the channel has; ``language`` where it has nothing."""
    values = {**SHIPPED, "lang": language}
    if channel.startswith(DIRECT_MESSAGE):
        values[SCOPE] = FOLLOWED if row is None or row.followed_only else MATCHING
    if row is None:
        return AlertForm(values)
    when = {WORKDAYS: "weekdays", WEEKLY: WEEKDAYS[row.digest_day or 0]}.get(row.digest or OFF, row.digest or OFF)
    values |= {"digest": when, "hour": row.digest_at or MORNING, "threading": row.threading, "lang": row.language}
    values |= {"quiet": row.quiet or OFF, "reminders": "on" if row.reminders else OFF}
    rest = list(parse_filter(row.filter).terms)
    for key in CHOSEN:
        own = [term for term in rest if term.key == key]
        if len(own) == 1 and not own[0].exclude:
            rest.remove(own[0])
            values[key] = ",".join(own[0].values)
    return AlertForm(values | {WORDS: Filter(tuple(rest)).text})


def of_view(view: SlackView) -> AlertForm:
    values = dict(SHIPPED)
    for block, elements in view["state"]["values"].items():
        for element in elements.values():
            value = entered(element)
            values[block.removeprefix(FIELD)] = value if isinstance(value, str) else ",".join(value)
    return AlertForm(values)


def view(translator: Translator, form: AlertForm, channel: str, zone: str, preview: str) -> Block:
    """Return the form; ``preview`` says what the filter would have sent."""
    filters = {
        "group": (translator.plain("Groups"), {each.value: translator.group(each) for each in Group}),
        "status": (translator.plain("Status"), {each.value: translator.headline(each) for each in Headline}),
        "kind": (translator.plain("What happened"), {each.value: translator.kind(each) for each in UpdateKind}),
    }
    scopes = {
        FOLLOWED: translator.plain("Only projects that I follow"),
        MATCHING: translator.plain("Also projects that match the filter below"),
    }
    threads = (
        translator.plain("Each alert on its own"),
        translator.plain("One thread per project"),
        translator.plain("Threads; new statuses also in the channel"),
    )
    hours = sorted({form.values["hour"], *(f"{hour:02}:00" for hour in range(24))})
    nights = sorted({*NIGHTS, form.values["quiet"]} - {OFF})
    settings = {
        "digest": (translator.plain("When"), _times(translator)),
        "hour": (translator.plain("Hour of the digest"), dict(zip(hours, hours, strict=True))),
        "threading": (translator.plain("Threads"), dict(zip(THREADING, threads, strict=True))),
        "quiet": (
            translator.plain("Quiet hours"),
            {OFF: translator.plain("No quiet hours"), **dict(zip(nights, nights, strict=True))},
        ),
        "reminders": (
            translator.plain("Reminders of deadlines"),
            {"on": translator.plain("On"), OFF: translator.plain("Off")},
        ),
        "lang": (translator.plain("Language"), {code: translator.plain(name) for code, name in LANGUAGE_NAMES.items()}),
    }
    clock = dict.fromkeys(("hour", "quiet"), translator.plain("By the clock of {zone}", zone=zone))
    blocks = [
        *([_counted(_select(form, SCOPE, translator.plain("Projects"), scopes))] if SCOPE in form.values else []),
        *(_counted(_select(form, name, *shown, several=True)) for name, shown in filters.items()),
        _words(translator, form),
        *([context(preview)] if preview else []),
        *(_select(form, name, *shown, hint=clock.get(name)) for name, shown in settings.items()),
    ]
    return modal(
        translator, FORM, translator.plain("Alerts"), blocks, submit=translator.plain("Save"), private_metadata=channel
    )


def done(translator: Translator, blocks: list[Block]) -> Block:
    return modal(translator, DONE, translator.plain("Alerts"), blocks)


def _times(translator: Translator) -> dict[str, str]:
    weekly = {
        code: translator.plain("Weekly digest, on {day}", day=translator.plain(day))
        for code, day in zip(WEEKDAYS, DAYS, strict=True)
    }
    return {
        OFF: translator.plain("At once"),
        DAILY: translator.plain("Daily digest"),
        "weekdays": translator.plain("Digest from Monday to Friday"),
        **weekly,
    }


def _select(
    form: AlertForm,
    name: str,
    label: str,
    choices: Mapping[str, str],
    *,
    several: bool = False,
    hint: str | None = None,
) -> Block:
    values = [value for value in form.values.get(name, "").split(",") if value in choices]
    chosen = values or ([] if several else list(choices)[:1])
    kind = "multi_static_select" if several else "static_select"
    element = choice(kind, [option(text, value) for value, text in choices.items()], chosen)
    return field_input(FIELD + name, label, element, optional=several, hint=hint)


def _words(translator: Translator, form: AlertForm) -> Block:
    element = text_input(form.values.get(WORDS, ""), most=FILTER_LENGTH, placeholder=EXAMPLE)
    hint = translator.plain(
        "Words in a project's name, or other filters (see /aid-status help). Press Enter to count again."
    )
    label = translator.plain("Words and other filters")
    return _counted(field_input(FIELD + WORDS, label, element, optional=True, hint=hint))


def _counted(field: Block) -> Block:
    return {**field, "dispatch_action": True, "element": {**field["element"], "action_id": COUNT}}
