"""The official Python SDK of Microsoft Graph, unmodified, against the twin."""

import asyncio
import os

from kiota_abstractions.authentication import AuthenticationProvider
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.request_information import RequestInformation
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.attendee import Attendee
from msgraph.generated.models.attendee_type import AttendeeType
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.email_address import EmailAddress
from msgraph.generated.models.event import Event
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.online_meeting import OnlineMeeting
from msgraph.generated.models.online_meeting_presenters import OnlineMeetingPresenters
from msgraph.generated.models.online_meeting_provider_type import OnlineMeetingProviderType
from msgraph.generated.users.item.calendar_view.calendar_view_request_builder import CalendarViewRequestBuilder


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
    print("msgraph-sdk: event, view and meeting, as documented")


asyncio.run(main())
