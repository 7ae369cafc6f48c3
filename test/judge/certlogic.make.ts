import { compileLogic, LogicFault } from '../../src/judge/certlogic.ts';

export const run = (expression: unknown, data: unknown = {}): unknown => compileLogic(expression)(data);
/** Data access. */
export const at = (path: string) => ({ var: path });
/** A date-time from a text. */
export const time = (text: unknown, amount: unknown = 0, unit: unknown = 'day') => ({ plusTime: [text, amount, unit] });

/** The kind of fault an evaluation ends in, or the value that it gave. */
export function faultOf(expression: unknown, data: unknown = {}): string {
  const logic = compileLogic(expression);
  try {
    return `value ${JSON.stringify(logic(data))}`;
  } catch (error) {
    if (!(error instanceof LogicFault)) throw error;
    return error.kind;
  }
}
