/** What holds when a history is over and everything is quiet again. */
import { isDeepStrictEqual } from 'node:util';
import { revisionOf } from '../../../sandbox/simulated/workloads.ts';
import type { Release } from '../../../sandbox/simulated/workloads.ts';
import { whereabouts } from './play.ts';
import type { History } from './play.ts';
import { violated } from './violated.ts';

const settledPhases: ReadonlySet<string | undefined> = new Set(['Initialized', 'Succeeded', 'Failed']);

/** Invariants 7 and 9: the last release is promoted or refused, never forgotten, and nothing is stuck on the way. */
export function checkEnd(history: History): void {
  const { phase } = history.session.canary().status;
  if (phase === 'Initializing' && !history.latest.starts) return;
  if (!settledPhases.has(phase)) violated(9, `stuck: ${whereabouts(history)}`);
  // Somebody took the primary away while its target was bad: nothing is left that it could be made of.
  if (history.cluster.state().primary?.release.starts !== true) checkStalled(history);
  else checkRest(history);
}

function checkRest(history: History): void {
  const { target, routes } = history.cluster.state();
  if (target.replicas !== 0 || routes?.canary !== 0) violated(9, `not at rest: ${whereabouts(history)}`);
  if (history.latest.starts && !isDecidedOn(history)) violated(7, `lost a revision: ${whereabouts(history)}`);
  if (isWriting(history)) violated(10, `writes at rest: ${whereabouts(history)}`);
}

function checkStalled(history: History): void {
  const { conditions } = history.session.canary().status;
  const isSettled = history.session.steps().at(-1)?.outcome === 'settled';
  if (!isSettled && !conditions.some(({ type }) => type === 'Stalled'))
    violated(9, `waits and does not say so: ${whereabouts(history)}`);
}

function isDecidedOn({ session, cluster, latest }: History): boolean {
  const { primary } = cluster.state();
  const { lastAppliedSpec, trackedConfigs } = session.canary().status;
  const { template, configs } = revisionOf(latest);
  const isPromoted = primary !== undefined && sameRelease(primary.release, latest);
  return isPromoted || (lastAppliedSpec === template && isDeepStrictEqual(trackedConfigs, configs));
}

const sameRelease = (one: Release, other: Release): boolean => one.name === other.name && one.config === other.config;

/** The last two slots have neither written a status nor asked for more than the settled look. */
function isWriting({ session }: History): boolean {
  const [before, last] = session.steps().slice(-2);
  return before?.outcome !== 'settled' || last?.outcome !== 'settled' || before.canary !== last.canary;
}
