/**
 * The template language of metric queries: the part of Go's text/template that works without data.
 *
 * Language, functions and error texts: specification of metrics, section 8.
 */
import { parse } from './template/blocks.ts';
import { evaluate } from './template/evaluate.ts';
import { builtins, constant } from './template/functions.ts';
import type { TemplateFunction } from './template/functions.ts';

export { TemplateError } from './template/error.ts';

/** Text that the template's functions of no arguments give, by their names. */
export interface TemplateVariables {
  readonly texts: Readonly<Record<string, string>>;
  /** What `variables` gives: read with `{{ variables.key }}` or `{{ index variables "key" }}`. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Renders a query template.
 *
 * @throws TemplateError `template parsing failed: …` or `template excution failed: …`
 */
export function renderTemplate(source: string, { texts, variables }: TemplateVariables): string {
  const functions: ReadonlyMap<string, TemplateFunction> = new Map([
    ...builtins,
    ...Object.entries(texts).map(([name, text]) => [name, constant(text)] as const),
    ['variables', constant(new Map(Object.entries(variables)))],
  ]);
  return evaluate(parse(source, new Set(functions.keys())), { source, functions });
}
