// Writes two workspaces below a folder: one with a bit of everything, hostile texts among it, and one of 2,000 events.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const HOSTILE = `</td><script>alert(1)</script>| " onmouseover="alert(2)" <img src=x onerror=alert(3)> {{ 7*7 }} \u200fשלום ##[add-mask]x ::set-output name=a::b`;
export const EVENTS = 2000;

const event = (name, spec, more = {}) => ({ apiVersion: 'convoke.dev/v1', kind: 'Event', metadata: { name }, ...more, spec });
const weekly = (day, range) => ({ pattern: { type: 'weekly', interval: 1, daysOfWeek: [day] }, range });
const room = { address: 'room-baker@contoso.example', type: 'resource' };
const workspace = (name, limits) => ({
  apiVersion: 'convoke.dev/v1',
  kind: 'Workspace',
  metadata: { name },
  spec: { prune: 'cancel', limits, defaults: { organizer: 'alex@contoso.example', timeZone: 'Europe/Berlin' } },
});

const before = [
  event('weekly', {
    subject: 'Platform weekly', start: '2031-01-07T10:00', duration: '45m', recurrence: weekly('tuesday', { type: 'endDate', endDate: '2031-06-24' }),
    attendees: ['adele@contoso.example', 'lidia@fabrikam.example', room],
    body: 'Agenda: roadmap and what we learned last week, then a round through the teams',
  }),
  event('board', { organizer: 'megan@contoso.example', subject: 'Board', start: '2031-01-08T14:00', duration: '2h', attendees: ['adele@contoso.example'] }),
  event('old-sync', { subject: 'Old sync', start: '2031-01-10T09:00', duration: '30m', timeZone: 'America/New_York', recurrence: weekly('friday', { type: 'numbered', numberOfOccurrences: 3 }) }),
  event('kept', { subject: 'Kept', start: '2031-01-09T09:00', duration: '1h' }, { lifecycle: { protect: true } }),
];
const after = [
  event('weekly', {
    ...before[0].spec, start: '2031-01-07T14:00',
    exceptions: [{ date: '2031-01-14', cancel: true }, { date: '2031-01-21', start: '2031-01-22T14:00' }],
    attendees: ['adele@contoso.example', 'megan@contoso.example', room],
    body: 'Agenda: roadmap and what we learned this month, then a round through all teams',
  }),
  event('board', { ...before[1].spec, subject: 'Board of the year' }),
  event('training', { organizer: 'megan@contoso.example', subject: HOSTILE, location: HOSTILE, categories: [HOSTILE.slice(0, 200)], start: '2031-01-07T14:30', duration: '1h', attendees: [room] }),
  event('offsite', { subject: 'Offsite', isAllDay: true, start: '2031-01-15', end: '2031-01-17' }),
  // On a Sunday late at night: in Tokyo it is the week after.
  event('release', { subject: 'Release', start: '2031-02-16T23:30', duration: '1h' }),
];
const large = Array.from({ length: EVENTS }, (_, number) => event(`e${number}`, {
  organizer: `user${number % 40}@contoso.example`,
  subject: `Event ${number} of ${number % 7 === 0 ? 'the platform team' : 'everybody'}`,
  start: `2031-03-${String(3 + (number % 5)).padStart(2, '0')}T${String(8 + (number % 9)).padStart(2, '0')}:00`,
  duration: '45m',
  attendees: ['adele@contoso.example'],
  ...(number % 4 === 0 ? { recurrence: weekly(['monday', 'tuesday', 'wednesday', 'thursday', 'friday'][number % 5], { type: 'numbered', numberOfOccurrences: 10 }) } : {}),
}));

const [folder] = process.argv.slice(2);
if (folder) {
  const write = (where, files) => {
    mkdirSync(join(folder, where), { recursive: true });
    for (const [name, documents] of Object.entries(files)) {
      writeFileSync(join(folder, where, name), documents.map((it) => JSON.stringify(it)).join('\n---\n'));
    }
  };
  write('mixed', { 'convoke.yaml': [workspace('contoso-meetings', { removals: 10, changes: '100%' })], 'before.yaml': before, 'after.yaml': after });
  write('large', { 'convoke.yaml': [workspace('large', { changes: EVENTS })], 'events.yaml': large });
}
