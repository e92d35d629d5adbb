import type { StepContext } from '../context.ts';

/** An autoscaler kind that `spec.autoscalerRef` may name. */
export interface ScalerAdapter {
  /**
   * Makes the primary's scaler match the target's; no write when nothing differs.
   *
   * @param atLeast pods that it may not go below for now, within its own most
   */
  ensurePrimary(step: StepContext, atLeast?: number): Promise<void>;
  /** Most replicas that the primary's scaler may give. */
  mostReplicas(step: StepContext): Promise<number>;
  /** Keeps the target's scaler from adding replicas. Nothing to do for an HPA, which is inert at zero. */
  pause(step: StepContext): Promise<void>;
  resume(step: StepContext): Promise<void>;
  /** Least replicas that the target's scaler asks for, at least 1; what a target at zero is scaled up to. */
  minReplicas(step: StepContext): Promise<number>;
}
