// Looks at the pages of two plans in headless Chromium.
//
// CHROMIUM=/usr/bin/chromium node page.mjs FOLDER SCREENSHOTS
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { EVENTS, HOSTILE } from './workspaces.mjs';

const [folder, shots] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
});
let passed = 0;

// Opens a page; whatever it says on the console, throws or asks for is a failure.
const open = async (name, { width = 1280, height = 900, zone = 'Europe/Berlin', dark = false, scripts = true } = {}) => {
  const page = await browser.newPage();
  const wrong = [];
  await page.setViewport({ width, height });
  await page.setJavaScriptEnabled(scripts);
  await page.emulateTimezone(zone);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }, { name: 'prefers-reduced-motion', value: 'reduce' }]);
  page.on('console', (it) => wrong.push(`console: ${it.text()}`));
  page.on('pageerror', (it) => wrong.push(`error: ${it.message}`));
  page.on('dialog', async (it) => {
    wrong.push(`dialog: ${it.message()}`);
    await it.dismiss();
  });
  const url = `file://${join(folder, `${name}.html`)}`;
  page.on('request', (it) => {
    if (it.url().split('#')[0] !== url) wrong.push(`request: ${it.url()}`);
  });
  await page.goto(url);
  return { page, done: async () => {
    assert.deepEqual(wrong, [], name);
    await page.close();
  } };
};
const check = async (what, test) => {
  await test();
  passed += 1;
  console.log(`ok: ${what}`);
};
const shot = (page, name, fullPage = true) => page.screenshot({ path: join(shots, `${name}.png`), fullPage });
const visible = (page, selector) => page.$$eval(selector, (all) => all.filter((it) => it.checkVisibility()).length);
const texts = (page, selector) => page.$$eval(selector, (all) => all.filter((it) => it.checkVisibility()).map((it) => it.innerText.replace(/\s+/g, ' ').trim()));
// axe-core is let in past the policy of the page, and only by the test.
const accessible = async (page, what) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const words = violations.map((it) => `${it.id}: ${it.help}: ${it.nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`).join(' | ')}`);
  assert.deepEqual(words, [], what);
};

await check('hostile texts are text', async () => {
  const { page, done } = await open('mixed');
  const step = await page.$eval('.step.create[id]', (it) => it.ownerDocument.body.innerText);
  assert.ok(step.includes(HOSTILE.slice(0, 100)), step);
  const title = (await texts(page, '.entry a')).find((it) => it.includes('onmouseover'));
  assert.equal(title, HOSTILE);
  assert.equal(await page.$$eval('script, img, iframe', (all) => all.length), 1);
  assert.equal(await page.$$eval('*', (all) => all.filter((it) => it.onmouseover || it.onerror).length), 0);
  await done();
});

await check('the calendar shows a week, and the others on request', async () => {
  const { page, done } = await open('mixed');
  assert.equal(await visible(page, '.week'), 1);
  const week = await texts(page, '.week .entry');
  assert.ok(week.some((it) => /^Platform weekly 14:00–14:45 → moved here from Tue 7 Jan 10:00–10:45 ⚠ clash/.test(it)), week.join('\n'));
  assert.ok(week.some((it) => /^Platform weekly 10:00–10:45 ← moved away to Tue 7 Jan 14:00/.test(it)), week.join('\n'));
  assert.ok(week.some((it) => /^Old sync 09:00–09:30 − cancelled America\/New_York/.test(it)), week.join('\n'));
  await page.click('#after');
  assert.deepEqual(await texts(page, '.week h3'), ['13 to 19 January 2031']);
  assert.ok((await texts(page, '.entry')).some((it) => /^Offsite all day, until Thu 16 Jan \+ new/.test(it)));
  await page.click('#before');
  assert.deepEqual(await texts(page, '.week h3'), ['6 to 12 January 2031']);
  await page.select('#week', '2031-02-10');
  assert.deepEqual((await texts(page, '.entry')).filter((it) => it.startsWith('Release')), ['Release 23:30–Mon 17 Feb 00:30 + new Europe/Berlin']);
  await done();
});

await check('the times go to the clock of the viewer and back', async () => {
  const { page, done } = await open('mixed', { zone: 'Asia/Tokyo' });
  const weeks = async () => (await page.$eval('#weeks', (it) => it.textContent)).replace(/\s+/g, '');
  const before = await weeks();
  await page.click('[name=zone][value=viewer]');
  assert.deepEqual((await texts(page, '.entry')).filter((it) => it.startsWith('Old sync')), ['Old sync 23:00–23:30 − cancelled Asia/Tokyo']);
  await page.select('#week', '2031-02-17');
  assert.ok((await texts(page, '.entry')).includes('Release 07:30–08:30 + new Asia/Tokyo'));
  const day = await page.evaluate(() => Array.from(document.querySelectorAll('.entry')).find((it) => it.innerText.startsWith('Release')).parentElement.dataset.date);
  assert.equal(day, '2031-02-17');
  assert.ok((await weeks()).includes('allday,untilThu16Jan'), 'whole days float');
  await page.click('[name=zone][value=""]');
  assert.equal(await weeks(), before);
  await done();
});

await check('the filter narrows steps and calendar', async () => {
  const { page, done } = await open('mixed');
  const steps = await visible(page, '.step');
  await page.select('[name=mailbox]', 'megan@contoso.example');
  assert.equal(await visible(page, '.step'), 2);
  assert.ok((await texts(page, '.entry a')).every((it) => it === HOSTILE || it.startsWith('Board')));
  await page.select('[name=mailbox]', '');
  await page.click('[name=action][value=update]');
  assert.ok((await texts(page, '.step .does')).every((it) => !it.startsWith('update')));
  await page.click('[name=action][value=update]');
  await page.type('[name=text]', 'offsite');
  assert.equal(await visible(page, '.step'), 1);
  assert.deepEqual(await texts(page, '.week h3'), ['13 to 19 January 2031'], 'it goes to the week that shows something');
  assert.equal(await page.$eval('#shown', (it) => it.textContent), `1 of ${steps} steps`);
  await page.type('[name=text]', ' nowhere');
  assert.equal(await visible(page, '#none'), 1);
  // A link to what is hidden shows it.
  await page.click('.warnings a');
  assert.equal(await visible(page, '.step'), steps);
  await done();
});

await check('it is used by keyboard alone', async () => {
  const { page, done } = await open('mixed');
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.name || document.activeElement.textContent.trim());
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Skip to the steps');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid');
  const reached = new Set();
  for (let count = 0; count < 60 && !reached.has('after'); count += 1) {
    await page.keyboard.press('Tab');
    const now = await focused();
    reached.add(now);
    if (now === 'zone') {
      await page.keyboard.press('ArrowRight');
      assert.equal(await page.$eval('[name=zone]:checked', (it) => it.value), 'viewer');
      await page.keyboard.press('ArrowLeft');
    }
  }
  for (const expect of ['text', 'mailbox', 'action', 'zone', 'week', 'after']) assert.ok(reached.has(expect), `${expect}: ${[...reached]}`);
  await page.keyboard.press('Enter');
  assert.deepEqual(await texts(page, '.week h3'), ['13 to 19 January 2031']);
  await done();
});

for (const [name, options] of [['light', {}], ['dark', { dark: true }], ['narrow', { width: 390, height: 844 }]]) {
  await check(`axe-core finds nothing: ${name}`, async () => {
    const { page, done } = await open('mixed', options);
    await shot(page, name);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `nothing stands beyond the edge: ${wide}`);
    await accessible(page, name);
    await done();
  });
}

await check('on paper and without scripts all weeks are there', async () => {
  const { page, done } = await open('mixed');
  await page.emulateMediaType('print');
  const all = await page.$$eval('.week', (them) => them.length);
  assert.equal(await visible(page, '.week'), all);
  assert.equal(await visible(page, '#filter, .turn'), 0);
  await page.pdf({ path: join(shots, 'paper.pdf'), format: 'A4', printBackground: true });
  await done();
  const bare = await open('mixed', { scripts: false });
  assert.equal(await visible(bare.page, '.week'), all);
  assert.equal(await visible(bare.page, '#filter'), 0);
  await bare.done();
});

await check(`a plan of ${EVENTS} events stays usable`, async () => {
  const { page, done } = await open('large');
  assert.equal(await page.$$eval('.step', (all) => all.length), EVENTS);
  // From the input until the frame after it was drawn.
  const took = (name, value, of) => page.evaluate(async (name, value, of) => {
    const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const input = document.querySelector(of ?? `[name=${name}]`);
    await frame();
    const from = performance.now();
    if (input.type === 'checkbox') input.checked = value;
    else input.value = value;
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await frame();
    return performance.now() - from;
  }, name, value, of);
  const median = (all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
  const times = { text: [], mailbox: [], action: [] };
  for (let round = 0; round < 5; round += 1) {
    times.text.push(await took('text', 'platform'), await took('text', 'e1'), await took('text', ''));
    times.mailbox.push(await took('mailbox', 'user7@contoso.example'), await took('mailbox', ''));
    times.action.push(await took('action', false, '[value=create]'), await took('action', true, '[value=create]'));
  }
  const scrolled = await page.evaluate(async () => {
    const frames = [];
    const height = document.documentElement.scrollHeight;
    for (let step = 1; step <= 60; step += 1) {
      const from = performance.now();
      scrollTo({ top: (height * step) / 60, behavior: 'instant' });
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      frames.push(performance.now() - from);
    }
    return frames;
  });
  const found = { ...Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)])), scroll: median(scrolled) };
  const worst = Math.max(...Object.values(times).flat(), ...scrolled);
  console.log(`   median ms: ${Object.entries(found).map(([name, ms]) => `${name} ${ms.toFixed(0)}`).join(', ')}; worst ${worst.toFixed(0)}`);
  for (const [name, ms] of Object.entries(found)) assert.ok(ms < 100, `${name}: ${ms} ms`);
  await page.evaluate(() => scrollTo(0, 0));
  await shot(page, 'large', false);
  // Of a day only so many are laid out, until the rest is asked for.
  const shownOfDay = () => page.$eval('.week:not(.off) ol', (list) => Array.from(list.children).filter((it) => it.checkVisibility()).length);
  assert.equal(await shownOfDay(), 50);
  const rest = await page.$eval('.week:not(.off) .rest', (it) => Number.parseInt(it.textContent, 10));
  await page.click('.week:not(.off) .rest');
  assert.equal(await shownOfDay(), 50 + rest);
  await done();
});

await browser.close();
console.log(`${passed} passed, 0 failed`);
