import test from 'ava';
import type { Announcement, CanaryStatus } from '../../../canary/canary.ts';
import { openLedger } from '../../../worker/step/status-ledger.ts';
import type { LedgerParts } from '../../../worker/step/status-ledger.ts';
import { aCanary } from '../../support/a-canary.ts';

const event = (id: string): Announcement => ({
  kind: 'event',
  id,
  type: 'Normal',
  message: `message ${id}`,
  phase: 'Progressing',
  checksum: 'c',
});

const alert = (id: string, message = `message ${id}`): Announcement => ({
  kind: 'alert',
  id,
  severity: 'info',
  message,
  withMetadata: false,
});

const base: CanaryStatus = aCanary({ status: { phase: 'Progressing', canaryWeight: 5 } }).status;

/** A cluster that remembers what was saved and what was delivered, in order. */
function aWorld(saved: CanaryStatus, undeliverable: readonly string[] = []) {
  const log: string[] = [];
  let current = saved;
  const parts: LedgerParts = {
    onDropped: (lost) => {
      log.push(`drop ${lost.map(({ id }) => id).join()}`);
      return [event('full')];
    },
    signal: new AbortController().signal,
    saver: {
      version: () => '1',
      saved: () => current,
      save: async (status) => {
        const same = JSON.stringify(status) === JSON.stringify(current);
        if (!same) log.push(`save ${status.canaryWeight} [${status.outbox.map(({ id }) => id).join()}]`);
        current = status;
      },
      setFinalizer: async (present) => {
        log.push(`finalizer ${present}`);
        return present ? 'there' : 'gone';
      },
    },
    deliver: async (announcements) => {
      for (const { id } of announcements) log.push(undeliverable.includes(id) ? `fail ${id}` : `deliver ${id}`);
      return announcements.filter(({ id }) => undeliverable.includes(id));
    },
  };
  return { log, parts };
}

test('a changed status is saved with its announcements before they go out', async (t) => {
  const { log, parts } = aWorld(base);
  const ledger = await openLedger(parts);
  await ledger.conclude({ ...base, canaryWeight: 10 }, [event('a'), event('b')]);
  t.deepEqual(log, ['save 10 [a,b]', 'deliver a', 'deliver b']);
});

test('an unchanged status is not saved and its announcements go out all the same', async (t) => {
  const { log, parts } = aWorld(base);
  const ledger = await openLedger(parts);
  await ledger.conclude({ ...base }, [event('a')]);
  t.deepEqual(log, ['deliver a']);
});

test('what the last step left is delivered first, and the next save clears it', async (t) => {
  const { log, parts } = aWorld({ ...base, outbox: [event('old')] });
  const ledger = await openLedger(parts);
  await ledger.conclude({ ...base, canaryWeight: 10 }, [event('new')]);
  t.deepEqual(log, ['deliver old', 'save 10 [new]', 'deliver new']);
});

test('an outbox that is all there is to clear gets one write and no second one', async (t) => {
  const { log, parts } = aWorld({ ...base, outbox: [event('old')] });
  const first = await openLedger(parts);
  await first.conclude(base, []);
  const second = await openLedger(parts);
  await second.conclude(base, []);
  t.deepEqual(log, ['deliver old', 'save 5 []']);
});

test('what could not be delivered stays in the outbox until it can', async (t) => {
  const { log, parts } = aWorld({ ...base, outbox: [event('old')] }, ['old']);
  const ledger = await openLedger(parts);
  await ledger.conclude({ ...base, canaryWeight: 10 }, [event('new')]);
  t.deepEqual(log, ['fail old', 'save 10 [old,new]', 'deliver new']);
});

test('an outbox that still cannot be delivered is not written again', async (t) => {
  const { log, parts } = aWorld({ ...base, outbox: [event('old')] }, ['old']);
  const ledger = await openLedger(parts);
  await ledger.conclude(base, []);
  t.deepEqual(log, ['fail old']);
});

test('a status recorded in the middle is what the end is compared with', async (t) => {
  const { log, parts } = aWorld(base);
  const ledger = await openLedger(parts);
  await ledger.record({ ...base, canaryWeight: 7 }, [event('a')]);
  await ledger.conclude({ ...base, canaryWeight: 10 }, [event('b')]);
  t.deepEqual(log, ['save 7 [a]', 'deliver a', 'save 10 [b]', 'deliver b']);
});

test('a step that ends as it was recorded writes once, and the next one clears what was delivered', async (t) => {
  const { log, parts } = aWorld(base, ['b']);
  const first = await openLedger(parts);
  await first.record({ ...base, canaryWeight: 7 }, [event('a'), event('b')]);
  await first.conclude({ ...base, canaryWeight: 7 }, []);
  t.deepEqual(log.splice(0), ['save 7 [a,b]', 'deliver a', 'fail b']);
  const second = await openLedger({ ...parts, deliver: async () => [] });
  await second.conclude({ ...base, canaryWeight: 10 }, []);
  t.deepEqual(log, ['save 10 []']);
});

test('an announcement of the middle that failed is carried into the save of the end', async (t) => {
  const { log, parts } = aWorld(base, ['a']);
  const ledger = await openLedger(parts);
  await ledger.record({ ...base, canaryWeight: 7 }, [event('a')]);
  await ledger.conclude({ ...base, canaryWeight: 10 }, []);
  t.deepEqual(log, ['save 7 [a]', 'fail a', 'save 10 [a]']);
});

test('an outbox that cannot be delivered does not grow without bound, and what gives way is told', async (t) => {
  const many = Array.from({ length: 80 }, (_, index) => event(`e${index}`));
  const { log, parts } = aWorld(
    base,
    many.map(({ id }) => id),
  );
  const ledger = await openLedger(parts);
  await ledger.record({ ...base, canaryWeight: 7 }, many);
  await ledger.conclude({ ...base, canaryWeight: 10 }, []);
  t.true(log[0]?.startsWith('drop e0,'));
  t.true(log[1]?.endsWith(',e79,full]'), log[1]);
  t.true(log.includes('deliver full'));
  const last = log.at(-1) ?? '';
  t.true(last.startsWith('save 10 [e30,'), last);
  t.true(last.endsWith(',e79]'), last);
});

test('an outbox of long texts is bounded by its bytes, and the newest stay', async (t) => {
  const long = ['a', 'b', 'c'].map((id) => alert(id, '\u00e9'.repeat(14_000)));
  const { log, parts } = aWorld(base, ['a', 'b', 'c']);
  const ledger = await openLedger(parts);
  await ledger.record({ ...base, canaryWeight: 7 }, long);
  t.deepEqual(log.slice(0, 2), ['drop a', 'save 7 [b,c,full]']);
  await ledger.conclude({ ...base, canaryWeight: 10 }, []);
  t.is(log.at(-1), 'save 10 [b,c]');
});

test('an alert of a step that changes nothing is saved before it goes out, and not again while it waits', async (t) => {
  const { log, parts } = aWorld(base, ['a']);
  const ledger = await openLedger(parts);
  await ledger.conclude(base, [alert('a')]);
  t.deepEqual(log, ['save 5 [a]', 'fail a']);
  const next = await openLedger(parts);
  await next.conclude(base, []);
  t.deepEqual(log, ['save 5 [a]', 'fail a', 'fail a']);
});

test('an aborted step saves nothing', async (t) => {
  const { log, parts } = aWorld(base);
  const controller = new AbortController();
  const ledger = await openLedger({ ...parts, signal: controller.signal });
  const reason = new Error('lease lost');
  controller.abort(reason);
  t.is(await t.throwsAsync(ledger.conclude({ ...base, canaryWeight: 10 }, [event('a')])), reason);
  t.is(await t.throwsAsync(ledger.conclude(base, [event('a')])), reason);
  t.deepEqual(log, []);
});

test('nothing is saved of a Canary that was let go', async (t) => {
  const { log, parts } = aWorld(base, ['a']);
  const ledger = await openLedger(parts);
  await ledger.record({ ...base, canaryWeight: 10 }, [event('a')]);
  await ledger.setFinalizer(false);
  await ledger.conclude({ ...base, canaryWeight: 20 }, []);
  t.deepEqual(log, ['save 10 [a]', 'fail a', 'finalizer false']);
});
