import type { MetricStage } from '../../canary/action.ts';

/** The question could not be put together; the stage selects the event that says so. */
export class StageError extends Error {
  override readonly name = 'StageError';
  readonly stage: MetricStage;

  constructor(stage: MetricStage, message: string, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
  }
}

/** What carries the canary's traffic could not be read, so the check could not be made. */
export class RouteError extends Error {
  override readonly name = 'RouteError';
}
