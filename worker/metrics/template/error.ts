/** A template that cannot be read or rendered. The message is the one that users of the reference know. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

/** Line from 1. */
const lineOf = (source: string, offset: number): number => source.slice(0, offset).split('\n').length;

/** Bytes since the last line break. */
function columnOf(source: string, offset: number): number {
  const line = source.slice(source.lastIndexOf('\n', offset - 1) + 1, offset);
  return Buffer.byteLength(line, 'utf8');
}

/** @param offset where in the source the mistake was noticed */
export const parsingFailed = (source: string, offset: number, what: string): TemplateError =>
  new TemplateError(`template parsing failed: template: tmpl:${lineOf(source, offset)}: ${what}`);

/** @param at the expression that could not be evaluated */
export const executionFailed = (source: string, at: { start: number; end: number }, what: string): TemplateError => {
  const place = `tmpl:${lineOf(source, at.start)}:${columnOf(source, at.start)}`;
  const text = source.slice(at.start, at.end);
  return new TemplateError(`template excution failed: template: ${place}: executing "tmpl" at <${text}>: ${what}`);
};
