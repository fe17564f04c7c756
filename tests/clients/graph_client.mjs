// The official JavaScript client of Microsoft Graph, unmodified, against the twin.
import assert from "node:assert/strict";
import { BatchRequestContent, BatchResponseContent, Client, HTTPMessageHandler, RetryHandler, RetryHandlerOptions } from "@microsoft/microsoft-graph-client";

const root = new URL(process.env.CONVOKE_GRAPH_URL);
// The client's own authentication step takes the token off plain http requests, so the chain is its own without that step.
const retry = new RetryHandler(new RetryHandlerOptions());
retry.setNext(new HTTPMessageHandler());
const client = Client.initWithMiddleware({
  baseUrl: `${root.origin}/`,
  defaultVersion: "v1.0",
  middleware: retry,
  fetchOptions: { headers: { Authorization: `Bearer ${process.env.CONVOKE_ACCESS_TOKEN}` } },
});

const me = await client.api("/me").select("id,userPrincipalName").get();
const calendar = await client.api("/me/calendar").get();
assert.ok(calendar.allowedOnlineMeetingProviders.includes("teamsForBusiness"));

const body = {
  subject: "Prep for customer meeting",
  start: { dateTime: "2027-11-20T13:00:00", timeZone: "Pacific Standard Time" },
  end: { dateTime: "2027-11-20T14:00:00", timeZone: "Pacific Standard Time" },
  attendees: [{ emailAddress: { address: "adele@contoso.example" }, type: "required" }],
  isOnlineMeeting: true,
  onlineMeetingProvider: "teamsForBusiness",
};
const event = await client.api("/me/events").header("Prefer", 'outlook.timezone="Pacific Standard Time"').post(body);
assert.equal(event.start.dateTime, "2027-11-20T13:00:00.0000000");
const joined = await client.api(`/me/events/${event.id}`).select("onlineMeeting,isOnlineMeeting").get();
assert.ok(joined.onlineMeeting.joinUrl.startsWith("https://"));

const patched = await client.api(`/me/events/${event.id}`).patch({ subject: "Prep" });
assert.equal(patched.subject, "Prep");

for (let number = 0; number < 12; number++) {
  await client.api("/me/events").post({ ...body, subject: `Event ${number}`, attendees: [] });
}
const names = [];
let page = await client.api("/me/events").select("subject").top(5).get();
for (;;) {
  names.push(...page.value.map((it) => it.subject));
  const next = page["@odata.nextLink"];
  if (!next) break;
  // The client takes only https links for absolute ones.
  page = await client.api(next.slice(process.env.CONVOKE_GRAPH_URL.length)).get();
}
assert.equal(names.length, 13);

const training = await client.api("/me/calendars").post({ name: "Training" });
const recurrence = {
  pattern: { type: "weekly", interval: 1, daysOfWeek: ["saturday"] },
  range: { type: "numbered", startDate: "2027-11-20", numberOfOccurrences: 3 },
};
const series = await client.api(`/me/calendars/${training.id}/events`).post({ ...body, attendees: [], recurrence });
const view = `/me/events/${series.id}/instances?startDateTime=2027-11-01T00:00:00Z&endDateTime=2027-12-31T00:00:00Z`;
const dates = (await client.api(view).get()).value;
assert.equal(dates.length, 3);
await client.api(`/me/events/${dates[1].id}`).patch({ subject: "Apart" });
await client.api(`/me/events/${dates[2].id}`).delete();
assert.deepEqual((await client.api(view).get()).value.map((it) => it.type), ["occurrence", "exception"]);

const link = encodeURIComponent(series.onlineMeeting.joinUrl);
const found = await client.api(`/users/${me.id}/onlineMeetings`).filter(`JoinWebUrl eq '${link}'`).get();
const options = { lobbyBypassSettings: { scope: "organizer" }, recordAutomatically: true };
const opened = await client.api(`/users/${me.id}/onlineMeetings/${found.value[0].id}`).patch(options);
assert.deepEqual([opened.lobbyBypassSettings.scope, opened.recordAutomatically], ["organizer", true]);

// The client cuts off the host and nothing else.
const request = (path) => new Request(`https://graph.microsoft.com${path}`, { method: "GET" });
const requests = [
  { id: "1", request: request(`/me/events/${series.id}`) },
  { id: "2", request: request("/me/calendars"), dependsOn: ["1"] },
];
const batch = new BatchResponseContent(await client.api("/$batch").post(await new BatchRequestContent(requests).getContent()));
assert.equal((await batch.getResponseById("1").json()).id, series.id);
assert.equal((await batch.getResponseById("2").json()).value.length, 2);

const meeting = await client.api(`/users/${me.id}/onlineMeetings/createOrGet`).post({ externalId: "contoso/room", subject: "Room" });
const again = await client.api(`/users/${me.id}/onlineMeetings/createOrGet`).post({ externalId: "contoso/room", subject: "Other" });
assert.deepEqual([again.id, again.subject], [meeting.id, "Room"]);

await assert.rejects(client.api("/me/onlineMeetings").get(), (error) => error.statusCode === 400);
await assert.rejects(client.api("/me/events/none").get(), (error) => error.statusCode >= 400 && error.code !== null);
await client.api(`/me/events/${event.id}/cancel`).post({ comment: "" });
await assert.rejects(client.api(`/me/events/${event.id}`).get(), { statusCode: 404, code: "ErrorItemNotFound" });
console.log("microsoft-graph-client: events, a series, its options, a batch and a meeting, as documented");
