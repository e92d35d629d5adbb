/** The steps of runs, as they are recorded in the Canaries' statuses while one looks. */
import { parseInstant, systemClock as clock } from '../../platform/clock.ts';
import { numberAt, stringAt } from '../../platform/json.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { createListWatch } from '../../platform/kubernetes/watch.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import type { Stage } from '../stage/stage.ts';

export interface TakenStep {
  /** `namespace/name` */
  readonly canary: string;
  readonly run: string;
  readonly slot: number;
  /** Epoch milliseconds at which it began. */
  readonly at: number;
}

export interface StepRecorder {
  /** Each once; of a canary in the order in which they were recorded. The first of each is its last one before the look. */
  readonly steps: readonly TakenStep[];
  stop(): Promise<void>;
}

/** Resolves when it knows the last step of every Canary. */
export async function recordSteps({ client }: Stage): Promise<StepRecorder> {
  const steps: TakenStep[] = [];
  const last = new Map<string, TakenStep>();
  const see = (step: TakenStep | undefined): void => {
    if (step === undefined) return;
    const before = last.get(step.canary);
    if (before?.at === step.at && before.run === step.run) return;
    last.set(step.canary, step);
    steps.push(step);
  };
  const watch = createListWatch<TakenStep | undefined>({
    client,
    resource: canaries,
    clock,
    random: Math.random,
    log,
    project: lastStepOf,
    onAdd: ({ value }) => see(value),
    onUpdate: ({ value }) => see(value),
  });
  watch.start();
  await watch.whenSynced();
  return { steps, stop: () => watch.stop() };
}

/** @returns undefined for a Canary that has taken none */
export function lastStepOf(object: KubernetesObject): TakenStep | undefined {
  const at = parseInstant(stringAt(object, 'status', 'run', 'lastStepTime') ?? '');
  const run = stringAt(object, 'status', 'run', 'id');
  const slot = numberAt(object, 'status', 'run', 'lastSlot');
  if (at === undefined || run === undefined || slot === undefined) return undefined;
  return { canary: nameOf(object.metadata), run, slot, at };
}
