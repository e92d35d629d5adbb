/** Walks the syntax tree of a template and writes its text. */
import { executionFailed } from './error.ts';
import type { TemplateFunction } from './functions.ts';
import { plain } from './printf.ts';
import type { Command, Expression, Node, Pipeline, Span } from './syntax-tree.ts';
import { typeName } from './value.ts';
import type { Value } from './value.ts';

export interface Environment {
  readonly source: string;
  readonly functions: ReadonlyMap<string, TemplateFunction>;
}

interface Frame extends Environment {
  readonly variables: Map<string, Value>;
}

/** @throws TemplateError with the place and the expression that could not be evaluated */
export function evaluate(nodes: readonly Node[], environment: Environment): string {
  const frame: Frame = { ...environment, variables: new Map([['$', null]]) };
  return nodes.map((node) => (node.kind === 'text' ? node.text : printed(frame, node.pipeline))).join('');
}

/** An assignment prints nothing. */
function printed(frame: Frame, pipeline: Pipeline): string {
  const value = valueOfPipeline(frame, pipeline);
  if (pipeline.target !== undefined) return '';
  return value === null ? '<no value>' : plain(value);
}

function valueOfPipeline(frame: Frame, { target, commands }: Pipeline): Value {
  let value: Value | undefined;
  for (const command of commands) value = valueOfCommand(frame, command, value);
  const result = value ?? null;
  if (target !== undefined) frame.variables.set(target.name, result);
  return result;
}

/** @param piped result of the command before, undefined for the first */
function valueOfCommand(frame: Frame, command: Command, piped: Value | undefined): Value {
  const { head, operands } = command;
  if (head.kind === 'function') {
    const called = functionNamed(frame, head, operands.length + (piped === undefined ? 0 : 1));
    const args = operands.map((operand) => valueOf(frame, operand));
    return call(frame, { called, name: head.name, at: command }, piped === undefined ? args : [...args, piped]);
  }
  if (head.kind === 'nil') throw executionFailed(frame.source, head, 'nil is not a command');
  if (operands.length > 0 || piped !== undefined) {
    const shown = frame.source.slice(head.start, head.end);
    throw executionFailed(frame.source, head, `can't give argument to non-function ${shown}`);
  }
  return valueOf(frame, head);
}

function valueOf(frame: Frame, expression: Expression): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'nil':
    case 'dot':
      return null;
    case 'variable':
      return frame.variables.get(expression.name) ?? null;
    case 'function':
      return call(frame, { called: functionNamed(frame, expression, 0), name: expression.name, at: expression }, []);
    case 'parenthesised':
      return valueOfPipeline(frame, expression.pipeline);
    case 'field':
      break;
  }
  const start = valueOf(frame, expression.of);
  return expression.names.reduce((of, name) => fieldOf(frame, of, { name, at: expression.of }), start);
}

function fieldOf({ source }: Frame, of: Value, { name, at }: { name: string; at: Span }): Value {
  if (of === null) throw executionFailed(source, at, `nil data; no entry for key "${name}"`);
  if (typeof of !== 'object') throw executionFailed(source, at, `can't evaluate field ${name} in type ${typeName(of)}`);
  const value = of.get(name);
  if (value === undefined) throw executionFailed(source, at, `map has no entry for key "${name}"`);
  return value;
}

/** Looks the function up and sees that it takes so many arguments, before any of them is evaluated. */
function functionNamed({ source, functions }: Frame, head: Span & { name: string }, count: number): TemplateFunction {
  const called = functions.get(head.name);
  if (called === undefined) throw executionFailed(source, head, `"${head.name}" is not a defined function`);
  const wanted = arityProblem(called, count);
  if (wanted === undefined) return called;
  throw executionFailed(source, head, `wrong number of args for ${head.name}: want ${wanted} got ${count}`);
}

interface Call {
  readonly called: TemplateFunction;
  readonly name: string;
  readonly at: Span;
}

function call({ source }: Frame, { called, name, at }: Call, args: readonly Value[]): Value {
  try {
    return called.call(...args);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw executionFailed(source, at, `error calling ${name}: ${why}`);
  }
}

function arityProblem({ least, most }: TemplateFunction, count: number): string | undefined {
  if (most === undefined) return count < least ? `at least ${least}` : undefined;
  return count < least || count > most ? String(most) : undefined;
}
