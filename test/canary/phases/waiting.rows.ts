import { checksumOf } from '../../../canary/checksum.ts';
import { answers, hooks, repairs, repairsNothingLive } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyWaiting } from '../situations.ts';

const { fails, isSilent, passes, refuses } = answers;

const analysis = hooks(['confirm-rollout', 'gate']);
const abortable = hooks(['confirm-rollout', 'gate'], ['rollback', 'abort']);
const gate = 'callHook confirm-rollout gate';
const abort = 'callHook rollback abort';
const starts = ['record Progressing', 'scaleTarget running'];
const notReady = `podinfo-primary.test not ready: ${whyWaiting}`;
const noSignal = 'Rollback hook abort not signaling a rollback';
const started = {
  outcome: 'started',
  becomes: { phase: 'Progressing', applied: 'v1-two', run: 'new', lastSlot: 100 },
  says: ['Confirm-rollout check gate passed', 'New revision detected! Scaling up podinfo.test'],
  tells: ['New revision detected, progressing canary analysis.'],
} as const;

const gateRows: readonly Row[] = [
  {
    title: 'an approved revision starts its run',
    canary: inPhase('Waiting', { analysis }),
    asks: [...repairs('100/0'), gate, ...starts],
    carrying: { [gate]: { phase: 'Waiting', checksum: checksumOf(undefined, 'v1-two') } },
    ends: started,
  },
  {
    title: 'while the gate stays shut nothing is said or written',
    canary: inPhase('Waiting', { analysis }),
    facts: { [gate]: refuses() },
    asks: [...repairs('100/0'), gate],
    ends: { outcome: 'waiting' },
  },
  {
    title: 'the revision that came last is the one that is approved',
    canary: inPhase('Waiting', { analysis }),
    seen: { revision: 'v1-three' },
    asks: [...repairs('100/0'), gate, ...starts],
    carrying: { [gate]: { checksum: checksumOf(undefined, 'v1-three') } },
    ends: { ...started, becomes: { ...started.becomes, applied: 'v1-three' } },
  },
  {
    title: 'the gate is not asked while the primary is not ready',
    canary: inPhase('Waiting', { analysis }),
    seen: { primary: 'waiting' },
    asks: repairsNothingLive,
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [notReady] },
  },
  {
    title: 'a primary that was not ready for the whole deadline is not waited for',
    canary: inPhase('Waiting', { analysis, waited: 60_000 }),
    seen: { primary: 'waiting' },
    asks: [...repairsNothingLive, gate, ...starts],
    ends: { ...started, becomes: { ...started.becomes, waited: undefined } },
  },
  {
    title: 'a shut gate is no wait that the deadline counts, and stands in the condition',
    canary: inPhase('Waiting', { analysis, waited: 30_000 }),
    facts: { [gate]: refuses() },
    asks: [...repairs('100/0'), gate],
    ends: {
      outcome: 'waiting',
      becomes: { waited: undefined },
      readySays: 'A rollout is in progress. Halt podinfo.test advancement waiting for approval gate',
    },
  },
  {
    title: 'with skipAnalysis the gate is asked whatever the primary does',
    canary: inPhase('Waiting', { analysis, spec: { skipAnalysis: true } }),
    seen: { primary: 'waiting' },
    asks: [...repairsNothingLive, gate, ...starts],
    ends: started,
  },
  {
    title: 'a canary that kept its traffic starts without its primary, and keeps it',
    canary: inPhase('Waiting', { analysis, weight: 100, decision: { kind: 'promote' } }),
    seen: { primary: 'stuck' },
    asks: [...repairsNothingLive, gate, ...starts],
    ends: { ...started, becomes: { ...started.becomes, decision: undefined } },
  },
  {
    title: 'a target that cannot be read stops the step',
    canary: inPhase('Waiting', { analysis }),
    facts: { observeTarget: fails('unavailable', 'get deployments: no answer') },
    asks: ['observeTarget'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['get deployments: no answer'] },
  },
];

const withdrawalRows: readonly Row[] = [
  {
    title: 'a target that was taken back to the promoted revision withdraws the run, without a word',
    canary: inPhase('Waiting', { analysis: abortable, waited: 30_000 }),
    seen: { revision: 'v1-one' },
    asks: repairs('100/0'),
    ends: { outcome: 'settled', becomes: { phase: 'Succeeded', waited: undefined } },
  },
  {
    title: 'a target that was taken back to the revision that had failed is Failed again',
    canary: inPhase('Waiting', { analysis, applied: 'v1-failed' }),
    seen: { revision: 'v1-failed' },
    asks: repairs('100/0'),
    ends: { outcome: 'settled', becomes: { phase: 'Failed' } },
  },
  {
    title: 'a target that was taken back to the revision that failed to be promoted is Failed again, with its traffic',
    canary: inPhase('Waiting', { analysis, applied: 'v1-failed', weight: 100, decision: { kind: 'promote' } }),
    seen: { revision: 'v1-failed', primary: 'stuck' },
    asks: repairsNothingLive,
    ends: { outcome: 'settled', becomes: { phase: 'Failed' } },
  },
  {
    title: 'a canary with traffic that was taken back to the promoted revision is Failed until the traffic has left',
    canary: inPhase('Waiting', { analysis, applied: 'v1-failed', weight: 100 }),
    seen: { revision: 'v1-one', primary: 'stuck' },
    asks: repairsNothingLive,
    ends: { outcome: 'settled', becomes: { phase: 'Failed' } },
  },
  {
    title: 'a template that only another rendering tells from the promoted one is withdrawn too',
    canary: inPhase('Waiting', { analysis }),
    seen: { revision: 'v1-one-rendered-anew', equalsTarget: true },
    asks: repairs('100/0'),
    ends: {
      outcome: 'settled',
      becomes: { phase: 'Succeeded', applied: 'v1-one-rendered-anew', promoted: 'v1-one-rendered-anew' },
    },
  },
];

const rollbackRows: readonly Row[] = [
  {
    title: 'a rollback hook that passes ends in Failed, with the revision as decided',
    canary: inPhase('Waiting', { analysis: abortable }),
    facts: { [abort]: passes },
    asks: ['observeTarget', abort, 'record Waiting rollback', 'ensureRoutes 100/0', 'scaleTarget zero'],
    carrying: { [abort]: { phase: 'Waiting', checksum: checksumOf(undefined, 'v1-two') } },
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', applied: 'v1-two' },
      says: [
        'Rollback check abort passed',
        'Rolling back podinfo.test manual webhook invoked',
        'Canary failed! Scaling down podinfo.test',
      ],
      tells: ['Rolling back manual webhook invoked'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a rollback hook that does not pass is said, and the gate is asked',
    canary: inPhase('Waiting', { analysis: abortable }),
    facts: { [gate]: refuses() },
    asks: ['observeTarget', abort, 'ensureServices', 'ensureApex', 'ensureRoutes 100/0', gate],
    ends: { outcome: 'waiting', says: [noSignal] },
  },
  {
    title: 'a rollback hook that cannot be asked is told apart from one that gives no signal',
    canary: inPhase('Waiting', { analysis: abortable }),
    facts: { [abort]: isSilent('POST http://abort.test giving up after 1 attempt(s): 503'), [gate]: refuses() },
    asks: ['observeTarget', abort, 'ensureServices', 'ensureApex', 'ensureRoutes 100/0', gate],
    ends: {
      outcome: 'waiting',
      says: [
        noSignal,
        'Rollback hook abort could not be asked: POST http://abort.test giving up after 1 attempt(s): 503',
      ],
    },
  },
  {
    title: 'what a rollback hook answered is said even if the step ends early',
    canary: inPhase('Waiting', { analysis: abortable }),
    facts: { ensureServices: fails('unavailable', 'services: no answer') },
    asks: ['observeTarget', abort, 'ensureServices'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [noSignal, 'services: no answer'] },
  },
  {
    title: 'rollback hooks are asked while the primary is not ready',
    canary: inPhase('Waiting', { analysis: abortable }),
    seen: { primary: 'waiting' },
    asks: ['observeTarget', abort, 'ensureServices'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [noSignal, notReady] },
  },
  {
    title: 'with skipAnalysis rollback hooks are not asked, and the gate is',
    canary: inPhase('Waiting', { spec: { skipAnalysis: true }, analysis: abortable }),
    facts: { [gate]: refuses() },
    asks: [...repairs('100/0'), gate],
    ends: { outcome: 'waiting' },
  },
  {
    title: 'a rollback that was decided before a crash is completed, whatever the hook says now',
    canary: inPhase('Waiting', {
      analysis: abortable,
      applied: 'v1-two',
      decision: { kind: 'rollback', cause: 'RollbackHook' },
    }),
    asks: ['observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', decision: undefined },
      says: ['Canary failed! Scaling down podinfo.test'],
      counts: ['failure completed'],
    },
  },
];

export const waiting: Table = { about: 'Waiting', rows: [...gateRows, ...withdrawalRows, ...rollbackRows] };
