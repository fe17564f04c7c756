"""Python-o365, unmodified, against the twin."""

import datetime as dt
import os
from zoneinfo import ZoneInfo

from O365 import Account, MSGraphProtocol
from O365.utils import BaseTokenBackend


class Nowhere(BaseTokenBackend):
    """Keeps no token: the session has one."""

    def load_token(self):
        return False

    def save_token(self, force=False):
        return False


class Twin(MSGraphProtocol):
    _protocol_url = os.environ["CONVOKE_GRAPH_URL"].removesuffix("v1.0")


BERLIN = ZoneInfo("Europe/Berlin")
account = Account(
    ("client", "secret"),
    protocol=Twin(timezone=BERLIN),
    auth_flow_type="credentials",
    tenant_id="contoso",
    main_resource="megan@contoso.example",
    token_backend=Nowhere(),
)
account.con.session = account.con.get_session()
account.con.session.headers["Authorization"] = f"Bearer {os.environ['CONVOKE_ACCESS_TOKEN']}"

schedule = account.schedule()
training = schedule.new_calendar("Training")
assert {it.name for it in schedule.list_calendars()} == {"Calendar", "Training"}
training.name = "Courses"
assert training.update()
assert schedule.get_calendar(calendar_name="Courses").calendar_id == training.calendar_id

event = training.new_event("Weekly")
event.start = dt.datetime(2027, 3, 2, 10, 0, tzinfo=BERLIN)
event.end = dt.datetime(2027, 3, 2, 11, 0, tzinfo=BERLIN)
event.location = "Room 4"
event.body = "<p>Agenda</p>"
event.attendees.add(["adele@contoso.example", ("Ben", "ben@fabrikam.example")])
event.is_online_meeting = True
event.online_meeting_provider = "teamsForBusiness"
event.recurrence.set_weekly(
    1,
    days_of_week=["tuesday"],
    first_day_of_week="monday",
    start=dt.date(2027, 3, 2),
    end=dt.date(2027, 3, 16),
)
assert event.save()

read = training.get_event(event.object_id)
assert (read.subject, str(read.start)) == ("Weekly", "2027-03-02 10:00:00+01:00"), (read.subject, read.start)
assert read.is_online_meeting and read.online_meeting["joinUrl"].startswith("https://"), read.online_meeting
assert sorted(it.address for it in read.attendees) == ["adele@contoso.example", "ben@fabrikam.example"]
window = {"start": dt.datetime(2027, 3, 1, tzinfo=BERLIN), "end": dt.datetime(2027, 4, 1, tzinfo=BERLIN)}
dates = list(read.get_occurrences(**window))
assert [it.start.day for it in dates] == [2, 9, 16], dates
dates[1].subject = "Apart"
assert dates[1].save() and dates[2].delete()
assert sorted(it.subject for it in read.get_occurrences(**window)) == ["Apart", "Weekly"]
read.subject = "Every week"
assert read.save()

query = training.new_query().equals("subject", "Every week")
assert [it.object_id for it in training.get_events(query=query, include_recurring=False)] == [event.object_id]
view = training.get_events(include_recurring=True, start_recurring=window["start"], end_recurring=window["end"])
assert len(list(view)) == 2

day = schedule.new_event("Fair")
day.start = dt.datetime(2027, 5, 4, tzinfo=BERLIN)
day.is_all_day = True
assert day.save()
assert schedule.get_default_calendar().get_event(day.object_id).is_all_day

assert read.cancel_event("No more")
assert list(training.get_events(include_recurring=False)) == []
assert training.delete()
print("python-o365: a calendar, a series, its dates and an all-day event, as documented")
