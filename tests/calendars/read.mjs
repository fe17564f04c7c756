// Reads the calendar file of a plan with ical.js, and finds the occurrences that convoke tells.
//
// node read.mjs PLAN.ics PLAN.json
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';

const [ics, json] = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));
const plan = JSON.parse(json);
const calendar = new ICAL.Component(ICAL.parse(ics));
assert.equal(calendar.getFirstPropertyValue('method'), 'PUBLISH');
calendar.getAllSubcomponents('vtimezone').forEach((zone) => ICAL.TimezoneService.register(zone));
const all = calendar.getAllSubcomponents('vevent').map((it) => new ICAL.Event(it));
const utc = (time) => (time.isDate ? time.toString() : `${time.toJSDate().toISOString().slice(0, 16).replace('T', ' ')}Z`);
let compared = 0;
for (const { key, next } of plan.occurrences) {
  const of = all.filter((it) => it.uid.endsWith(`/${key}@convoke`));
  const whole = of.find((it) => !it.isRecurrenceException());
  of.filter((it) => it.isRecurrenceException()).forEach((it) => whole.relateException(it));
  const told = next.filter((it) => it.start !== null).map((it) => (whole.startDate.isDate ? it.start.slice(0, 10) : it.utc));
  const found = [];
  const dates = whole.iterator();
  // Some more, since a date that was moved stands in the place that its series gave it.
  for (let date = dates.next(); date && found.length < told.length + 2; date = dates.next()) {
    found.push(utc(whole.getOccurrenceDetails(date).startDate));
  }
  assert.deepEqual(found.sort().slice(0, told.length), told.slice().sort(), key);
  compared += told.length;
}
const daily = all.find((it) => it.uid.includes('/daily@'));
assert.match(daily.summary, /^Daily; with, signs\\ and .*: שלום, grüße, 日本語$/);
console.log(`ical.js: ${all.length} events, ${compared} occurrences`);
