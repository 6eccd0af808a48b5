"""Requests of people, by name, to see what an answer costs."""

from tests.benchmarks.requests import command, home_opened, typeahead

PORTFOLIO = "portfolio"
PROJECT = "one project"
LIST = "a filtered list"
HOME = "App Home"
TYPEAHEAD = "typeahead"

QUESTIONS = {
    PORTFOLIO: command("/aid-status"),
    PROJECT: command("/aid-status", "GG-1"),
    LIST: command("/aid-status", "group:io -status:delivered"),
    "a list by words": command("/aid-status", "water clinic"),
    "a list by status": command("/aid-status", "status:on-hold holder:US"),
    "one update": command("/aid-status", "#1"),
    "a near miss": command("/aid-status", "watre pmup"),
    HOME: home_opened(),
    TYPEAHEAD: typeahead("provi"),
    "typeahead, nothing typed": typeahead(""),
    "typeahead, mistyped": typeahead("provnice"),
    "alerts list": command("/aid-alerts", "list"),
    "alerts on": command("/aid-alerts", "on group:io"),
    "delivery log": command("/aid-admin", "delivery"),
    "a channel's deliveries": command("/aid-admin", "delivery <#C0BIG1|big>"),
}
