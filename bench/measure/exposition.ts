/** Reads counters from the text that Prometheus scrapes. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of one metric. */
export function samplesOf(text: string, metric: string): readonly Sample[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .map((line) => ({ labels: labelsOf(line), value: Number(line.slice(line.lastIndexOf(' ') + 1)) }));
}

const labelsOf = (line: string): Record<string, string> =>
  Object.fromEntries(
    [...line.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [label, value]),
  );

/** Sums by a name that is made of the labels; what has none is left out. */
export function sumBy(
  samples: readonly Sample[],
  nameOf: (labels: Sample['labels']) => string | undefined,
): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const { labels, value } of samples) {
    const name = nameOf(labels);
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return Object.fromEntries(sums);
}
