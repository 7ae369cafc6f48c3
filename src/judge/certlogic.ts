import { pointerOf } from '../document/pointer.ts';
import { access, OPERATIONS, type Operation } from './certlogic-operations.ts';
import { type Budget, type Step, spend } from './certlogic-values.ts';

export { type Budget, LogicFault } from './certlogic-values.ts';

/** The version of the specification that this engine follows (ehn-dcc-development, CertLogic). */
export const CERTLOGIC_VERSION = '1.3.3';

/** Bounds that a rule from another government keeps, so that none can hang a checkpoint. */
export interface LogicLimits {
  /** Nesting of operations and lists. */
  readonly depth: number;
  /** Operations, lists, literals and operands in one expression. */
  readonly nodes: number;
  /** Items that one `reduce` walks. */
  readonly elements: number;
  /** Steps of one evaluation: see Budget. */
  readonly steps: number;
}

export const LOGIC_LIMITS: LogicLimits = { depth: 100, nodes: 10_000, elements: 10_000, steps: 200_000 };

/** Longer paths than any document is deep. */
const MAX_PATH = 1000;
/** What is wrong with an expression is listed up to here. */
const MAX_PROBLEMS = 100;

/** One thing wrong with an expression: where (JSON Pointer), the expression at fault, and the reason in English. */
export interface LogicProblem {
  readonly at: string;
  readonly expr: unknown;
  readonly message: string;
}

/** An expression that is not CertLogic, or passes a limit. `problems` is never empty; the message is the first of them. */
export class LogicError extends Error {
  override readonly name = 'LogicError';
  readonly problems: readonly LogicProblem[];
  constructor(problems: readonly LogicProblem[]) {
    super(`${problems[0]!.at}: ${problems[0]!.message}`);
    this.problems = problems;
  }
}

/**
 * A compiled rule. In: the data context (JSON data; objects with or without a prototype) and, where several rules share
 * one budget, that. Out: a value; date-times are `Date`. Same data, same value; it keeps nothing and changes nothing.
 *
 * @throws LogicFault if the data does not allow an answer, or a limit was passed
 */
export type Logic = (data: unknown, budget?: Budget) => unknown;

/**
 * Compiles an expression into plain closures, never into source text.
 *
 * @throws LogicError
 */
export function compileLogic(expression: unknown, limits: LogicLimits = LOGIC_LIMITS): Logic {
  const problems = validateLogic(expression, limits);
  if (problems.length > 0) throw new LogicError(problems);
  const step = build(expression, '', limits);
  return (data, budget = { left: limits.steps }) => step(data === undefined ? null : data, budget);
}

interface Inspection {
  readonly limits: LogicLimits;
  readonly problems: LogicProblem[];
  nodes: number;
}

/** Everything about an expression that can be known to be wrong without data. Out: the problems, outermost first. */
export function validateLogic(expression: unknown, limits: LogicLimits = LOGIC_LIMITS): LogicProblem[] {
  const inspection: Inspection = { limits, problems: [], nodes: 0 };
  inspect(expression, [], 1, inspection);
  return inspection.problems;
}

function inspect(expr: unknown, path: (string | number)[], depth: number, inspection: Inspection): void {
  const { limits, problems } = inspection;
  const report = (message: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ at: pointerOf(path), expr, message });
  };
  inspection.nodes += 1;
  if (inspection.nodes > limits.nodes) {
    // The walk ends here, so this is said once.
    report(`more than ${limits.nodes} nodes`);
    return;
  }
  const trouble = depth > limits.depth ? `nested more than ${limits.depth} deep` : troubleWith(expr);
  if (trouble !== undefined) {
    report(trouble);
    return;
  }
  if (Array.isArray(expr)) inspectEach(expr, path, depth, inspection, undefined);
  if (typeof expr !== 'object' || Array.isArray(expr)) return;
  const [name, operands] = Object.entries(expr as object)[0] as [string, unknown[]];
  const operation = OPERATIONS.get(name);
  if (operation === undefined) return;
  for (const each of operandTroubles(name, operation, operands)) report(each);
  path.push(name);
  inspectEach(operands, path, depth, inspection, operation.written);
  path.pop();
}

/** What keeps an expression from being looked into further. */
function troubleWith(expr: unknown): string | undefined {
  if (typeof expr === 'string' || typeof expr === 'boolean' || Number.isSafeInteger(expr)) return undefined;
  if (typeof expr === 'number') return 'a number that is no integer';
  if (typeof expr !== 'object' || expr === null) return 'neither a literal nor an operation';
  if (Array.isArray(expr)) return undefined;
  const names = Object.keys(expr);
  const [name] = names;
  if (name === undefined || names.length > 1) return `an operation has one name, not ${names.length}`;
  const operands = (expr as Record<string, unknown>)[name];
  if (name === 'var') return troubleWithPath(operands);
  if (!OPERATIONS.has(name)) return `there is no operation "${name.slice(0, 40).toWellFormed()}"`;
  return Array.isArray(operands) ? undefined : `the operands of "${name}" are no list`;
}

function operandTroubles(name: string, operation: Operation, operands: readonly unknown[]): string[] {
  const { least, most, written = {} } = operation;
  const troubles: string[] = [];
  if (operands.length < least || operands.length > most)
    troubles.push(`"${name}" takes ${amount(least, most)}, not ${operands.length}`);
  for (const [index, { must, holds }] of Object.entries(written)) {
    const i = Number(index);
    if (i < operands.length && !holds(operands[i])) troubles.push(`operand ${i + 1} of "${name}" must be ${must}`);
  }
  return troubles;
}

function inspectEach(
  items: readonly unknown[],
  path: (string | number)[],
  depth: number,
  inspection: Inspection,
  skip: Readonly<Record<number, unknown>> | undefined,
): void {
  for (let i = 0; i < items.length && inspection.nodes <= inspection.limits.nodes; i++) {
    if (skip?.[i] !== undefined) continue;
    path.push(i);
    inspect(items[i], path, depth + 1, inspection);
    path.pop();
  }
}

const amount = (least: number, most: number): string => {
  const operands = (count: number): string => `${count} operand${count === 1 ? '' : 's'}`;
  if (least === most) return operands(least);
  return most === Number.POSITIVE_INFINITY ? `${least} operands or more` : `${least} to ${operands(most)}`;
};

function troubleWithPath(path: unknown): string | undefined {
  if (typeof path !== 'string') return 'not of the form { "var": "<path>" }';
  if (path.length > MAX_PATH) return `a data access path of more than ${MAX_PATH} characters`;
  return path === '' || path.split('.').every((fragment) => fragment !== '')
    ? undefined
    : `data access path doesn't have a valid format: ${path.slice(0, 100).toWellFormed()}`;
}

/** `expr` is valid and within the limits. */
function build(expr: unknown, at: string, limits: LogicLimits): Step {
  if (typeof expr !== 'object' || expr === null) return () => expr;
  if (Array.isArray(expr)) return buildList(expr, at, limits);
  const [name] = Object.keys(expr) as [string];
  const here = `${at}/${name}`;
  const operands = (expr as Record<string, unknown>)[name];
  if (name === 'var') return access(operands as string, here);
  const { written, build: make } = OPERATIONS.get(name)!;
  const steps = (operands as unknown[]).map((operand, i) =>
    written?.[i] === undefined ? build(operand, `${here}/${i}`, limits) : NO_STEP,
  );
  return make({ at: here, steps, operands: operands as unknown[], elements: limits.elements });
}

const NO_STEP: Step = () => null;

function buildList(items: readonly unknown[], at: string, limits: LogicLimits): Step {
  if (items.every((item) => typeof item !== 'object')) {
    const list = Object.freeze([...items]);
    return () => list;
  }
  const steps = items.map((item, i) => build(item, `${at}/${i}`, limits));
  return (data, budget) => {
    spend(budget, steps.length, at);
    return steps.map((step) => step(data, budget));
  };
}
