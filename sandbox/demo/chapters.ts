/** The story in chapters: what happens, when it is over, and what must have become true. Pure. */

/** What is known of the Canary and around it when a chapter is over. */
export interface Findings {
  readonly phase: string;
  readonly weight: number;
  readonly failedChecks: number;
  /** Texts of the Canary's events, oldest first. */
  readonly events: readonly string[];
  readonly messages: readonly string[];
  /** Requests of the visitors during this chapter. */
  readonly requests: number;
  readonly failedRequests: number;
  /** The last failed requests in words. */
  readonly failures: readonly string[];
  readonly answersByRelease: Readonly<Record<string, number>>;
}

/** Who must be there for something to be seen: callers of podinfo, a receiver in Slack's place. */
export type Witness = 'visitors' | 'receiver';

export interface Expectation {
  readonly says: string;
  /** Absent: the Canary itself shows it. */
  readonly needs?: Witness;
  readonly holds: (found: Findings) => boolean;
}

export interface Chapter {
  readonly title: string;
  /** Tag of podinfo that is released at the beginning; absent: the example is applied. */
  readonly release?: string;
  /** Phase in which the chapter is over. */
  readonly until: 'Initialized' | 'Succeeded' | 'Failed';
  readonly expectations: readonly Expectation[];
}

export const firstRelease = '6.9.2';
export const goodRelease = '6.9.2-next';
export const slowRelease = '6.9.2-slow';

const heard = (message: string): Expectation => ({
  says: `Slack's place heard “${message}”`,
  needs: 'receiver',
  holds: ({ messages }) => messages.includes(message),
});

/** Every text occurs, the first occurrence of each after that of the one before. */
export function inOrder(events: readonly string[], texts: readonly RegExp[]): boolean {
  let from = 0;
  for (const text of texts) {
    const at = events.findIndex((event, index) => index >= from && text.test(event));
    if (at === -1) return false;
    from = at + 1;
  }
  return true;
}

const noneFailed: Expectation = {
  says: 'no request of the visitors failed',
  needs: 'visitors',
  holds: ({ requests, failedRequests }) => requests > 0 && failedRequests === 0,
};

const weightSteps = (weights: readonly number[]): readonly RegExp[] =>
  weights.map((weight) => new RegExp(`^Advance podinfo\\.test canary weight ${weight}$`));

const promotion = (weights: readonly number[]): Chapter => ({
  title: 'A good release is promoted',
  release: goodRelease,
  until: 'Succeeded',
  expectations: [
    {
      says: `the traffic moved in steps of ${weights[0]} % up to ${weights.at(-1)} %, then to the new primary`,
      holds: ({ events }) =>
        inOrder(events, [
          ...weightSteps(weights),
          /^Copying podinfo\.test template spec to podinfo-primary\.test$/,
          /^Routing all traffic to primary$/,
          /^Promotion completed! Scaling down podinfo\.test$/,
        ]),
    },
    {
      says: 'visitors met both releases while it moved',
      needs: 'visitors',
      holds: ({ answersByRelease }) =>
        (answersByRelease[firstRelease] ?? 0) > 0 && (answersByRelease[goodRelease] ?? 0) > 0,
    },
    noneFailed,
    heard('New revision detected, progressing canary analysis.'),
    heard('Canary analysis completed successfully, promotion finished.'),
  ],
});

const rollback: Chapter = {
  title: 'A slow release is rolled back',
  release: slowRelease,
  until: 'Failed',
  expectations: [
    {
      says: 'the halts name the measured duration and its bound',
      holds: ({ events }) =>
        events.some((event) => /^Halt podinfo\.test advancement request duration \S+ > 500ms$/.test(event)),
    },
    {
      says: 'five failed checks rolled it back',
      holds: ({ events }) =>
        inOrder(events, [
          /^Rolling back podinfo\.test failed checks threshold reached 5$/,
          /^Canary failed! Scaling down podinfo\.test$/,
        ]),
    },
    { says: 'all traffic is on the primary again', holds: ({ weight }) => weight === 0 },
    noneFailed,
    heard('Failed checks threshold reached 5'),
  ],
};

/** @param weights the weights that the Canary's analysis goes through */
export const chaptersOf = (weights: readonly number[]): readonly Chapter[] => [
  {
    title: 'A Deployment becomes a Canary',
    until: 'Initialized',
    expectations: [
      {
        says: 'a primary was made, serves, and the target rests',
        holds: ({ events }) => events.includes('Initialization done! podinfo.test'),
      },
      heard('New Deployment detected, initialization completed.'),
    ],
  },
  promotion(weights),
  rollback,
];

/** The weights of equal steps up to a maximum, as the analysis of the example takes them. */
export const weightsOf = (stepWeight: number, maxWeight: number): readonly number[] =>
  Array.from({ length: Math.ceil(maxWeight / stepWeight) }, (_, index) => (index + 1) * stepWeight);
