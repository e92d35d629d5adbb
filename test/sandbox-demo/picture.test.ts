import { stripVTControlCharacters } from 'node:util';
import test from 'ava';
import { bar, eventLine, paint } from '../../sandbox/demo/picture.ts';
import type { Picture } from '../../sandbox/demo/picture.ts';

const picture: Picture = {
  phase: 'Progressing',
  weight: 10,
  failedChecks: 2,
  threshold: 5,
  successRate: 100,
  duration: 887.4,
  traffic: { requests: 1_234, failed: 0 },
  events: [
    { type: 'Normal', message: 'Advance podinfo.test canary weight 10', count: 1 },
    { type: 'Warning', message: 'Halt podinfo.test advancement request duration 887ms > 500ms', count: 2 },
  ],
  elapsed: 41.6,
};

const plain = (text: string): string => stripVTControlCharacters(text);

test('a frame shows phase, weights as bars, checks against their bounds and the last events', (t) => {
  t.is(
    plain(paint(picture, 120)),
    `  phase          Progressing   42 s
  primary   90 % ████████████████████████████████████░░░░
  canary    10 % ████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░

  success rate   100.00 %      at least 99 %  ✔
  duration p99   887 ms        at most 500 ms  ✘
  failed checks  2 of 5
  visitors       1234 requests, 0 failed

  Normal   Advance podinfo.test canary weight 10
  Warning  Halt podinfo.test advancement request duration 887ms > 500ms (×2)`,
  );
});

test('bounds themselves are kept', (t) => {
  const atBounds = plain(paint({ ...picture, successRate: 99, duration: 500 }, 120));
  t.regex(atBounds, /99\.00 % .*✔/);
  t.regex(atBounds, /500 ms .*✔/);
  t.regex(plain(paint({ ...picture, successRate: 98.99 }, 120)), /98\.99 % .*✘/);
});

test('what was not measured has no verdict', (t) => {
  const frame = plain(paint({ ...picture, successRate: undefined, duration: undefined }, 120));
  t.regex(frame, /success rate {3}no traffic yet {1,3}at least 99 %$/m);
  t.notRegex(frame, /✔|✘/);
});

test('where nobody visits, no line speaks of visitors', (t) => {
  t.notRegex(plain(paint({ ...picture, traffic: undefined }, 120)), /visitors/);
});

test('six events are shown, the last ones', (t) => {
  const events = Array.from({ length: 8 }, (_, index) => ({ type: 'Normal', message: `event ${index}`, count: 1 }));
  const frame = plain(paint({ ...picture, events }, 120));
  t.notRegex(frame, /event 1$/m);
  t.regex(frame, /event 2$/m);
  t.regex(frame, /event 7$/m);
});

test('an event is cut to the width of the terminal', (t) => {
  const line = plain(eventLine({ type: 'Normal', message: 'x'.repeat(200), count: 1 }, 80));
  t.true(line.endsWith('…'));
  t.true(line.length <= 80, String(line.length));
});

test('a bar is as long for every share', (t) => {
  t.is(bar(0), '░'.repeat(40));
  t.is(bar(100), '█'.repeat(40));
  t.is(bar(50), '█'.repeat(20) + '░'.repeat(20));
});
