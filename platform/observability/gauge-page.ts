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
  let text = '';
  for (const name in labels) text += `${text === '' ? '{' : ','}${name}="${escaped(labels[name] ?? '')}"`;
  return text === '' ? '' : `${text}}`;
}

/** Hardly any value needs it. */
const escaped = (value: string): string =>
  /[\\\n"]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"') : value;

function valueText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
