'use strict';
// Filters, turns the weeks and changes the clock of what stands in the page already. Without it the page is whole, and nothing is
// hidden. It makes elements of its own for weeks alone, and writes text, never markup.
(() => {
  const by = (id) => document.getElementById(id);
  const all = (where, selector) => Array.from(where.querySelectorAll(selector));
  const form = by('filter');
  const steps = all(document, '.step').map((element) => ({
    element,
    action: element.dataset.action,
    mailbox: element.dataset.mailbox,
    text: element.textContent.toLowerCase(),
    shown: true,
    entries: [],
  }));
  // Steps stand in parts, so that the browser lays out no more of them than are seen. A part keeps the room of those that it shows.
  const parts = all(document, '.part').map((element) => ({ element, steps: [] }));
  steps.forEach((step) => parts.find((it) => it.element === step.element.parentElement).steps.push(step));
  if (steps.length === 0) return;

  // ---- weeks -------------------------------------------------------------------------------------------------------------------
  const calendar = by('weeks');
  const byStep = new Map(steps.map((step) => [step.element.dataset.step, step]));
  const entries = calendar === null ? [] : all(calendar, '.entry').map((element) => {
    const times = all(element, 'time').map((it) => ({ element: it, text: it.textContent, ...it.dataset }));
    const entry = { element, home: element.parentElement, times, zone: element.querySelector('.zone'), step: byStep.get(element.dataset.step) };
    entry.zoneName = entry.zone.textContent;
    entry.start = times[0].start;
    entry.step?.entries.push(entry);
    return entry;
  });
  const weeks = new Map();
  const know = (element, own) => weeks.set(element.dataset.monday, { element, own, option: null, shown: 0 });
  if (calendar !== null) all(calendar, '.week').forEach((it) => know(it, true));
  let current = null;

  const sorted = () => Array.from(weeks.values()).sort((a, b) => (a.element.dataset.monday < b.element.dataset.monday ? -1 : 1));
  // Of a day no more than this is laid out at first: it would take long, and nobody reads it at a glance.
  const MOST = 50;
  const shorten = (list) => {
    const most = list.dataset.whole === undefined ? MOST : Infinity;
    let number = 0;
    for (const entry of list.children) {
      if (entry.hidden) continue;
      number += 1;
      const more = number > most;
      if (entry.classList.contains('more') !== more) entry.classList.toggle('more', more);
    }
    list.nextElementSibling?.remove();
    if (number <= most) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'rest';
    button.textContent = `${number - most} more`;
    button.addEventListener('click', () => {
      list.dataset.whole = '';
      const first = list.querySelector('.more a');
      shorten(list);
      first.focus();
    });
    list.after(button);
  };
  const turnTo = (week) => {
    current = week;
    if (week) all(week.element, '.day ol').forEach(shorten);
    const some = sorted().filter((it) => it.shown > 0);
    for (const it of weeks.values()) {
      it.element.classList.toggle('off', it !== week);
      it.element.hidden = it.shown === 0;
    }
    const place = some.indexOf(week);
    by('before').disabled = place <= 0;
    by('after').disabled = place < 0 || place === some.length - 1;
    if (week) by('week').value = week.element.dataset.monday;
    by('no-dates').hidden = some.length > 0;
  };
  const turn = (by) => {
    const some = sorted().filter((it) => it.shown > 0);
    const next = some[some.indexOf(current) + by];
    if (next) turnTo(next);
  };
  // Counts what each week shows, and goes to the nearest one that shows something.
  const count = () => {
    if (calendar === null) return;
    for (const week of weeks.values()) week.shown = 0;
    for (const entry of entries) {
      if (!entry.element.hidden) weeks.get(entry.element.closest('.week').dataset.monday).shown += 1;
    }
    const some = sorted().filter((it) => it.shown > 0);
    const options = some.map((it) => {
      const option = new Option(`${it.element.querySelector('h3').textContent} (${it.shown})`, it.element.dataset.monday);
      return option;
    });
    by('week').replaceChildren(...options);
    turnTo(some.includes(current) ? current : some.find((it) => current && it.element.dataset.monday > current.element.dataset.monday) ?? some[0] ?? null);
  };

  // ---- the clock ---------------------------------------------------------------------------------------------------------------
  const viewer = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const format = (options) => new Intl.DateTimeFormat('en-GB', { timeZone: viewer, ...options });
  const ofDate = new Intl.DateTimeFormat('en-CA', { timeZone: viewer, year: 'numeric', month: '2-digit', day: '2-digit' });
  const clock = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = format({ weekday: 'short', day: 'numeric', month: 'short' });
  const ofDay = (date) => day.format(date).replace(',', '');
  const words = (time) => {
    const [start, end] = [new Date(time.start), new Date(time.end)];
    const same = ofDate.format(start) === ofDate.format(end);
    const span = `${clock.format(start)}–${same ? '' : `${ofDay(end)} `}${clock.format(end)}`;
    return time.long === undefined ? span : `${ofDay(start)} ${span}`;
  };
  const utc = (date) => new Date(`${date}T00:00:00Z`);
  const plus = (date, days) => {
    const at = utc(date);
    at.setUTCDate(at.getUTCDate() + days);
    return at.toISOString().slice(0, 10);
  };
  const inUtc = (date, options) => new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', ...options }).format(utc(date)).replace(',', '');
  // The list of a day; a week that nothing stood in is made.
  const listOf = (date) => {
    const monday = plus(date, -((utc(date).getUTCDay() + 6) % 7));
    if (!weeks.has(monday)) {
      const week = weeks.values().next().value.element.cloneNode(true);
      week.dataset.monday = monday;
      const long = { day: 'numeric', month: 'long', year: 'numeric' };
      const title = week.querySelector('h3');
      title.textContent = `${inUtc(monday, long)} to ${inUtc(plus(monday, 6), long)}`;
      title.id = `week-${monday}`;
      week.setAttribute('aria-labelledby', title.id);
      all(week, '.day').forEach((it, place) => {
        it.querySelector('h4').textContent = inUtc(plus(monday, place), { weekday: 'short', day: 'numeric', month: 'short' });
        const list = it.querySelector('ol');
        list.dataset.date = plus(monday, place);
        list.replaceChildren();
      });
      const later = sorted().find((it) => it.element.dataset.monday > monday);
      calendar.insertBefore(week, later ? later.element : null);
      know(week, false);
    }
    return weeks.get(monday).element.querySelector(`ol[data-date="${date}"]`);
  };
  const setClock = (own) => {
    // By time: an instant is written so that its text sorts as it does.
    const order = own ? entries : entries.slice().sort((a, b) => (a.start < b.start ? -1 : 1));
    for (const entry of order) {
      const floats = entry.times[0].allday !== undefined;
      const list = own || floats ? entry.home : listOf(ofDate.format(new Date(entry.start)));
      for (const time of entry.times) time.element.textContent = own || floats ? time.text : words(time);
      entry.zone.textContent = own || floats ? entry.zoneName : viewer;
      list.append(entry.element);
    }
    for (const [monday, week] of weeks) {
      if (own && !week.own) {
        week.element.remove();
        weeks.delete(monday);
      }
    }
    all(calendar, '.day').forEach((it) => it.classList.toggle('empty', it.querySelector('.entry') === null));
    count();
  };

  // ---- the filter --------------------------------------------------------------------------------------------------------------
  const filter = () => {
    const wanted = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const mailbox = form.elements.mailbox.value;
    const actions = new Set(all(form, '[name=action]:checked').map((it) => it.value));
    let number = 0;
    for (const step of steps) {
      const fits = actions.has(step.action)
        && (mailbox === '' || step.mailbox === mailbox)
        && wanted.every((word) => step.text.includes(word));
      if (fits) number += 1;
      if (step.shown === fits) continue;
      step.shown = fits;
      step.element.hidden = !fits;
      for (const entry of step.entries) entry.element.hidden = !fits;
    }
    for (const part of parts) {
      const some = part.steps.filter((step) => step.shown).length;
      part.element.hidden = some === 0;
      part.element.style.containIntrinsicSize = `auto ${9 * some}rem`;
    }
    by('none').hidden = number > 0;
    by('shown').textContent = `${number} of ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
    count();
  };
  form.addEventListener('input', (event) => {
    if (event.target.name === 'zone') setClock(event.target.value === '');
    else filter();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  // A link to a step that the filter hides shows it again.
  window.addEventListener('hashchange', () => {
    const step = byStep.get(location.hash.replace('#step-', ''));
    if (step === undefined || step.shown) return;
    form.reset();
    if (calendar !== null) setClock(true);
    filter();
    step.element.scrollIntoView();
  });
  form.hidden = false;
  if (calendar !== null) {
    by('turn').hidden = false;
    by('viewer').textContent = `(${viewer})`;
    by('before').addEventListener('click', () => turn(-1));
    by('after').addEventListener('click', () => turn(1));
    by('week').addEventListener('change', (event) => turnTo(weeks.get(event.target.value)));
  }
  filter();
})();
