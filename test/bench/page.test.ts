import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { check, resolveConfig } from 'prettier';
import { performancePage, renderPage } from '../../bench/report/page.ts';
import { atLeast, atMost, targetTable } from '../../bench/report/targets.ts';
import { writePage } from '../../bench/report/write-page.ts';
import type { Results } from '../../bench/results.ts';
import { aWindow, anOrigin, someResults } from './a-result.ts';
import { everything } from './everything.ts';

const pageOf = (changes: Partial<Results> = {}) => renderPage(someResults(changes));

test('a section names its machine and its time and holds every row', (t) => {
  const { markdown } = pageOf();
  t.regex(markdown, /^Measured at 2026-01-02T03:04:05\.000Z on Processor X, 2 cores, 16 GiB; Linux 6, Node 20; /m);
  t.regex(markdown, /; Kubernetes v1\.34\.4, Redis 7\.0\.15\.$/m);
  t.regex(markdown, /^## Settled$/m);
  t.regex(markdown, /^\| +100 \| +6,000 \| +0 \|/m);
  t.regex(markdown, /^\| +5,000 \| +6,000 \| +0 \|/m);
});

test('a section says how fast a core of its machine is, where that was measured', (t) => {
  const origin = anOrigin();
  const settled = { ...origin, machine: { ...origin.machine, jsonRoundTrips: 12_345 } };
  t.regex(pageOf({ origins: { settled } }).markdown, /reads it again 12,345 times a second\.$/m);
  t.notRegex(pageOf().markdown, /a second\.$/m);
});

test('a scenario that needs no cluster says nothing of one', (t) => {
  const { machine, ...origin } = anOrigin();
  const capacity = { ...origin, machine: { ...machine, kubernetes: 'none' } };
  const { markdown } = pageOf({ measured: { capacity: everything.capacity }, origins: { capacity } });
  t.regex(markdown, /; Linux 6, Node 20; Redis 7\.0\.15\.$/m);
});

test('what was not measured here is kept as it stands on the page, in its place', (t) => {
  const before = [
    '# Performance',
    '',
    'Old words.',
    '',
    '## Settled',
    '',
    'Old figures.',
    '',
    '## Soak',
    '',
    'A soak.',
  ];
  const { markdown } = pageOf({
    measured: { settled: [aWindow()], releases: everything.releases },
    origins: { settled: anOrigin(), releases: anOrigin() },
  });
  const renewed = renderPage(someResults({ measured: { settled: [aWindow()] } }), [...before, ''].join('\n')).markdown;
  t.false(/Old/.test(renewed));
  t.regex(renewed, /^## Settled\n[^]*\n## Soak\n\nA soak\.\n$/m);
  t.deepEqual(titlesOf(renderPage(someResults(), markdown).markdown), ['Settled', 'Releases']);
  const onTop = renderPage(someResults({ measured: { bursts: everything.bursts } }), before.join('\n')).markdown;
  t.deepEqual(titlesOf(onTop), ['Settled', 'Bursts', 'Soak']);
  t.true(onTop.includes('Old figures.'));
});

const titlesOf = (page: string): readonly string[] => [...page.matchAll(/^## (.+)$/gm)].map(([, title = '']) => title);

test('targets stand beside what was measured, met or not or not known', (t) => {
  const targets = [
    atMost({ what: 'slots missed', limit: 0, value: 3 }),
    atMost({ what: 'ms', limit: 5, value: 4.999, digits: 2 }),
    atLeast({ what: 'times', limit: 3.5, value: 3.46, digits: 1 }),
    atLeast({ what: 'else', limit: 1, value: undefined }),
  ];
  t.is(
    targetTable(targets),
    [
      '| target       |       wanted | measured | outcome   |',
      '| ------------ | -----------: | -------: | --------- |',
      '| slots missed |         none |        3 | ✗ not met |',
      '| ms           | at most 5.00 |     5.00 | ✓ met     |',
      '| times        | at least 3.5 |      3.5 | ✗ not met |',
      '| else         |   at least 1 |  nothing | not known |',
    ].join('\n'),
  );
});

test('sizes are drawn against each other, and one alone is not drawn', (t) => {
  const { markdown, pictures } = pageOf();
  t.deepEqual(
    pictures.map(({ path }) => path),
    ['pictures/settled-lateness.svg', 'pictures/settled-processor.svg', 'pictures/settled-memory.svg'],
  );
  for (const { path } of pictures) t.true(markdown.includes(`](${path})`), path);
  t.deepEqual(pageOf({ measured: { settled: [aWindow()] } }).pictures, []);
});

test('the memory of a worker is held against its bound at the size that the bound is for', (t) => {
  t.regex(pageOf().markdown, /^\| memory of a worker at 5,000 canaries, MiB +\| +at most 250 \| +120 \| ✓ met/m);
  const small = pageOf({ measured: { settled: [aWindow()] } }).markdown;
  t.regex(small, /^\| memory of a worker at 5,000 canaries, MiB +\| +at most 250 \| +nothing \| not known/m);
});

test('the page of every scenario is as prettier would have it, and every picture in it is there', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writePage(someResults({ measured: everything }), folder);
  const text = await readFile(join(folder, performancePage), 'utf8');
  t.true(await check(text, { ...(await resolveConfig('docs/performance.md')), parser: 'markdown' }));
  const lines = text.split('\n').filter((line) => !line.startsWith('|'));
  t.deepEqual(
    lines.filter((line) => line.length > 120),
    [],
    'prose is filled',
  );
  const shown = [...text.matchAll(/\]\(pictures\/([\w-]+\.svg)\)/g)].map(([, name = '']) => name);
  t.true(shown.length >= 3);
  t.deepEqual((await readdir(join(folder, 'pictures'))).toSorted(), shown.toSorted());
  await writePage({ measured: {}, origins: {} }, folder);
  t.is(await readFile(join(folder, performancePage), 'utf8'), text, 'without a result nothing changes');
});
