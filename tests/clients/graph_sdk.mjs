// The official JavaScript SDK of Microsoft Graph (its generated one), unmodified, against the twin.
import assert from "node:assert/strict";
import { GraphRequestAdapter, createGraphServiceClient } from "@microsoft/msgraph-sdk";
import "@microsoft/msgraph-sdk-users";

const authentication = {
  authenticateRequest: async (request) => {
    request.headers.add("Authorization", `Bearer ${process.env.CONVOKE_ACCESS_TOKEN}`);
  },
};
const adapter = new GraphRequestAdapter(authentication);
adapter.baseUrl = process.env.CONVOKE_GRAPH_URL;
const client = createGraphServiceClient(adapter);
const user = client.users.byUserId("megan@contoso.example");

const training = await user.calendars.post({ name: "Training" });
const names = (await user.calendars.get()).value.map((it) => it.name);
assert.deepEqual(names, ["Calendar", "Training"]);

const at = (dateTime) => ({ dateTime, timeZone: "Europe/Berlin" });
const series = await user.calendars.byCalendarId(training.id).events.post({
  subject: "Weekly",
  start: at("2027-03-02T10:00:00"),
  end: at("2027-03-02T11:00:00"),
  attendees: [{ type: "required", emailAddress: { address: "adele@contoso.example" } }],
  recurrence: {
    pattern: { type: "weekly", interval: 1, daysOfWeek: ["tuesday"] },
    range: { type: "numbered", startDate: "2027-03-02", numberOfOccurrences: 3 },
  },
  isOnlineMeeting: true,
  onlineMeetingProvider: "teamsForBusiness",
});
const url = series.onlineMeeting.joinUrl;
assert.ok(url.startsWith("https://"));
const event = user.events.byEventId(series.id);
const window = { startDateTime: "2027-03-01T00:00:00Z", endDateTime: "2027-04-01T00:00:00Z" };
const dates = (await event.instances.get({ queryParameters: window })).value;
assert.equal(dates.length, 3);
await user.events.byEventId(dates[1].id).patch({ subject: "Apart" });
await user.events.byEventId(dates[2].id).delete();
const left = (await event.instances.get({ queryParameters: window })).value;
assert.deepEqual(left.map((it) => [it.subject, it.type]), [["Weekly", "occurrence"], ["Apart", "exception"]]);
const patched = await event.patch({ importance: "high" });
assert.deepEqual([patched.importance, patched.onlineMeeting.joinUrl], ["high", url]);

const me = await user.get();
const meetings = client.users.byUserId(me.id).onlineMeetings;
const quoted = url.replaceAll("'", "''");
const [behind] = (await meetings.get({ queryParameters: { filter: `JoinWebUrl eq '${quoted}'` } })).value;
const changed = await meetings.byOnlineMeetingId(behind.id).patch({ lobbyBypassSettings: { scope: "organizer" } });
assert.equal(changed.lobbyBypassSettings.scope, "organizer");
const room = await meetings.createOrGet.post({ externalId: "contoso/room", subject: "Room" });
assert.equal((await meetings.createOrGet.post({ externalId: "contoso/room", subject: "Other" })).id, room.id);
await meetings.byOnlineMeetingId(room.id).delete();

await event.cancel.post({ comment: "No more" });
await assert.rejects(event.get(), (error) => error.responseStatusCode === 404);
console.log("msgraph-sdk for JavaScript: a calendar, a series, its options and a meeting, as documented");
