/** What one evaluation may still spend. A step is about one operation, or one item or a few characters looked at. */
export interface Budget {
  left: number;
}

/** A compiled expression: data context → value. Date-times are `Date` objects; no other result is made from nothing. */
export type Step = (data: unknown, budget: Budget) => unknown;

/**
 * An evaluation that came to no value. `type`: an operand was not what its operation works on, or the data was not
 * there; `limit`: it would have cost more than a checkpoint spends on a rule. Neither is an answer: whoever asked cannot
 * tell. `at` is a JSON Pointer into the expression; the message never holds a value from the data.
 */
export class LogicFault extends Error {
  override readonly name = 'LogicFault';
  readonly kind: 'type' | 'limit';
  readonly at: string;
  constructor(kind: 'type' | 'limit', at: string, message: string) {
    super(message);
    this.kind = kind;
    this.at = at;
  }
}

/** Pays for work before it is done. @throws LogicFault `limit` when the budget is used up */
export function spend(budget: Budget, steps: number, at: string): void {
  budget.left -= steps;
  if (budget.left < 0) throw new LogicFault('limit', at, 'the rule takes more steps than one evaluation may');
}

/**
 * CertLogic's truthy (true) and falsy (false), which are not JavaScript's. A value that is neither (a fraction, a
 * date-time, bytes) gives undefined, so that no operation takes it for either.
 */
function truth(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === null || value === undefined) return false;
  if (typeof value === 'string') return value !== '';
  if (typeof value === 'number') return Number.isInteger(value) ? value !== 0 : undefined;
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value !== 'object' || value instanceof Date || ArrayBuffer.isView(value)) return undefined;
  for (const name in value) if (Object.hasOwn(value, name)) return true;
  return false;
}

/** Truthy or falsy, nothing in between. @throws LogicFault `type` */
export function decided(value: unknown, at: string): boolean {
  const known = truth(value);
  if (known === undefined) throw new LogicFault('type', at, 'a value that is neither truthy nor falsy');
  return known;
}

/**
 * Equality without coercion. The specification vouches for strings and integers only; two lists, objects or date-times
 * compare differently on every platform, so here they are not compared at all.
 *
 * @throws LogicFault `type`
 */
export function same(one: unknown, other: unknown, at: string): boolean {
  if (isStructured(one) && isStructured(other))
    throw new LogicFault('type', at, 'lists, objects and date-times cannot be compared for equality');
  return one === other;
}

const isStructured = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** One fragment of a `var` path: the member of an object by that name, the item of a list if it is a number. */
export interface Fragment {
  readonly name: string;
  readonly index: number;
}

export function fragmentsOf(path: string): Fragment[] {
  if (path === '') return [];
  return path.split('.').map((name) => ({ name, index: /^[0-9]{1,9}$/.test(name) ? Number(name) : -1 }));
}

/**
 * What stands at a path, null if nothing does. Own members only: a path such as `__proto__.x` or `constructor` names
 * nothing, nor does the length of a list or a letter of a text, which only some platforms would give.
 */
export function lookUp(data: unknown, fragments: readonly Fragment[]): unknown {
  let here = data;
  for (const { name, index } of fragments) {
    if (Array.isArray(here)) here = index >= 0 && index < here.length ? here[index] : null;
    else if (typeof here === 'object' && here !== null && !ArrayBuffer.isView(here) && Object.hasOwn(here, name))
      here = (here as Record<string, unknown>)[name];
    else return null;
  }
  return here === undefined ? null : here;
}
