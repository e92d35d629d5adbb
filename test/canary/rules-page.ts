/** docs/rules.md, made of the tables: every row in words, and every text with the rows that say it. */
import type { Announcement } from '../../canary/canary.ts';
import { play } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { tables } from './rules.ts';
import { alertTemplates, eventTemplates, isInstance, plainError } from './texts.ts';

interface Told {
  readonly table: Table;
  readonly row: Row;
  readonly announcements: readonly Announcement[];
}

/** All rows with what they announce. */
export const toldRows = (): readonly Told[] =>
  tables.flatMap((table) => table.rows.map((row) => ({ table, row, announcements: play(row).announcements })));

export const rulesPage = (): string => `${[introduction, textsOf(toldRows()), ...tables.map(rowsOf)].join('\n\n')}\n`;

const introduction = `# Rules

What a step does, row by row. Each line is a test of \`test/canary/\`: a canary, what is seen of the world, and what the
rules (\`canary/advance.ts\`) ask for, do and say. Questions and effects stand in their order; *repair* stands for target and
primary looked at, Services, scaler, apex and routes made what they should be, *metrics* for all queries at once. Texts that
end with an error of somebody else are shown with {err} and {why} in its place. This page is written by \`npm run docs:rules\`,
and a test fails when it is older than the rows.`;

const rowsOf = ({ about, rows }: Table): string =>
  [
    `## ${about}`,
    '',
    '| When | Asks and does | Ends | Says |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => line(cell(row.title), asksOf(row), endOf(row), saysOf(row))),
  ].join('\n');

const line = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${cell(text)}\``;

const repairing = new Set(['observeTarget', 'ensureServices', 'ensureApex']);

function asksOf({ asks }: Row): string {
  const words = withRepair(asks).map((key) => cell(key.includes(' + ') ? 'metrics' : key));
  return words.length === 0 ? 'nothing' : words.join(', ');
}

const isRepair = (key: string): boolean => repairing.has(key) || key.startsWith('ensureScaler');

/** One word for the looks and repairs that most steps begin with. */
function withRepair(asks: readonly string[]): readonly string[] {
  const start = asks.indexOf('observeTarget');
  const routes = asks.findIndex((key, index) => index > start && !isRepair(key));
  const [, weights] = /^ensureRoutes (.*)$/.exec(asks[routes] ?? '') ?? [];
  if (start < 0 || weights === undefined || asks[routes - 1] !== 'ensureApex') return asks;
  return [...asks.slice(0, start), `repair at ${weights}`, ...asks.slice(routes + 1)];
}

function endOf({ ends }: Row): string {
  const { phase, weight } = ends.becomes ?? {};
  const words = [
    ends.outcome,
    ...(phase === undefined ? [] : [`→ ${phase}`]),
    ...(weight === undefined ? [] : [`weight ${weight}`]),
    ...(ends.stalled === undefined ? [] : [`Stalled: ${ends.stalled}`]),
    ...(ends.queued === undefined ? [] : [`Queued: ${ends.queued}`]),
  ];
  return words.join(', ');
}

function saysOf({ ends }: Row): string {
  const { says = [], tells = [] } = ends;
  return [
    ...says.map((text) => code(shortened('event', text))),
    ...tells.map((text) => `alert ${code(shortened('alert', text))}`),
  ].join('<br>');
}

/** Errors of others are long and say nothing about the rule. */
function shortened(kind: 'event' | 'alert', text: string): string {
  const template = templateOf(kind, text) ?? text;
  return /.\{(err|why)\}/.test(template) ? template : text;
}

function textsOf(told: readonly Told[]): string {
  return [
    '## Every event text and who says it',
    '',
    '| Type | Text | Rows |',
    '| --- | --- | --- |',
    ...[...eventTemplates, plainError].map(({ type, text }) => line(type, code(text), sayers(told, 'event', text))),
    '',
    '## Every alert and who sends it',
    '',
    '| Severity | Text | Rows |',
    '| --- | --- | --- |',
    ...alertTemplates.map(({ severity, text }) => line(severity, code(text), sayers(told, 'alert', text))),
  ].join('\n');
}

const mostNamed = 4;

/** The rows that say it, the first few by name. */
function sayers(told: readonly Told[], kind: 'event' | 'alert', template: string): string {
  const found = told.filter(({ announcements }) =>
    announcements.some((one) => one.kind === kind && 'message' in one && templateOf(kind, one.message) === template),
  );
  const named = found.slice(0, mostNamed).map(({ table, row }) => cell(`${table.about}: ${row.title}`));
  const more = found.length > mostNamed ? [`and ${found.length - mostNamed} more`] : [];
  return [...named, ...more].join('<br>');
}

/** Which text an announcement is an instance of; a plain error where it is none. */
export function templateOf(kind: 'event' | 'alert', message: string): string | undefined {
  const templates = kind === 'event' ? eventTemplates : alertTemplates;
  const found = templates.find(({ text }) => isInstance(text, message))?.text;
  return found ?? (kind === 'event' ? plainError.text : undefined);
}
