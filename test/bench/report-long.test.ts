import test from 'ava';
import { sectionsOf } from '../../bench/report/sections.ts';
import type { Section } from '../../bench/report/section.ts';
import type { Measured } from '../../bench/results.ts';
import { everything, soakSamples } from './everything.ts';

function sectionOf(measured: Partial<Measured>): Section {
  const [section] = sectionsOf(measured);
  if (section === undefined) throw new Error('expected a section, got none');
  return section;
}

test('a bootstrap is told by its times, what the API server takes for Services alone, processors and requests', (t) => {
  const { figures } = sectionOf({ bootstrap: everything.bootstrap });
  t.is(
    figures,
    `
| canaries | workers | all created after, s | all initialized after | each p50 |  p99 |  max | requests a canary |
| -------: | ------: | -------------------: | --------------------: | -------: | ---: | ---: | ----------------: |
|    1,000 |       2 |                  6.2 |                  62.4 |     31.0 | 60.0 | 61.9 |               3.0 |

Creating as many Services as there are then, 3,000, on the same API server and nothing besides takes 15.6 s: 25 % of the time.

Seconds on a processor meanwhile, by process; the benchmark plays the nodes:

| scheduler | workers | Redis | API server | etcd | benchmark |  all | of the processors |
| --------: | ------: | ----: | ---------: | ---: | --------: | ---: | ----------------: |
|      10.0 |    10.0 |  10.0 |       40.0 | 10.0 |      12.5 | 92.5 |              74 % |

| requests of the workers | a canary |
| ----------------------- | -------: |
| patch services          |     3.00 |
`.trim(),
  );
});

test('workers are told beside one, and four of them held against what is wanted', (t) => {
  const { figures, targets } = sectionOf({ scaling: everything.scaling });
  t.regex(figures, /^\| +4 \| +240 \| +6\.0 \| +38\.0 \| +4\.00 \|$/m);
  t.deepEqual(targets, [
    {
      what: 'steps a second of 4 workers, times one worker',
      wanted: 'at least 3.50',
      measured: '4.00',
      isMet: true,
    },
  ]);
});

const soakGrowing = (growth: number): Section =>
  sectionOf({ soak: { ...everything.soak, samples: soakSamples(growth) } });

test('a soak in which nothing grows is told so, row by row', (t) => {
  const { figures, targets } = soakGrowing(0);
  t.regex(figures, /^\| worker-1 +\| +120\.0 \| +120\.0 \| +0\.0 \| flat +\|$/m);
  t.regex(figures, /^\| objects +\| +14,003 \| +14,003 \| +0 \| flat +\|$/m);
  t.deepEqual(targets, [{ what: 'what grows', wanted: 'none', measured: 'none', isMet: true }]);
});

test('a worker that grows is named', (t) => {
  const { figures, targets } = soakGrowing(60);
  t.regex(figures, /^\| worker-1 +\| .* \| +60\.0 \| growing +\|$/m);
  t.deepEqual(targets, [{ what: 'what grows', wanted: 'none', measured: 'worker-1', isMet: false }]);
});

test('the API server and etcd are shown, and are nothing that Aviary is judged by', (t) => {
  const samples = soakSamples(0).map((one) => {
    const swelling = { 'API server': 400 + one.at, etcd: 100 + one.at };
    return { ...one, memory: { ...one.memory, ...swelling } };
  });
  const { figures, targets } = sectionOf({ soak: { ...everything.soak, samples } });
  t.regex(figures, /^\| API server +\| .* \| only shown \|$/m);
  t.regex(figures, /^\| etcd +\| .* \| only shown \|$/m);
  t.is(targets?.[0]?.measured, 'none');
});

test('what happens while a soak warms up is no growth, and a soak that is too short says nothing', (t) => {
  const samples = soakSamples(0).map((one) => ({ ...one, redisKeys: one.at < 300 ? one.at * 70 : 21_000 }));
  t.is(sectionOf({ soak: { ...everything.soak, samples } }).targets?.[0]?.isMet, true);
  const short = sectionOf({ soak: { ...everything.soak, samples: soakSamples(0).slice(0, 35) } });
  t.regex(short.figures, /^\| worker-1 +\| +none \| +none \| +none \| too short +\|$/m);
  t.is(short.targets?.[0]?.isMet, undefined);
});

test('a soak is drawn over minutes: every process, and what is counted', (t) => {
  const pictures = soakGrowing(0).pictures ?? [];
  t.deepEqual(
    pictures.map(({ name, plot }) => [name, plot.series.map((series) => series.name)]),
    [
      ['soak-memory', ['scheduler', 'worker-1', 'worker-2', 'Redis', 'API server', 'etcd', 'data in Redis']],
      ['soak-counts', ['keys in Redis', 'events', 'objects']],
    ],
  );
  t.deepEqual(pictures[0]?.plot.series[0]?.points.at(-1), [30, 90]);
});
