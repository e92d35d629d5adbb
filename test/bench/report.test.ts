import test from 'ava';
import { sectionsOf } from '../../bench/report/sections.ts';
import { fixed, renderTable } from '../../bench/report/table.ts';
import { punctualTable } from '../../bench/report/window-table.ts';
import type { Section } from '../../bench/report/section.ts';
import type { KillResult } from '../../bench/results.ts';
import { aWindow } from './a-result.ts';

test('a table has a line for its head, one for its sides and one for each row, all of one width', (t) => {
  const table = renderTable<[string, number]>(
    [
      { head: 'name', cell: ([name]) => name, side: 'left' },
      { head: 'n', cell: ([, number]) => fixed(number, 1) },
    ],
    [
      ['apples', 1],
      ['pears', 1_234],
    ],
  );
  t.is(
    table,
    ['| name   |       n |', '| ------ | ------: |', '| apples |     1.0 |', '| pears  | 1,234.0 |'].join('\n'),
  );
});

test('a span without a step that was taken says so in the place of its lateness', (t) => {
  const silent = aWindow({ punctuality: { due: 10, missed: 10, lateness: undefined, outcomes: {} } });
  t.regex(punctualTable([silent]), /\| +1,000 \| +10 \| +10 \| +none \| +none \| +none \|/);
});

test('a scenario that was not measured has no section', (t) => {
  t.deepEqual(sectionsOf({}), []);
});

test('runs under way are told with their outcomes, and with the stretch only where there was one', (t) => {
  const outcomes = { advanced: 5_990, 'skipped slotPassed': 10 };
  const punctuality = { due: 6_000, missed: 10, lateness: { p50: 8, p99: 15, max: 160 }, outcomes };
  const figuresAt = (stretch: number): string =>
    sectionsOf({ progressing: { ...aWindow({ punctuality }), stretch } })[0]?.figures ?? '';
  t.regex(figuresAt(1), /Outcomes of the steps: 5,990 advanced, 10 skipped slotPassed\.$/m);
  t.notRegex(figuresAt(1), /stretched/);
  t.regex(figuresAt(1.25), /stretched: of 1\.25 slots one was taken/);
});

test('releases are told in seconds', (t) => {
  const ends = { p50: 31_400, p99: 38_000, max: 39_960 };
  const releases = { canaries: 200, workers: 2, releasingMs: 1_260, allMs: 40_040, ends };
  const figures = sectionsOf({ releases })[0]?.figures ?? '';
  t.regex(figures, /\| +200 \| +2 \| +1\.3 \| +40\.0 \| +31\.4 \| +38\.0 \| +40\.0 \|$/m);
  t.notRegex(figures, /woken/);
});

test('how soon canaries are woken is judged by releases that come one by one, and only if all were', (t) => {
  const releases = { canaries: 200, workers: 2, releasingMs: 1_260, allMs: 40_040, ends: undefined };
  const wakes = { spread: { p50: 400, p99: 860, max: 900 }, unwoken: 1 };
  const sectionWith = (unwoken: number): Section | undefined => {
    const singleWakes = { spread: { p50: 40, p99: 260, max: 300 }, unwoken };
    return sectionsOf({ releases: { ...releases, wakes, singleWakes } })[0];
  };
  const figures = sectionWith(0)?.figures ?? '';
  t.regex(figures, /\| all at once +\| +400 \| +860 \| +900 \| +1 \|/);
  t.regex(figures, /\| one by one +\| +40 \| +260 \| +300 \| +0 \|/);
  t.like(sectionWith(0)?.targets?.at(-1), { measured: '260', isMet: false });
  t.like(sectionWith(1)?.targets?.at(-1), { measured: '∞', isMet: false });
});

test('bursts are told one by one, with what a step of all of them cost', (t) => {
  const { costs } = aWindow();
  const twice = [
    { addingMs: 210, doneMs: 2_000 },
    { addingMs: 190, doneMs: 4_000 },
  ];
  const figures = sectionsOf({ bursts: { canaries: 1_000, workers: 2, costs, bursts: twice } })[0]?.figures ?? '';
  t.regex(figures, /\| +1,000 \| +210 \| +2,000 \| +500 \|/);
  t.regex(figures, /\| +1,000 \| +190 \| +4,000 \| +250 \|/);
  t.regex(figures, /for each of 6,000 steps/);
  t.regex(figures, /\| +3\.25 \| +1\.75 \|$/m);
});

test('the end of a worker is told by its gap, its distances and its hooks', (t) => {
  const { punctuality } = aWindow();
  const kill = {
    canaries: 200,
    workers: 2,
    resumption: { held: 9, neverAgain: 1, longestGapMs: 9_640 },
    distances: { count: 1_190, tooShort: 2, least: 0.912, most: 2.004 },
    questions: { asked: 1_201, repeated: 3, underNewKey: 4, unrecorded: 5 },
    punctuality: { ...punctuality, missed: 7 },
  };
  const figuresOf = (result: typeof kill | KillResult): string => sectionsOf({ kill: result })[0]?.figures ?? '';
  t.regex(figuresOf(kill), /\| +200 \| +9 \| +9\.6 \| +1 \| +6,000 \| +7 \| +0\.912 \| +2\.004 \| +2 \|/);
  t.regex(figuresOf(kill), /\| +1,201 \| +3 \| +4 \| +5 \|/);
  const nobody = { held: 9, neverAgain: 9, longestGapMs: undefined };
  t.regex(figuresOf({ ...kill, resumption: nobody }), /\| +200 \| +9 \| +none \| +9 \|/);
});

test('the small tenant is shown alone and beside the large one, and how much longer it waits', (t) => {
  const slots = (p99: number) => ({ due: 120, missed: 0, lateness: { p50: 5, p99, max: 90 }, outcomes: {} });
  const spread = (p99: number) => ({ p50: 5, p99, max: 90 });
  const [section] = sectionsOf({
    fairness: {
      small: 20,
      large: 4_000,
      workers: 2,
      alone: { slots: slots(10), wakes: spread(40) },
      beside: { slots: slots(18), wakes: undefined },
      bursts: [12_340, 11_000, 13_960].map((doneMs) => ({ addingMs: 300, doneMs })),
      stretch: 1.25,
    },
  });
  t.regex(section?.about ?? '', /20 canaries, .* another one has 4,000/);
  t.regex(section?.figures ?? '', /^\| beside the large one \| +120 \| +0 \| +5 \| +18 \| +90 \| +none \|/m);
  t.deepEqual(
    section?.targets?.map(({ measured, isMet }) => [measured, isMet]),
    [
      ['1.8', true],
      ['nothing', undefined],
    ],
  );
  t.regex(
    section?.figures ?? '',
    /through 3 times, half of them within 12\.3 s and all within 14\.0 s\. Intervals were stretched .* of 1\.25 slots one was taken/,
  );
});
