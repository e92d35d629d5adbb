/** Tables in Markdown that read well as plain text too. */

/** A column: its head, and what it shows of a row. */
export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  /** Numbers stand at the right; they do unless told. */
  readonly side?: 'left' | 'right';
}

export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ head }) => head), ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
  const widths = columns.map((_, index) => Math.max(3, ...lines.map((line) => line[index]?.length ?? 0)));
  const isLeft = (index: number): boolean => columns[index]?.side === 'left';
  const padded = (text: string, index: number): string =>
    isLeft(index) ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0);
  const rule = widths.map((width, index) => (isLeft(index) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const [head = [], ...body] = lines.map((line) => line.map(padded));
  return [head, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** With so many digits after the point, thousands apart: `12,345.6`. */
export const fixed = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: 'negative',
  });
