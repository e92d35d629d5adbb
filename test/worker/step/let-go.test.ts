import test from 'ava';
import type { Announcement } from '../../../canary/canary.ts';
import type { CanaryIdentity } from '../../../canary/parse.ts';
import { letGo } from '../../../worker/step/let-go.ts';
import { aCanary } from '../../support/a-canary.ts';

function aLedger() {
  const log: string[] = [];
  const say = (announcements: readonly Announcement[]): string =>
    announcements.map((one) => ('message' in one ? one.message : one.kind)).join();
  return {
    log,
    ledger: {
      record: async (_status: unknown, announcements: readonly Announcement[]) => void log.push(say(announcements)),
      setFinalizer: async (present: boolean) => void log.push(`finalizer ${present}`),
    },
  };
}

const identity = (finalizers: readonly string[]): CanaryIdentity => ({ ...aCanary(), deleting: true, finalizers });
const refusals = [{ reason: 'TargetConflict', message: 'Deployment podinfo.test is another’s' }] as const;
const at = { now: 0, slot: 7 };

test('a Canary for which nothing can be given back goes, and says so before', async (t) => {
  const { log, ledger } = aLedger();
  const left = identity(['finalizer.flagger.app']);
  const done = await letGo({ identity: left, refusals, at }, ledger);
  t.deepEqual(log, ['deleted without giving anything back: Deployment podinfo.test is another’s', 'finalizer false']);
  t.deepEqual(done, { status: left.status, announcements: [], outcome: 'terminated' });
});

test('one that others hold is left alone', async (t) => {
  const { log, ledger } = aLedger();
  const done = await letGo({ identity: identity(['others.example/wait']), refusals, at }, ledger);
  t.deepEqual(log, []);
  t.is(done.outcome, 'stopped');
});
