/** A Canary as the API server keeps it: with a version, and for as long as it has finalizers. */
import type { Canary, CanaryStatus } from '../../canary/canary.ts';
import { finalizerName } from '../../canary/finalizer.ts';

export interface StoredCanary {
  readonly canary: () => Canary;
  readonly saveStatus: (status: CanaryStatus) => void;
  readonly setFinalizer: (present: boolean) => void;
  /** Somebody writes what is nothing to the rules, as a label. */
  readonly touch: () => void;
  /** The user changes the spec. */
  readonly edit: (spec: Partial<Canary['spec']>) => void;
  /** The user deletes the Canary. */
  readonly delete: () => void;
  readonly isGone: () => boolean;
}

/** @param onGone told when nothing holds the Canary any more */
export function createStoredCanary(initial: Canary, onGone: () => void): StoredCanary {
  let canary = initial;
  const isGone = (): boolean => canary.deleting && canary.finalizers.length === 0;
  const write = (changes: Partial<Canary>): void => {
    canary = { ...canary, ...changes, resourceVersion: String(Number(canary.resourceVersion) + 1) };
    if (isGone()) onGone();
  };
  return {
    canary: () => canary,
    saveStatus: (status) => write({ status }),
    setFinalizer: (present) => {
      const others = canary.finalizers.filter((name) => name !== finalizerName);
      write({ finalizers: present ? [...others, finalizerName] : others });
    },
    touch: () => write({}),
    edit: (spec) => write({ spec: { ...canary.spec, ...spec }, generation: canary.generation + 1 }),
    delete: () => write({ deleting: true, generation: canary.generation + 1 }),
    isGone,
  };
}
