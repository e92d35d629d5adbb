/**
 * A page of gauges that is made anew for each scrape. For thousands of series that change all the time: prom-client would
 * keep each of them, and take five times as long.
 */
export interface GaugePage {
  gauge(description: { readonly name: string; readonly help: string }): SetGauge;
  /** Prometheus text format. */
  render(): string;
}

/** Adds a series; each set of labels may be given once. */
export type SetGauge = (value: number, labels?: Readonly<Record<string, string>>) => void;

export function createGaugePage(): GaugePage {
  const families: string[][] = [];
  return {
    gauge: ({ name, help }) => {
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];
      families.push(lines);
      return (value, labels = {}) => void lines.push(`${name}${labelsText(labels)} ${valueText(value)}`);
    },
    render: () => families.map((lines) => `${lines.join('\n')}\n`).join(''),
  };
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');

function valueText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
