/** Canaries that share the places of runs, as they are played and as they are looked at. */
import { isRunPhase } from '../../../../canary/canary.ts';
import { queuedSince } from '../../../../canary/queued.ts';
import type { CanaryKey } from '../../../../queue/step-job.ts';
import type { SimulatedCluster } from '../../../../sandbox/simulated/cluster.ts';
import type { Session } from '../../../../sandbox/simulated/session.ts';
import type { StepOptions } from '../../../../sandbox/simulated/step-world.ts';
import type { Release } from '../../../../sandbox/simulated/workloads.ts';
import type { CrowdShape } from './happenings.ts';
import type { Heard, PlacesModel } from './places-model.ts';

export interface Member {
  readonly key: CanaryKey;
  readonly session: Session;
  readonly cluster: SimulatedCluster;
  readonly isAutoscaled: boolean;
  latest: Release;
  /** Epoch milliseconds of its next step. */
  dueAt: number;
  /** What befalls its next step. */
  next: Befalls;
  /** Its run goes on without having asked for a place: a promotion that had failed, or what another controller had begun. */
  isUnasked: boolean;
  /** The sets have heard of its run. */
  isKept: boolean;
}

export interface Befalls extends StepOptions {
  /** The worker dies before it keeps the place or gives it back. */
  readonly losesAccounts?: boolean;
}

export interface Crowd {
  readonly shape: CrowdShape;
  readonly members: readonly Member[];
  readonly places: PlacesModel;
  /** Until when each worker hears nothing, and what it has heard before. */
  readonly ears: { deafUntil: number; heard: Heard }[];
  now: number;
  /** Steps so far: workers take them in turn. */
  steps: number;
  /** When something last befell anybody, in epoch milliseconds. */
  befellAt: number;
  /** When the line or the runs last changed. */
  movedAt: number;
  /** Since when a place has been free for somebody who waits. */
  freeSince: number | undefined;
}

export const isRunning = ({ session }: Member): boolean =>
  !session.isGone() && isRunPhase(session.canary().status.phase);

export const isQueued = ({ session }: Member): boolean =>
  !session.isGone() && queuedSince(session.canary().status) !== undefined;
