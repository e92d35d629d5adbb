/** Every row of every table, and that the texts and the page are complete. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { proveRow } from './prove-rows.ts';
import { rulesPage, templateOf, toldRows } from './rules-page.ts';
import { tables } from './rules.ts';
import { alertTemplates, eventTemplates, isInstance, plainError } from './texts.ts';

for (const { about, rows } of tables) {
  for (const row of rows) {
    test(`${about}: ${row.title}`, (t) => proveRow(t, row));
  }
}

const announced = () => toldRows().flatMap(({ announcements }) => announcements);
const saidEvents = () => announced().flatMap((one) => (one.kind === 'event' ? [one] : []));
const sentAlerts = () => announced().flatMap((one) => (one.kind === 'alert' ? [one] : []));

test('every event text of the specification is said by a row', (t) => {
  const events = saidEvents();
  const unsaid = eventTemplates.filter(({ text }) => !events.some(({ message }) => isInstance(text, message)));
  t.deepEqual(unsaid, []);
});

test('every event that a row says is one text of the specification, with its type', (t) => {
  for (const { message, type } of saidEvents()) {
    const matches = eventTemplates.filter(({ text }) => isInstance(text, message));
    t.true(matches.length <= 1, `${message}: ${matches.map(({ text }) => text).join(' and ')}`);
    t.is((matches[0] ?? plainError).type, type, message);
  }
});

test('every alert of the specification is sent by a row, with its severity and fields', (t) => {
  const alerts = sentAlerts();
  for (const { text, severity, withMetadata } of alertTemplates) {
    const sent = alerts.filter(({ message }) => isInstance(text, message));
    t.true(sent.length > 0, text);
    t.true(
      sent.every((one) => one.severity === severity && one.withMetadata === withMetadata),
      text,
    );
  }
  t.deepEqual(
    alerts.filter(({ message }) => templateOf('alert', message) === undefined),
    [],
  );
});

test('docs/rules.md says what the rows say', (t) => {
  t.is(readFileSync('docs/rules.md', 'utf8'), rulesPage(), 'write it anew: npm run docs:rules');
});
