import { checksumOf } from '../../canary/checksum.ts';
import { idempotencyKey } from '../../canary/identity.ts';
import { answers, hooks, repairs } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';

const { fails, refuses } = answers;

const analysis = hooks(['post-rollout', 'report'], ['post-rollout', 'clean-up']);
const report = 'callHook post-rollout report';
const cleanUp = 'callHook post-rollout clean-up';
const checksum = checksumOf(undefined, 'v1-two');
const promoted = 'Promotion completed! Scaling down podinfo.test';
const finished = 'Canary analysis completed successfully, promotion finished.';
const scaledDown = 'Canary failed! Scaling down podinfo.test';
const passed = (name: string): string => `Post-rollout check ${name} passed`;
const keyOf = (outcome: string): string =>
  idempotencyKey({
    canary: inPhase('Succeeded'),
    run: 'run-two',
    slot: 99,
    hook: `post-rollout/report/${outcome}/${checksum}`,
  });
const owing = { applied: 'v1-two', promoted: 'v1-two', analysis } as const;

const rows: readonly Row[] = [
  {
    title: 'after Succeeded is saved the hooks are called in order, then the promotion is announced',
    canary: inPhase('Finalising', { analysis }),
    asks: [...repairs('100/0'), 'scaleTarget zero', 'record Succeeded owing Succeeded', report, cleanUp],
    carrying: {
      [report]: { phase: 'Succeeded', checksum, idempotencyKey: keyOf('Succeeded') },
    },
    ends: {
      outcome: 'succeeded',
      becomes: { phase: 'Succeeded', promoted: 'v1-two' },
      says: [passed('report'), passed('clean-up'), promoted],
      tells: [finished],
      counts: ['success completed'],
    },
  },
  {
    title:
      'hooks that are owed after a crash are called in a later slot, under the same key, and nothing is counted again',
    canary: inPhase('Succeeded', { ...owing, owed: 'Succeeded' }),
    asks: [report, cleanUp],
    carrying: {
      [report]: { phase: 'Succeeded', checksum, idempotencyKey: keyOf('Succeeded') },
    },
    ends: {
      outcome: 'succeeded',
      becomes: { owed: undefined },
      says: [passed('report'), passed('clean-up'), promoted],
      tells: [finished],
    },
  },
  {
    title: 'a hook that fails is said, and those after it are not called',
    canary: inPhase('Succeeded', { ...owing, owed: 'Succeeded' }),
    facts: { [report]: refuses('500 oops') },
    asks: [report],
    ends: {
      outcome: 'succeeded',
      becomes: { owed: undefined },
      says: ['Post-rollout hook report failed 500 oops', promoted],
      tells: [finished],
    },
  },
  {
    title: 'after Failed is saved the hooks are called, and nothing more is said',
    canary: inPhase('Progressing', {
      analysis,
      weight: 30,
      decision: { kind: 'rollback', cause: 'FailedChecks' },
    }),
    asks: ['observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero', 'record Failed owing Failed', report, cleanUp],
    carrying: { [report]: { phase: 'Failed', checksum, idempotencyKey: keyOf('Failed') } },
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 0, decision: undefined },
      says: [scaledDown, passed('report'), passed('clean-up')],
      counts: ['failure completed'],
    },
  },
  {
    title: 'hooks that are owed by a Failed canary are called before anything else',
    canary: inPhase('Failed', { analysis, owed: 'Failed' }),
    facts: { [cleanUp]: fails('unavailable', 'no answer') },
    asks: [report, cleanUp],
    carrying: { [report]: { phase: 'Failed', idempotencyKey: keyOf('Failed') } },
    ends: {
      outcome: 'rolledBack',
      becomes: { owed: undefined },
      says: [passed('report'), 'Post-rollout hook clean-up failed no answer'],
    },
  },
  {
    title: 'after a promotion that failed the decision stays beside the hooks that are owed',
    canary: inPhase('Promoting', { analysis, weight: 100 }),
    seen: { primary: 'stuck' },
    asks: [
      'observeTarget',
      'ensureServices',
      'ensureRoutes 0/100',
      'record Failed promote owing Failed',
      report,
      cleanUp,
    ],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', decision: 'promote' },
      says: [
        'podinfo-primary.test not ready: deployment "podinfo" exceeded its progress deadline',
        'Promotion of podinfo.test failed, primary not ready: podinfo-primary.test not ready: deployment "podinfo" exceeded its progress deadline',
        passed('report'),
        passed('clean-up'),
      ],
      tells: [
        'Promotion failed, primary not ready: podinfo-primary.test not ready: deployment "podinfo" exceeded its progress deadline',
      ],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a rollback that waits for its primary calls no hook yet',
    canary: inPhase('Progressing', {
      analysis,
      weight: 30,
      decision: { kind: 'rollback', cause: 'FailedChecks' },
    }),
    seen: { primary: 'stuck' },
    asks: ['observeTarget'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', waited: 0 },
      says: ['podinfo-primary.test not ready: deployment "podinfo" exceeded its progress deadline'],
      counts: ['failure completed'],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'after a skipped analysis the closing words are others',
    canary: inPhase('Succeeded', { ...owing, owed: 'Succeeded', spec: { skipAnalysis: true } }),
    asks: [report, cleanUp],
    ends: {
      outcome: 'succeeded',
      becomes: { owed: undefined },
      says: [passed('report'), passed('clean-up'), 'Promotion completed! Canary analysis was skipped for podinfo.test'],
      tells: ['Canary analysis was skipped, promotion finished.'],
    },
  },
];

export const postRollout: Table = { about: 'Post-rollout hooks and closing words', rows };
