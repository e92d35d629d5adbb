/** Walks the syntax tree of a template and writes its text. */
import { executionFailed } from './error.ts';
import type { TemplateFunction } from './functions.ts';
import { createBudget } from './limits.ts';
import type { Budget } from './limits.ts';
import { plain } from './printf.ts';
import type { Branch, Command, Expression, Node, Pipeline, Range, Span, Target } from './syntax-tree.ts';
import { isTruthy, typeName } from './value.ts';
import type { Value } from './value.ts';
import { messageOf } from '../../../platform/error-message.ts';

export interface Environment {
  readonly source: string;
  readonly functions: ReadonlyMap<string, TemplateFunction>;
}

interface Frame extends Environment {
  readonly budget: Budget;
  readonly variables: Variables;
  readonly dot: Value;
}

/** Variables of one structure, inside of those around it. */
interface Variables {
  readonly own: Map<string, Value>;
  readonly outer?: Variables;
}

/** What is next when a list of nodes is done. */
type Next = 'on' | 'break' | 'continue';

/** @throws TemplateError with the place and the expression that could not be evaluated, or when it takes too much work */
export function evaluate(nodes: readonly Node[], environment: Environment): string {
  const out: string[] = [];
  const variables: Variables = { own: new Map([['$', null]]) };
  walk({ ...environment, budget: createBudget(), variables, dot: null }, nodes, out);
  return out.join('');
}

function walk(frame: Frame, nodes: readonly Node[], out: string[]): Next {
  for (const node of nodes) {
    const next = step(frame, node, out);
    if (next !== 'on') return next;
  }
  return 'on';
}

function step(frame: Frame, node: Node, out: string[]): Next {
  switch (node.kind) {
    case 'text':
      write(frame, node.text, out);
      return 'on';
    case 'action':
      write(frame, printed(frame, node.pipeline), out);
      return 'on';
    case 'if':
    case 'with':
      return branch(frame, node, out);
    case 'range':
      return iterate(frame, node, out);
    case 'break':
    case 'continue':
      return node.kind;
    default:
      return node satisfies never;
  }
}

function write({ budget }: Frame, text: string, out: string[]): void {
  budget.spend(1 + text.length);
  out.push(text);
}

/** Declarations made from here on are forgotten with it. */
const inside = (frame: Frame, dot = frame.dot): Frame => ({
  ...frame,
  variables: { own: new Map(), outer: frame.variables },
  dot,
});

function branch(frame: Frame, node: Branch, out: string[]): Next {
  const scope = inside(frame);
  const value = valueOfPipeline(scope, node.pipeline);
  if (!isTruthy(value)) return walk(inside(scope), node.otherwise, out);
  return walk(inside(scope, node.kind === 'with' ? value : scope.dot), node.body, out);
}

function iterate(frame: Frame, node: Range, out: string[]): Next {
  const scope = inside(frame);
  const elements = elementsOf(scope, node);
  frame.budget.spend(elements.length);
  if (elements.length === 0) return walk(inside(scope), node.otherwise, out);
  for (const [key, element] of elements) {
    const turn = inside(scope, element);
    const values = node.targets.length === 2 ? [key, element] : [element];
    node.targets.forEach((target, index) => assign(turn, { ...target, at: node.pipeline }, values[index] ?? null));
    if (walk(turn, node.body, out) === 'break') break;
  }
  return 'on';
}

type Element = readonly [key: Value, element: Value];

/** A query is a few lines; a worker must not write endless ones. */
const mostTurns = 10_000n;

/** The entries of a map by their keys, or the whole numbers below a number. */
function elementsOf(frame: Frame, { pipeline, targets }: Range): readonly Element[] {
  const value = valueOfPipeline(frame, pipeline);
  if (value === null) return [];
  if (typeof value === 'object') return [...value].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const problem = (what: string): Error => executionFailed(frame.source, pipeline, what);
  if (typeof value !== 'bigint') throw problem(`range can't iterate over ${plain(value)}`);
  if (targets.length > 1) throw problem(`can't use ${value} to iterate over more than one variable`);
  if (value > mostTurns) throw problem(`range over ${value}: expected at most ${mostTurns}`);
  return Array.from({ length: Math.max(0, Number(value)) }, (_none, index) => [BigInt(index), BigInt(index)] as const);
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
  if (target !== undefined) assign(frame, { ...target, at: commands.at(-1)?.head }, result);
  return result;
}

interface Assignment extends Target {
  /** What was evaluated last. */
  readonly at: Span | undefined;
}

function assign({ source, variables }: Frame, { name, declares, at }: Assignment, value: Value): void {
  const owner = declares ? variables : ownerOf(variables, name);
  if (owner === undefined) throw executionFailed(source, at ?? { start: 0, end: 0 }, `undefined variable: ${name}`);
  owner.own.set(name, value);
}

function ownerOf(variables: Variables, name: string): Variables | undefined {
  let scope: Variables | undefined = variables;
  while (scope !== undefined && !scope.own.has(name)) scope = scope.outer;
  return scope;
}

/** @param piped result of the command before, undefined for the first */
function valueOfCommand(frame: Frame, command: Command, piped: Value | undefined): Value {
  const { head, operands } = command;
  if (head.kind === 'function') {
    const called = functionNamed(frame, head, operands.length + (piped === undefined ? 0 : 1));
    const args = argumentsOf(frame, operands, called);
    return call(frame, { called, name: head.name, at: command }, piped === undefined ? args : [...args, piped]);
  }
  if (head.kind === 'nil') throw executionFailed(frame.source, head, 'nil is not a command');
  if (operands.length > 0 || piped !== undefined) {
    const shown = frame.source.slice(head.start, head.end);
    throw executionFailed(frame.source, head, `can't give argument to non-function ${shown}`);
  }
  return valueOf(frame, head);
}

/** In their order, up to the one that is enough. */
function argumentsOf(frame: Frame, operands: readonly Expression[], { isEnough }: TemplateFunction): readonly Value[] {
  const args: Value[] = [];
  for (const operand of operands) {
    const value = valueOf(frame, operand);
    args.push(value);
    if (isEnough?.(value) === true) break;
  }
  return args;
}

function valueOf(frame: Frame, expression: Expression): Value {
  frame.budget.spend(1);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'nil':
      return null;
    case 'dot':
      return frame.dot;
    case 'variable':
      return ownerOf(frame.variables, expression.name)?.own.get(expression.name) ?? null;
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

function call({ source, budget }: Frame, { called, name, at }: Call, args: readonly Value[]): Value {
  budget.spend(1 + charactersIn(args));
  let value: Value;
  try {
    value = called.call(...args);
  } catch (error) {
    const why = messageOf(error);
    throw executionFailed(source, at, `error calling ${name}: ${why}`);
  }
  budget.spend(charactersIn([value]));
  return value;
}

function arityProblem({ least, most }: TemplateFunction, count: number): string | undefined {
  if (most === undefined) return count < least ? `at least ${least}` : undefined;
  return count < least || count > most ? String(most) : undefined;
}

const charactersIn = (values: readonly Value[]): number =>
  values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
