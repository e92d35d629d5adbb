/** The same story on the cluster in memory: the real rules, no servers. Labelled as what it is. */
import type { Announcement, Canary } from '../../canary/canary.ts';
import { parseCanary } from '../../canary/parse.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { createSimulatedCluster } from '../simulated/cluster.ts';
import { createSession } from '../simulated/session.ts';
import type { Session } from '../simulated/session.ts';
import type { Release } from '../simulated/workloads.ts';
import type { Chapter, Findings } from './chapters.ts';
import { firstRelease, slowRelease } from './chapters.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const podStartMs = 5_000;
const mostSlots = 60;

const releaseOf = (tag: string): Release => ({
  name: tag,
  successRate: 100,
  latency: tag === slowRelease ? 990 : 21,
  starts: true,
});

/** The example's Canary as an API server would return it. @throws Error when it does not parse */
function stored(example: KubernetesObject): Canary {
  const metadata = {
    ...example.metadata,
    uid: '6c1b0f5e-3d0e-4a43-9a52-0f1f4f9f8a11',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  };
  const parsed = parseCanary({ ...example, metadata }, { defaultProvider: 'kuma' });
  if (parsed.ok) return parsed.canary;
  throw new Error(
    `the example: ${parsed.problems.map(({ path, expected }) => `${path}: expected ${expected}`).join('; ')}`,
  );
}

/** Plays chapters one after another. `print` is told each event with the simulated seconds since the beginning. */
export function createSimulatedStory(example: KubernetesObject, print: (seconds: number, line: string) => void) {
  const cluster = createSimulatedCluster(releaseOf(firstRelease), podStartMs);
  const session = createSession(stored(example), cluster);
  const { intervalMs } = session.canary().spec.analysis;
  let now = start;

  function slot(): void {
    const known = session.delivered().length;
    session.step(now);
    for (const { announcement } of session.delivered().slice(known)) {
      if (announcement.kind === 'event')
        print((now - start) / 1_000, `${announcement.type.padEnd(8)} ${announcement.message}`);
    }
    now += intervalMs;
  }

  return {
    play(chapter: Chapter): Findings {
      if (chapter.release !== undefined) cluster.release(releaseOf(chapter.release), now);
      let hasBegun = chapter.release === undefined;
      for (let count = 0; count < mostSlots; count += 1) {
        slot();
        const { phase } = session.canary().status;
        hasBegun ||= phase === 'Progressing';
        if (hasBegun && phase === chapter.until) return findings(session, cluster.state().routes?.canary ?? 0);
      }
      throw new Error(`'${chapter.title}': expected phase ${chapter.until} within ${mostSlots} steps`);
    },
  };
}

function findings(session: Session, weight: number): Findings {
  const { status } = session.canary();
  const texts = (kind: Announcement['kind']): readonly string[] =>
    session
      .delivered()
      .flatMap(({ announcement }) =>
        announcement.kind === kind && 'message' in announcement ? [announcement.message] : [],
      );
  // Nobody visits a cluster in memory: what is expected of visitors is not claimed.
  return {
    phase: status.phase ?? '',
    weight,
    failedChecks: status.failedChecks,
    events: texts('event'),
    messages: texts('alert'),
    requests: 0,
    failedRequests: 0,
    failures: [],
    answersByRelease: {},
  };
}
