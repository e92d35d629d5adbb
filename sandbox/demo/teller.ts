/** Tells a chapter while it happens: looks every second, paints in a terminal, prints lines elsewhere. */
import logUpdate from 'log-update';
import { systemClock as clock } from '../../platform/clock.ts';
import { numberAt, stringAt } from '../../platform/json.ts';
import type { StoryQueries } from '../story/data-plane.ts';
import type { RunningStory, StoryEvent, Traffic } from '../story/running-story.ts';
import type { Chapter, Findings, Witness } from './chapters.ts';
import { hasComeTrue, judge } from './judge.ts';
import { eventLine, paint } from './picture.ts';
import type { Picture } from './picture.ts';

export interface TellerOptions {
  readonly story: RunningStory;
  readonly queries: StoryQueries;
  /** Failed checks that roll back. */
  readonly threshold: number;
  /** Bound of a chapter, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether the output is a terminal that can be painted on. */
  readonly isTerminal: boolean;
  readonly columns: number;
}

interface Look {
  readonly phase: string;
  readonly weight: number;
  readonly failedChecks: number;
  readonly events: readonly StoryEvent[];
  /** Undefined where nobody visits. */
  readonly traffic: Traffic | undefined;
}

const lookEveryMs = 1_000;
const aftermathMs = 15_000;
const nobody: Traffic = { requests: 0, failed: 0, byRelease: {}, failures: [] };

/** @throws Error when the chapter does not come to its end in time */
export async function tell(chapter: Chapter, options: TellerOptions): Promise<Findings> {
  const { story } = options;
  const before = await look(story);
  const startedAt = clock.now();
  if (chapter.release === undefined) await story.begin();
  else await story.release(chapter.release);
  await follow({ chapter, options, startedAt, before });
  if (chapter.release === undefined) await untilVisitorsAreServed(story);
  return lookBack(chapter, story, before);
}

/** Events and messages follow the status that they tell of, so what is still missing is looked for a few seconds more. */
async function lookBack(chapter: Chapter, story: RunningStory, before: Look): Promise<Findings> {
  const until = clock.now() + aftermathMs;
  for (;;) {
    const found = findings(await look(story), before, (await story.messages?.()) ?? []);
    if (hasComeTrue(judge(chapter, found, witnessesOf(story))) || clock.now() > until) return found;
    await clock.sleep(lookEveryMs);
  }
}

const witnessesOf = (story: RunningStory): readonly Witness[] => [
  ...('traffic' in story ? (['visitors'] as const) : []),
  ...('messages' in story ? (['receiver'] as const) : []),
];

/** Names are new to the cluster's DNS for a few seconds; the story of the visitors begins when they get through. */
async function untilVisitorsAreServed(story: RunningStory): Promise<void> {
  let before = await story.traffic?.();
  const until = clock.now() + 60_000;
  while (before !== undefined && clock.now() < until) {
    await clock.sleep(lookEveryMs);
    const now = await story.traffic?.();
    if (now === undefined || (now.requests > before.requests && now.failed === before.failed)) return;
    before = now;
  }
  if (before === undefined) return;
  throw new Error(
    `visitors: expected answers within 60 s, got only failures: ${before.failures.at(-1) ?? 'none told'}`,
  );
}

async function look(story: RunningStory): Promise<Look> {
  const [canary, events, traffic] = await Promise.all([
    story.canary().catch(() => undefined),
    story.events(),
    story.traffic?.(),
  ]);
  return {
    phase: stringAt(canary, 'status', 'phase') ?? 'none',
    weight: numberAt(canary, 'status', 'canaryWeight') ?? 0,
    failedChecks: numberAt(canary, 'status', 'failedChecks') ?? 0,
    events,
    traffic,
  };
}

interface Watch {
  readonly chapter: Chapter;
  readonly options: TellerOptions;
  readonly startedAt: number;
  readonly before: Look;
}

async function follow(watch: Watch): Promise<void> {
  const { chapter, options, startedAt } = watch;
  const printed = new Set(watch.before.events.map(keyOf));
  let hasBegun = chapter.release === undefined;
  let seen = await look(options.story);
  while (clock.now() - startedAt < options.timeoutMs) {
    await show(watch, seen, printed);
    hasBegun ||= seen.phase === 'Progressing';
    if (hasBegun && seen.phase === chapter.until) {
      if (options.isTerminal) logUpdate.done();
      return;
    }
    await clock.sleep(lookEveryMs);
    seen = await look(options.story);
  }
  throw new Error(await explain(watch, seen));
}

async function explain({ chapter, options }: Watch, seen: Look): Promise<string> {
  const seconds = Math.round(options.timeoutMs / 1_000);
  const trouble = await options.story.trouble().catch(() => []);
  return (
    `'${chapter.title}': expected phase ${chapter.until} within ${seconds} s, got ${seen.phase} at weight ${seen.weight}; ` +
    `its last event: ${seen.events.at(-1)?.message ?? 'none'}` +
    (trouble.length === 0 ? '' : `\n  pods that are not ready:${trouble.map((line) => `\n      ${line}`).join('')}`)
  );
}

const keyOf = ({ message, count }: StoryEvent): string => `${count} ${message}`;

async function show(watch: Watch, seen: Look, printed: Set<string>): Promise<void> {
  const { options, startedAt } = watch;
  const elapsed = (clock.now() - startedAt) / 1_000;
  if (!options.isTerminal) {
    for (const event of seen.events.filter((one) => !printed.has(keyOf(one)))) {
      printed.add(keyOf(event));
      console.log(`${elapsed.toFixed(0).padStart(4)} s ${eventLine(event, 400)}`);
    }
    return;
  }
  const { story, queries, threshold, columns } = options;
  const measure = (query: string): Promise<number | undefined> => story.measure(query).catch(() => undefined);
  const [successRate, duration] = await Promise.all([measure(queries.successRate), measure(queries.duration)]);
  const traffic = visitorsOf(watch, seen);
  const picture = { ...seen, traffic, threshold, successRate, duration, elapsed };
  logUpdate(paint(picture, columns));
}

/** Of this chapter. Until the Services are there nobody can be served, so the first chapter shows none. */
function visitorsOf({ chapter, before }: Watch, { traffic }: Look): Picture['traffic'] {
  if (traffic === undefined || chapter.release === undefined) return undefined;
  const { requests, failed } = before.traffic ?? nobody;
  return { requests: traffic.requests - requests, failed: traffic.failed - failed };
}

function findings(last: Look, before: Look, messages: readonly string[]): Findings {
  const { phase, weight, failedChecks, events } = last;
  const then = before.traffic ?? nobody;
  const now = last.traffic ?? nobody;
  const answersByRelease = Object.fromEntries(
    Object.entries(now.byRelease).map(([release, count]) => [release, count - (then.byRelease[release] ?? 0)]),
  );
  return {
    phase,
    weight,
    failedChecks,
    events: events.map(({ message }) => message),
    messages,
    requests: now.requests - then.requests,
    failedRequests: now.failed - then.failed,
    failures: now.failures,
    answersByRelease,
  };
}
