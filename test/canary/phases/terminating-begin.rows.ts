import type { Phase } from '../../../canary/canary.ts';
import { finalizers, leaving } from '../leaving.ts';
import { answers, repairs } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase } from '../situations.ts';

const { fails, is } = answers;
const off = { setFinalizer: { present: false } } as const;

const phases: readonly (Phase | undefined)[] = [
  undefined,
  'Initializing',
  'Initialized',
  'Waiting',
  'Progressing',
  'WaitingPromotion',
  'Promoting',
  'Finalising',
  'Succeeded',
  'Failed',
];

const beginRows: readonly Row[] = [
  ...phases.map(
    (phase): Row => ({
      title: `deletion begins in ${phase ?? 'a Canary that no step has seen'}: nothing of the phase is done any more`,
      canary: leaving(phase, { weight: 20, waited: 90_000 }),
      asks: ['observeNamespace'],
      ends: {
        outcome: 'terminating',
        becomes: { phase: 'Terminating', waited: undefined },
        says: ['Terminating canary podinfo.test'],
        promotedSays: 'Terminating canary.',
      },
    }),
  ),
  {
    title: 'suspension does not keep a Canary from being deleted',
    canary: leaving('Progressing', { weight: 20, spec: { suspend: true } }),
    asks: ['observeNamespace'],
    ends: {
      outcome: 'terminating',
      becomes: { phase: 'Terminating' },
      says: ['Terminating canary podinfo.test'],
    },
  },
  {
    title: 'a rollback or a promotion that was decided is not carried out any more',
    canary: leaving('Progressing', { weight: 20, decision: { kind: 'promote' } }),
    asks: ['observeNamespace'],
    ends: {
      outcome: 'terminating',
      becomes: { phase: 'Terminating' },
      says: ['Terminating canary podinfo.test'],
    },
  },
  ...(['Initializing', 'Progressing', 'Succeeded', 'Terminating'] as const).map(
    (phase): Row => ({
      title: `without our finalizer a Canary that is being deleted is left alone in ${phase}`,
      canary: {
        ...leaving(phase, { weight: 20 }),
        finalizers: ['foregroundDeletion', 'orphan', 'others.example/wait'],
      },
      asks: [],
      ends: { outcome: 'stopped' },
    }),
  ),
  ...(['Progressing', 'Terminating'] as const).map(
    (phase): Row => ({
      title: `in ${phase} revertOnDeletion that turns false lets the Canary go as it is`,
      canary: leaving(phase, { weight: 20, waited: 90_000, spec: { revertOnDeletion: false } }),
      asks: ['setFinalizer'],
      carrying: off,
      ends: { outcome: 'terminated' },
    }),
  ),
  ...(['Progressing', 'Terminating'] as const).map(
    (phase): Row => ({
      title: `in ${phase} a namespace that is being deleted lets the Canary go as it is`,
      canary: leaving(phase, { weight: 20 }),
      facts: { observeNamespace: is({ deleting: true }) },
      asks: ['observeNamespace', 'setFinalizer'],
      carrying: off,
      ends: { outcome: 'terminated' },
    }),
  ),
];

const reverting = { spec: { revertOnDeletion: true } } as const;

const finalizerRows: readonly Row[] = [
  {
    title: 'a Canary with revertOnDeletion gets the finalizer before anything else',
    canary: inPhase('Succeeded', reverting),
    asks: ['setFinalizer', ...repairs('100/0')],
    carrying: { setFinalizer: { present: true } },
    ends: { outcome: 'settled' },
  },
  {
    title: 'a Canary that has it is not written again',
    canary: { ...inPhase('Succeeded', reverting), finalizers: ['others.example/wait', ...finalizers] },
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'revertOnDeletion that turns false takes the finalizer away',
    canary: { ...inPhase('Succeeded'), finalizers },
    asks: ['setFinalizer', ...repairs('100/0')],
    carrying: off,
    ends: { outcome: 'settled' },
  },
  {
    title: 'a suspended Canary gets the finalizer too',
    canary: inPhase('Succeeded', { spec: { revertOnDeletion: true, suspend: true } }),
    asks: ['setFinalizer'],
    ends: { outcome: 'suspended', says: ['skipping canary run as object is suspended'] },
  },
  {
    title: 'nothing is taken over while the finalizer can’t be written',
    canary: inPhase(undefined, reverting),
    facts: { setFinalizer: fails('forbidden', 'patch canaries: forbidden') },
    asks: ['setFinalizer'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['patch canaries: forbidden'] },
  },
];

export const terminatingBegin: Table = {
  about: 'Deletion: the finalizer and how it begins',
  rows: [...finalizerRows, ...beginRows],
};
