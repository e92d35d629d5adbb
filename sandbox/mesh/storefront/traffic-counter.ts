// Counts what came back: by version and status, with the last failures in full.

/** One request's outcome. Without an answer `status` is 0 and `error` says why. */
export interface Outcome {
  readonly at: string;
  readonly version: string;
  readonly status: number;
  readonly error?: string;
}

export interface VersionCount {
  readonly version: string;
  readonly status: number;
  readonly count: number;
}

export interface TrafficCounts {
  readonly requests: number;
  /** Answers other than 2xx, and requests without an answer. */
  readonly failed: number;
  /** Ordered by version, then status. */
  readonly answers: readonly VersionCount[];
  readonly lastFailures: readonly Outcome[];
}

export interface TrafficCounter {
  record(outcome: Outcome): void;
  counts(): TrafficCounts;
}

const keptFailures = 20;

export function createTrafficCounter(): TrafficCounter {
  const answers = new Map<string, VersionCount>();
  const lastFailures: Outcome[] = [];
  let requests = 0;
  let failed = 0;
  return {
    record(outcome) {
      const { version, status } = outcome;
      requests += 1;
      const key = `${version} ${status}`;
      answers.set(key, { version, status, count: (answers.get(key)?.count ?? 0) + 1 });
      if (isSuccess(status)) return;
      failed += 1;
      lastFailures.push(outcome);
      if (lastFailures.length > keptFailures) lastFailures.shift();
    },
    counts: () => ({
      requests,
      failed,
      answers: [...answers.values()].sort(byVersionThenStatus),
      lastFailures: [...lastFailures],
    }),
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function byVersionThenStatus(a: VersionCount, b: VersionCount): number {
  return a.version === b.version ? a.status - b.status : a.version < b.version ? -1 : 1;
}
