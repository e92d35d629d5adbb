/** An alert that comes twice: which faults account for it, and when they no longer do. */
import test from 'ava';
import type { Fault, FaultSpan } from '../../chaos/faults/fault.ts';
import type { Evidence } from '../../chaos/judge/evidence.ts';
import { judge } from '../../chaos/judge/judge.ts';
import { aHistory, anAlert, evidence, goodAlerts, goodRun, slotTime } from './a-history.ts';
import type { Told } from './a-history.ts';

const started = 'New revision detected, progressing canary analysis.';
/** Announced in slot 2, still in the outbox of slot 3, out of it with the step of slot 4. */
const owing: readonly Told[] = goodRun.map((told, index) =>
  index === 2 || index === 3 ? { ...told, owes: started } : told,
);
const arrivedAt = slotTime(2) + 50;
const confirmedAt = slotTime(4) + 5;

const span = (fault: Fault, from: number, until = from): FaultSpan => ({ from, until, fault });
const flush: Fault = { kind: 'flush', victim: 'redis', forMs: 0 };
const killOf = (victim: 'worker-1' | 'redis'): Fault => ({ kind: 'kill', victim, forMs: 0 });

interface Twice {
  readonly again?: number;
  readonly faults: readonly FaultSpan[];
  readonly told?: readonly Told[];
}

/** The alert of a run that begins comes twice. */
function twice({ again = slotTime(4), faults, told = owing }: Twice): Evidence {
  const alerts = [
    ...goodAlerts.filter(({ text }) => text !== started),
    anAlert(started, arrivedAt),
    anAlert(started, again),
  ];
  return evidence({ histories: [aHistory(told)], alerts, faults });
}

const admitted: Readonly<Record<string, Twice>> = {
  'Redis is emptied before a step has seen that the alert arrived': { faults: [span(flush, slotTime(3))] },
  'Redis is away when it is to be emptied, and is emptied in time': {
    faults: [span(flush, arrivedAt - 500, arrivedAt + 500)],
  },
  'Redis is killed before it has written the note to its file': { faults: [span(killOf('redis'), arrivedAt + 900)] },
  'a worker is killed before it has noted it': { faults: [span(killOf('worker-1'), arrivedAt + 20)] },
  'a worker sleeps when it should note it': {
    faults: [span({ kind: 'freeze', victim: 'worker-1', forMs: 1_000 }, arrivedAt - 500, arrivedAt + 500)],
  },
  'a worker does not reach Redis to note it': {
    faults: [
      span({ kind: 'silence', victim: 'worker-1', to: 'redis', forMs: 1_000 }, arrivedAt - 500, arrivedAt + 500),
    ],
  },
  'a worker is killed while Redis, which is to note it, is away': {
    faults: [
      span(killOf('redis'), arrivedAt - 500, arrivedAt + 3_000),
      span(killOf('worker-1'), arrivedAt + 2_500, arrivedAt + 4_000),
    ],
  },
  'Redis is emptied and no step has seen it yet': {
    told: goodRun.map((told, index) => (index >= 2 ? { ...told, owes: started } : told)),
    again: slotTime(20),
    faults: [span(flush, slotTime(19))],
  },
};

for (const [why, how] of Object.entries(admitted)) {
  test(`it may come twice: ${why}`, (t) => {
    t.deepEqual(judge(twice(how)), []);
  });
}

const found: Readonly<Record<string, Twice>> = {
  'there is no fault': { faults: [] },
  'Redis is emptied before the first arrival': { faults: [span(flush, arrivedAt - 1)] },
  'Redis is emptied after the second arrival': { again: slotTime(3), faults: [span(flush, slotTime(3) + 1)] },
  'Redis is emptied after a step has seen that it arrived': {
    again: slotTime(5),
    faults: [span(flush, confirmedAt + 1)],
  },
  'Redis is killed when it has long written the note': { faults: [span(killOf('redis'), arrivedAt + 2_001)] },
  'Redis sleeps, and forgets nothing': {
    faults: [span({ kind: 'freeze', victim: 'redis', forMs: 1_000 }, arrivedAt, arrivedAt + 1_000)],
  },
  'the API server is killed': { faults: [span({ kind: 'kill', victim: 'api', forMs: 0 }, arrivedAt + 20)] },
  'a scheduler is killed': { faults: [span({ kind: 'kill', victim: 'scheduler-1', forMs: 0 }, arrivedAt + 20)] },
  'a worker is killed long after it has noted it': { faults: [span(killOf('worker-1'), arrivedAt + 1_001)] },
  'a worker is killed long after Redis was there again': {
    faults: [span(killOf('redis'), arrivedAt - 500, arrivedAt + 3_000), span(killOf('worker-1'), arrivedAt + 4_001)],
  },
  'a worker does not reach the API server, which it does not ask': {
    faults: [span({ kind: 'cut', victim: 'worker-1', to: 'api', forMs: 500 }, arrivedAt, arrivedAt + 500)],
  },
  'the workers are told to stop, and note what they have sent': {
    faults: [span({ kind: 'roll', victim: 'workers', forMs: 0 }, arrivedAt, arrivedAt + 500)],
  },
  'no status ever announced it': { told: goodRun, faults: [span(flush, slotTime(3))] },
};

for (const [why, how] of Object.entries(found)) {
  test(`found: it comes twice although ${why}`, (t) => {
    const what = "alerts doubled, 'New revision detected': expected 1, got 2";
    t.deepEqual(
      judge(twice(how)).map((one) => one.what),
      [what],
    );
  });
}

test('found: one fault does not account for two repetitions', (t) => {
  const twoTimes = twice({ faults: [span(flush, slotTime(3))] });
  const third = anAlert(started, slotTime(5));
  const [violation] = judge({ ...twoTimes, alerts: [...twoTimes.alerts, third] });
  t.is(violation?.what, "alerts doubled, 'New revision detected': expected 1, got 3");
});
