/** What a saved status means for the queue: who rolls back next goes before others. */
import test from 'ava';
import type { CanaryStatus } from '../../../canary/canary.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { settleAccounts } from '../../../worker/step/settle-accounts.ts';
import { aCanary } from '../../support/a-canary.ts';

const canary = aCanary({ status: { phase: 'Progressing', canaryWeight: 20 } });
const run = { id: 'run-1', checkErrors: 0, mirrored: false, said: [] };
const { threshold } = canary.spec.analysis;

/** The slots that were put before those of others when a step of slot 7 had saved this. */
async function expedited(status: Partial<CanaryStatus>): Promise<readonly string[]> {
  const told: string[] = [];
  const expedite = async ({ name }: { readonly name: string }, slot: number): Promise<void> =>
    void told.push(`${name} ${slot}`);
  await settleAccounts({ expedite, log }, { before: canary, status: { ...canary.status, run, ...status }, slot: 7 });
  return told;
}

test('the step after the last check that may fail goes before others, for it rolls back', async (t) => {
  t.deepEqual(await expedited({ failedChecks: threshold }), ['podinfo 8']);
  t.deepEqual(await expedited({ run: { ...run, checkErrors: threshold } }), ['podinfo 8']);
});

test('so does one that finds a roll-back decided and not carried out', async (t) => {
  const decision = { kind: 'rollback', cause: 'FailedChecks' } as const;
  t.deepEqual(await expedited({ phase: 'Failed', run: { ...run, decision } }), ['podinfo 8']);
});

test('whose run goes on, or is over, keeps its place', async (t) => {
  t.deepEqual(await expedited({ failedChecks: threshold - 1 }), []);
  t.deepEqual(await expedited({ phase: 'Promoting', run: { ...run, decision: { kind: 'promote' } } }), []);
  t.deepEqual(await expedited({ phase: 'Failed' }), []);
});

test('a queue that cannot be asked costs the place, not the step', async (t) => {
  const expedite = async (): Promise<never> => Promise.reject(new Error('Redis is away'));
  const status = { ...canary.status, run, failedChecks: threshold };
  await t.notThrowsAsync(settleAccounts({ expedite, log }, { before: canary, status, slot: 7 }));
});
