import { checksumOf } from '../../canary/checksum.ts';
import { answers, hooks, repairs, repairsNothingLive } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyWaiting } from './situations.ts';
import { accepted, notReady, started, starts } from './starting.ts';

const { fails, refuses } = answers;

const gated = hooks(['confirm-rollout', 'gate']);
const gate = 'callHook confirm-rollout gate';

const gateRows: readonly Row[] = [
  {
    title: 'an open gate is said, then the run starts',
    canary: inPhase('Succeeded', { analysis: gated }),
    seen: { revision: 'v1-two' },
    asks: [...repairs('100/0'), gate, ...starts],
    carrying: { [gate]: { phase: 'Succeeded', checksum: checksumOf(undefined, 'v1-two') } },
    ends: { ...started, becomes: accepted, says: ['Confirm-rollout check gate passed', ...started.says] },
  },
  {
    title: 'the gate of the first run is told that the canary is initialized',
    canary: inPhase('Initialized', { analysis: gated }),
    seen: { revision: 'v1-two' },
    asks: [...repairs('100/0'), gate, ...starts],
    carrying: { [gate]: { phase: 'Initialized', checksum: checksumOf(undefined, 'v1-two') } },
    ends: { ...started, becomes: accepted, says: ['Confirm-rollout check gate passed', ...started.says] },
  },
  {
    title: 'a shut gate makes the revision wait, with event and alert',
    canary: inPhase('Succeeded', { analysis: gated }),
    seen: { revision: 'v1-two' },
    facts: { [gate]: refuses('closed') },
    asks: [...repairs('100/0'), gate],
    ends: {
      outcome: 'waiting',
      becomes: { phase: 'Waiting' },
      says: ['Halt podinfo.test advancement waiting for approval gate'],
      tells: ['Canary is waiting for approval.'],
    },
  },
  {
    title: 'a gate that cannot be asked is shut, and the condition says why',
    canary: inPhase('Failed', { analysis: gated }),
    seen: { revision: 'v1-three' },
    facts: { [gate]: fails('forbidden', 'address refused') },
    asks: [...repairs('100/0'), gate],
    carrying: { [gate]: { phase: 'Failed' } },
    ends: {
      outcome: 'waiting',
      becomes: { phase: 'Waiting' },
      says: ['Halt podinfo.test advancement waiting for approval gate'],
      tells: ['Canary is waiting for approval.'],
      readySays: 'A rollout is in progress. Halt podinfo.test advancement waiting for approval gate: address refused',
    },
  },
  {
    title: 'a gate with muteAlert sends no alert',
    canary: inPhase('Succeeded', { analysis: hooks(['confirm-rollout', 'gate', { muteAlert: true }]) }),
    seen: { revision: 'v1-two' },
    facts: { [gate]: refuses() },
    asks: [...repairs('100/0'), gate],
    ends: {
      outcome: 'waiting',
      becomes: { phase: 'Waiting' },
      says: ['Halt podinfo.test advancement waiting for approval gate'],
    },
  },
  {
    title: 'all gates must be open in the same step, and the first shut one ends it',
    canary: inPhase('Succeeded', {
      analysis: hooks(['confirm-rollout', 'first'], ['confirm-rollout', 'second'], ['confirm-rollout', 'third']),
    }),
    seen: { revision: 'v1-two' },
    facts: { 'callHook confirm-rollout second': refuses() },
    asks: [...repairs('100/0'), 'callHook confirm-rollout first', 'callHook confirm-rollout second'],
    ends: {
      outcome: 'waiting',
      becomes: { phase: 'Waiting' },
      says: ['Confirm-rollout check first passed', 'Halt podinfo.test advancement waiting for approval second'],
      tells: ['Canary is waiting for approval.'],
    },
  },
  {
    title: 'two gates of one name are asked both',
    canary: inPhase('Succeeded', { analysis: hooks(['confirm-rollout', 'gate'], ['confirm-rollout', 'gate']) }),
    seen: { revision: 'v1-two' },
    facts: { [`${gate} #2`]: refuses() },
    asks: [...repairs('100/0'), gate, `${gate} #2`],
    ends: {
      outcome: 'waiting',
      becomes: { phase: 'Waiting' },
      says: ['Confirm-rollout check gate passed', 'Halt podinfo.test advancement waiting for approval gate'],
      tells: ['Canary is waiting for approval.'],
    },
  },
  {
    title: 'the gate is not asked while the primary is not ready',
    canary: inPhase('Succeeded', { analysis: gated }),
    seen: { revision: 'v1-two', primary: 'waiting' },
    asks: repairsNothingLive,
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [notReady(whyWaiting)] },
  },
];

export const rolloutGate: Table = {
  about: 'The confirm-rollout gate',
  rows: gateRows,
};
