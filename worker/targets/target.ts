import type { PromoteAnswer, RestoredTarget, TargetFact } from '../../canary/action.ts';
import type { Revision } from '../../canary/canary.ts';
import type { StepContext } from '../context.ts';

/** A kind of workload that a Canary may point at. One file per kind, chosen in registry.ts. */
export interface Target {
  /** Reads target and primary; texts of readiness as in the reference (`waiting for rollout to finish: …`). */
  observe(step: StepContext): Promise<TargetFact>;
  /** Creates the primary when absent; with `follow`, makes an existing one equal to the target. */
  ensurePrimary(step: StepContext, wanted: { follow: boolean; flaggerId: string }): Promise<void>;
  /** Gives the target replicas (if it has none) or takes them all away. No write when it is so already. */
  scale(step: StepContext, to: 'running' | 'zero'): Promise<void>;
  /** Copies exactly this revision to the primary, or tells that the target has moved on. Repeating it changes nothing. */
  promote(step: StepContext, wanted: { revision: Revision; flaggerId: string }): Promise<PromoteAnswer>;
  /**
   * Gives the target of a Canary that is being deleted pods of its own: with `raise` at least as many as the primary
   * has, else those it needs to have any. Tells whether they are ready. No write when they are there already.
   */
  restore(step: StepContext, wanted: { raise: boolean }): Promise<RestoredTarget>;
  /**
   * Label that tells the pods of target and primary apart, and container ports, for the Services; undefined for a target
   * without pods of its own.
   */
  selector(step: StepContext): Promise<TargetSelector | undefined>;
}

export interface TargetSelector {
  /** e.g. `app` */
  readonly label: string;
  /** The target's value; the primary's is this with `-primary`. */
  readonly value: string;
  /** Ports of the pod template, for `portDiscovery`; without the ports of mesh sidecars. */
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}
