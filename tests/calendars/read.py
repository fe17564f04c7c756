"""Reads the calendar file of a plan with icalendar and recurring-ical-events, and finds the occurrences that convoke tells.

read.py PLAN.ics PLAN.json
"""

import json
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import icalendar
import recurring_ical_events


def utc(at):
    """The instant, or the date of what lasts whole days."""
    if isinstance(at, datetime):
        return at.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%MZ")
    return at.isoformat()


calendar = icalendar.Calendar.from_ical(Path(sys.argv[1]).read_bytes())
plan = json.loads(Path(sys.argv[2]).read_text())
assert calendar["METHOD"] == "PUBLISH" and calendar["VERSION"] == "2.0", calendar
broken = [error for component in calendar.walk() for error in component.errors]
assert not broken, broken
events = calendar.walk("VEVENT")
uids = {str(event["UID"]) for event in events}
keys = {step["key"] for step in plan["steps"]}
assert {uid.split("/", 1)[1].removesuffix("@convoke") for uid in uids} == keys, uids
assert all("STATUS" in event and "DTSTAMP" in event for event in events)

read = recurring_ical_events.of(calendar)
compared = 0
for series in plan["occurrences"]:
    whole_days = series["key"].endswith("/whole-days")
    told = [it["start"][:10] if whole_days else it["utc"] for it in series["next"] if it["start"]]
    last = date.fromisoformat(max(told)[:10]) + timedelta(days=3)
    found = [it for it in read.between((2031, 1, 1), last) if str(it["UID"]).endswith(f"/{series['key']}@convoke")]
    starts = sorted(utc(it["DTSTART"].dt) for it in found)[: len(told)]
    assert starts == sorted(told), (series["key"], starts, told)
    compared += len(told)
long = next(str(event["SUMMARY"]) for event in events if "/daily@" in event["UID"])
assert long.startswith("Daily; with, signs\\ and") and long.endswith(": שלום, grüße, 日本語"), long
print(f"icalendar and recurring-ical-events: {len(events)} events, {compared} occurrences")
