/** The plan and the cast of a run follow from its seed. */
import test from 'ava';
import { describeFault } from '../../chaos/faults/fault.ts';
import { planFaults, processNames } from '../../chaos/faults/plan.ts';
import { castOf, scriptNames } from '../../chaos/scripts/cast.ts';

const options = { seed: 7, durationMs: 600_000, workers: 3, schedulers: 2 };

test('the same seed gives the same plan, another one gives another', (t) => {
  t.deepEqual(planFaults(options), planFaults(options));
  t.notDeepEqual(planFaults(options), planFaults({ ...options, seed: 8 }));
});

test('ten minutes see every kind of fault, one by one in time and over before the end', (t) => {
  const plan = planFaults(options);
  const kinds = new Set(plan.map(({ fault }) => fault.kind));
  t.deepEqual([...kinds].toSorted(), ['cut', 'flush', 'freeze', 'kill', 'roll', 'silence', 'tick']);
  t.true(plan.length > 100, `${plan.length} faults`);
  t.deepEqual(
    plan,
    plan.toSorted((a, b) => a.atMs - b.atMs),
  );
  t.true(plan.every(({ atMs, fault }) => atMs + fault.forMs <= options.durationMs));
});

test('nobody has two faults at a time', (t) => {
  const plan = planFaults(options);
  const overlaps = plan.filter(({ atMs, fault }, index) =>
    plan.slice(0, index).some((one) => one.fault.victim === fault.victim && one.atMs + one.fault.forMs >= atMs),
  );
  t.deepEqual(
    overlaps.filter(({ fault }) => fault.forMs > 0).map(({ fault }) => describeFault(fault)),
    [],
  );
});

test('some worker is frozen for longer than its lease and the lock of its job', (t) => {
  const longest = planFaults(options).flatMap(({ fault }) =>
    fault.kind === 'freeze' && fault.victim.startsWith('worker-') ? [fault.forMs] : [],
  );
  t.true(Math.max(...longest) > 10_000);
});

test('processes are named by their role', (t) => {
  t.deepEqual(processNames({ workers: 2, schedulers: 1 }), ['scheduler-1', 'worker-1', 'worker-2']);
});

test('the cast follows from the seed, and every script is played', (t) => {
  const cast = castOf({ seed: 7, canaries: 200 });
  t.deepEqual(cast, castOf({ seed: 7, canaries: 200 }));
  t.deepEqual(new Set(cast.map(({ script }) => script)), new Set(scriptNames));
  t.is(new Set(cast.map(({ place }) => `${place.namespace}/${place.name}`)).size, 200);
  t.true(new Set(cast.map(({ place }) => place.namespace)).size > 5);
});
