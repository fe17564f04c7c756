// The CLI for Microsoft 365, unmodified, against the twin. Calendars, events and standalone meetings.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";

const home = `${import.meta.dirname}/home`;
mkdirSync(`${home}/.config/configstore`, { recursive: true });
// Signed in as an app; any token is good for the twin, but the CLI reads this one.
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const accessToken = `${part({ alg: "none" })}.${part({ idtyp: "app", oid: "1", tid: "2", appid: "3" })}.x`;
const accessTokens = { "https://graph.microsoft.com": { accessToken, expiresOn: "2999-01-01T00:00:00Z" } };
const connection = { active: true, authType: "secret", name: "twin", identityId: "1", tenant: "2", appId: "3", cloudType: "Public", accessTokens };
writeFileSync(`${home}/.cli-m365-connection.json`, JSON.stringify(connection));
writeFileSync(`${home}/.config/configstore/cli-m365-config.json`, JSON.stringify({ disableTelemetry: true }));

const cli = `${import.meta.dirname}/node_modules/@pnp/cli-microsoft365/dist/index.js`;
const env = { ...process.env, HOME: home, CLIMICROSOFT365_NOUPDATE: "1" };
function m365(...args) {
  const all = ["--import", `${import.meta.dirname}/m365_transport.mjs`, cli, ...args, "--output", "json"];
  const out = execFileSync(process.execPath, all, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return out.trim() ? JSON.parse(out) : null;
}

/** What the CLI has no command for. */
async function graph(method, path, body) {
  const headers = { Authorization: `Bearer ${process.env.CONVOKE_ACCESS_TOKEN}`, "Content-Type": "application/json" };
  const answer = await fetch(process.env.CONVOKE_GRAPH_URL + path, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.json();
}

const megan = ["--userName", "megan@contoso.example"];
const calendar = m365("outlook", "calendar", "add", ...megan, "--name", "Courses");
assert.equal(calendar.defaultOnlineMeetingProvider, "teamsForBusiness");
m365("outlook", "calendar", "set", ...megan, "--id", calendar.id, "--name", "Training");
assert.equal(m365("outlook", "calendar", "get", ...megan, "--name", "Training").id, calendar.id);
assert.ok(m365("outlook", "calendar", "list", ...megan).some((it) => it.name === "Training"));

const at = (hour) => ({ dateTime: `2027-03-02T${hour}:00:00`, timeZone: "Europe/Berlin" });
const recurrence = {
  pattern: { type: "weekly", interval: 1, daysOfWeek: ["tuesday"] },
  range: { type: "numbered", startDate: "2027-03-02", numberOfOccurrences: 3 },
};
const body = { subject: "Course", start: at(10), end: at(11), recurrence, isOnlineMeeting: true };
const made = await graph("POST", `/users/megan@contoso.example/calendars/${calendar.id}/events`, body);
const zone = ["--timeZone", "Europe/Berlin"];
const listed = m365("outlook", "event", "list", ...megan, "--calendarName", "Training", ...zone);
assert.deepEqual(listed.map((it) => [it.id, it.start.dateTime]), [[made.id, "2027-03-02T10:00:00.0000000"]]);
const event = m365("outlook", "event", "get", ...megan, "--id", made.id, "--calendarId", calendar.id);
assert.equal(event.recurrence.range.numberOfOccurrences, 3);

const main = await graph("POST", "/users/megan@contoso.example/events", { ...body, recurrence: undefined });
const from = ["--startDateTime", "2027-03-01T00:00:00Z", "--endDateTime", "2027-03-31T00:00:00Z"];
const { id: oid } = await graph("GET", "/users/megan@contoso.example");
const meetings = m365("teams", "meeting", "list", "--userId", oid, ...from);
assert.deepEqual(meetings.map((it) => it.joinWebUrl), [main.onlineMeeting.joinUrl]);
assert.equal(m365("teams", "meeting", "get", "--userId", oid, "--joinUrl", main.onlineMeeting.joinUrl).subject, "Course");

m365("outlook", "event", "cancel", ...megan, "--id", main.id, "--comment", "No course", "--force");
m365("outlook", "event", "remove", ...megan, "--id", made.id, "--force");
assert.deepEqual(m365("outlook", "event", "list", ...megan, "--calendarId", calendar.id), []);

const times = ["--startTime", "2031-03-01T10:00:00Z", "--endTime", "2031-03-01T11:00:00Z"];
const standalone = m365("teams", "meeting", "add", "--organizerEmail", "megan@contoso.example", "--subject", "Room",
  "--participantUserNames", "adele@contoso.example", ...times, "--recordAutomatically");
assert.deepEqual([standalone.subject, standalone.recordAutomatically], ["Room", true]);
m365("outlook", "calendar", "remove", ...megan, "--id", calendar.id, "--force");
console.log("cli-microsoft365: calendars, a series, a cancelled event and two meetings, as documented");
