"""The official Python SDK of Microsoft Graph, unmodified, against the twin."""

import asyncio
import datetime
import os

from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.request_information import RequestInformation
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph_core.requests.batch_request_builder import BatchRequestBuilder
from msgraph_core.requests.batch_request_content import BatchRequestContent
from msgraph_core.requests.batch_request_item import BatchRequestItem
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.calendar import Calendar
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.lobby_bypass_scope import LobbyBypassScope
from msgraph.generated.models.lobby_bypass_settings import LobbyBypassSettings
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.online_meeting import OnlineMeeting
from msgraph.generated.models.online_meeting_presenters import OnlineMeetingPresenters
from msgraph.generated.models.online_meeting_provider_type import OnlineMeetingProviderType
from msgraph.generated.models.patterned_recurrence import PatternedRecurrence
from msgraph.generated.models.recurrence_pattern import RecurrencePattern
from msgraph.generated.models.recurrence_pattern_type import RecurrencePatternType
from msgraph.generated.models.recurrence_range import RecurrenceRange
from msgraph.generated.models.recurrence_range_type import RecurrenceRangeType
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder
from msgraph.generated.users.item.events.events_request_builder import EventsRequestBuilder
from msgraph.generated.users.item.events.item.instances.instances_request_builder import InstancesRequestBuilder
from msgraph.generated.users.item.online_meetings.online_meetings_request_builder import OnlineMeetingsRequestBuilder


class Ready(AuthenticationProvider):
    async def authenticate_request(self, request: RequestInformation, additional=None) -> None:
        request.headers.add("Authorization", f"Bearer {os.environ['CONVOKE_ACCESS_TOKEN']}")


async def main() -> None:
    adapter = GraphRequestAdapter(Ready())
    adapter.base_url = os.environ["CONVOKE_GRAPH_URL"]
    user = GraphServiceClient(request_adapter=adapter).users.by_user_id("megan@contoso.example")
    me = await user.get()

    event = await user.events.post(
        Event(
            subject="Price strategy",
            start=DateTimeTimeZone(date_time="2027-03-01T10:00:00", time_zone="UTC"),
            end=DateTimeTimeZone(date_time="2027-03-01T11:00:00", time_zone="UTC"),
            attendees=[Attendee(type=AttendeeType.Required, email_address=EmailAddress(address="adele@contoso.example"))],
            is_online_meeting=True,
            online_meeting_provider=OnlineMeetingProviderType.TeamsForBusiness,
        )
    )
    url = event.online_meeting.join_url
    assert event.is_online_meeting and url.startswith("https://")
    changed = await user.events.by_event_id(event.id).patch(Event(subject="Price"))
    assert changed.subject == "Price" and changed.online_meeting.join_url == url

    query = CalendarViewRequestBuilder.CalendarViewRequestBuilderGetQueryParameters(
        start_date_time="2027-03-01T00:00:00Z", end_date_time="2027-03-02T00:00:00Z"
    )
    view = await user.calendar_view.get(RequestConfiguration(query_parameters=query))
    assert [it.subject for it in view.value] == ["Price"]

    meetings = GraphServiceClient(request_adapter=adapter).users.by_user_id(me.id).online_meetings
    meeting = await meetings.post(OnlineMeeting(subject="Room", allowed_presenters=OnlineMeetingPresenters.Organizer))
    read = await meetings.by_online_meeting_id(meeting.id).get()
    assert read.allowed_presenters == OnlineMeetingPresenters.Organizer
    await meetings.by_online_meeting_id(meeting.id).delete()
    try:
        await meetings.by_online_meeting_id(meeting.id).get()
        raise SystemExit("a deleted meeting was found")
    except ODataError as error:
        assert error.response_status_code == 404
    await series(user, meetings)
    await batch(adapter, user)
    print("msgraph-sdk for Python: events, a series, options, meetings and batches, as documented")


async def series(user, meetings) -> None:
    training = await user.calendars.post(Calendar(name="Training"))
    assert [it.name for it in (await user.calendars.get()).value] == ["Calendar", "Training"]
    first = datetime.date(2027, 3, 2)
    pattern = RecurrencePattern(type=RecurrencePatternType.Weekly, interval=1, days_of_week=[DayOfWeek.Tuesday])
    dates = RecurrenceRange(type=RecurrenceRangeType.Numbered, start_date=first, number_of_occurrences=3)
    weekly = await user.calendars.by_calendar_id(training.id).events.post(
        Event(
            subject="Weekly",
            start=DateTimeTimeZone(date_time="2027-03-02T10:00:00", time_zone="Europe/Berlin"),
            end=DateTimeTimeZone(date_time="2027-03-02T11:00:00", time_zone="Europe/Berlin"),
            recurrence=PatternedRecurrence(pattern=pattern, range=dates),
            is_online_meeting=True,
        )
    )
    event = user.events.by_event_id(weekly.id)
    window = InstancesRequestBuilder.InstancesRequestBuilderGetQueryParameters(
        start_date_time="2027-03-01T00:00:00Z", end_date_time="2027-04-01T00:00:00Z"
    )
    window = RequestConfiguration(query_parameters=window)
    dates = (await event.instances.get(window)).value
    assert len(dates) == 3
    await user.events.by_event_id(dates[1].id).patch(Event(subject="Apart"))
    await user.events.by_event_id(dates[2].id).delete()
    assert [it.subject for it in (await event.instances.get(window)).value] == ["Weekly", "Apart"]

    link = weekly.online_meeting.join_url
    query = OnlineMeetingsRequestBuilder.OnlineMeetingsRequestBuilderGetQueryParameters(filter=f"JoinWebUrl eq '{link}'")
    [behind] = (await meetings.get(RequestConfiguration(query_parameters=query))).value
    lobby = LobbyBypassSettings(scope=LobbyBypassScope.Organizer)
    changed = await meetings.by_online_meeting_id(behind.id).patch(OnlineMeeting(lobby_bypass_settings=lobby))
    assert changed.lobby_bypass_settings.scope == LobbyBypassScope.Organizer


async def batch(adapter, user) -> None:
    body = Event(
        subject="In a batch",
        start=DateTimeTimeZone(date_time="2027-06-01T10:00:00", time_zone="UTC"),
        end=DateTimeTimeZone(date_time="2027-06-01T11:00:00", time_zone="UTC"),
    )
    make = BatchRequestItem(user.events.to_post_request_information(body))
    read = BatchRequestItem(user.calendar.to_get_request_information())
    content = BatchRequestContent()
    content.add_request(make.id, make)
    content.add_request(read.id, read)
    answers = await BatchRequestBuilder(adapter).post(content)
    assert answers.get_response_status_codes() == {make.id: 201, read.id: 200}
    # What a JSON answer says this version of the client passes over, so the event is looked for.
    query = EventsRequestBuilder.EventsRequestBuilderGetQueryParameters(filter="subject eq 'In a batch'")
    assert len((await user.events.get(RequestConfiguration(query_parameters=query))).value) == 1


asyncio.run(main())
