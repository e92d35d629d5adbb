/** What it means to a job that its step threw: try again within the slot, or leave it to the next slot. */
import { UnrecoverableError } from 'bullmq';
import type { Random } from '../../platform/clock.ts';
import { DeadlineError } from '../../platform/deadline.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import { isRefusedForMemory } from '../../platform/redis/full.ts';
import { messageOf } from '../../platform/error-message.ts';

/** The step was told to stop: its lease or its job's lock is lost, or the process shuts down. */
export class StepAborted extends Error {
  override readonly name = 'StepAborted';
}

/** The step failed for now. It may be tried again until `retryUntil` (epoch milliseconds), where that is known. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
  readonly retryUntil: number | undefined;

  constructor(cause: unknown, retryUntil: number | undefined) {
    super(messageOf(cause), { cause });
    this.retryUntil = retryUntil;
  }
}

/** Trying again would end the same way: the object or the program has to change. */
export class StepBroken extends UnrecoverableError {
  constructor(cause: unknown) {
    super(messageOf(cause));
    this.cause = cause;
  }
}

/** @param retryUntil end of the slot in epoch milliseconds */
export const stepFailure = (error: unknown, retryUntil: number | undefined): Error =>
  isTransient(error) ? new StepFailed(error, retryUntil) : new StepBroken(error);

function isTransient(error: unknown): boolean {
  if (isKubernetesError(error)) return error.kind !== 'invalid';
  return error instanceof StepAborted || error instanceof DeadlineError || isRefusedForMemory(error);
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** Where the end of the slot is not known, because the Canary could not even be read. */
const blindAttempts = 10;

export interface Retry {
  /** Attempts so far, from 1. */
  readonly attempts: number;
  readonly error: unknown;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly random: Random;
}

/** Milliseconds until the next attempt, growing and spread; undefined when the slot would be over by then. */
export function retryDelay({ attempts, error, now, random }: Retry): number | undefined {
  const longest = Math.min(firstDelayMs * 2 ** (attempts - 1), longestDelayMs);
  const delay = Math.round(longest * (0.5 + random() / 2));
  const until = error instanceof StepFailed ? error.retryUntil : undefined;
  if (until === undefined) return attempts < blindAttempts ? delay : undefined;
  return now + delay < until ? delay : undefined;
}
