import { describe, expect, it, test } from 'vitest';
import { allowed, createLog, traceOf } from '../../src/http/log.ts';

describe('what a log line may hold', () => {
  it('keeps the fields of its list in their forms, and only counts the others', () => {
    const fields = {
      id: '01234567-89ab-cdef-0123-456789abcdef',
      method: 'POST',
      route: '/schemas/{name}',
      status: 200,
      ms: 1.5,
      outcome: 'accept',
      reasons: ['EXPIRED'],
    };
    expect(allowed(fields)).toEqual(fields);
    expect(allowed({ ...fields, url: 'http://127.0.0.1:8080' })).toEqual({ ...fields, url: 'http://127.0.0.1:8080' });
    expect(
      allowed({ text: 'x', document: {}, body: 'x', err: new Error('x'), req: {}, __proto__: { name: 'x' } }),
    ).toEqual({ refused: 5 });
    expect(allowed({ constructor: 'x', toString: 1 })).toEqual({ refused: 2 });
  });

  it.each(['lane-7', 'k'.repeat(40), '330000/a', `330000/${'k'.repeat(40)}`])('says of its caller %s', (caller) => {
    expect(allowed({ caller })).toEqual({ caller });
  });

  test.each([
    ['caller', `330000/${'k'.repeat(41)}`],
    ['caller', '330000/a19900500'],
    ['id', '310000199005000000'],
    ['id', 'chosen-by-a-caller'],
    ['method', '某某某'],
    ['route', '/v1/verify?for=310000'],
    ['route', '/schemas/某某某'],
    ['route', '/v1/verify/MUSTEREVA'],
    ['status', '200'],
    ['ms', Number.NaN],
    ['outcome', 'Muster, Eva'],
    ['reasons', ['EXPIRED', 'Muster, Eva']],
    ['reasons', 'EXPIRED'],
    ['problem', 'it went wrong with 310000199005000000'],
    ['incident', '310000199005000000'],
    ['error', 'Error: 某某某'],
    ['frames', ['某某某:1:1']],
    ['url', 'http://127.0.0.1:8080/?name=x'],
    ['aborted', 'yes'],
  ])('refuses %s: %j', (name, value) => {
    expect(allowed({ [name]: value })).toEqual({ refused: 1 });
  });

  it('has no way to log a sentence of its own, or an error as it is', () => {
    const lines: string[] = [];
    const log = createLog('trace', { write: (line) => lines.push(line) });
    log.write('internal', new Error('某某某') as never);
    log.write('internal', { err: new Error('某某某'), msg: '某某某' } as never);
    expect(lines).toHaveLength(2);
    expect(lines.join('')).not.toContain('某某某');
  });

  it('tells of an error its class and its places, not its message, though that may look like a place', () => {
    const error = new RangeError('x\n    at 某某某 (file:///a/MUSTEREVA.ts:1:1)\n    at b/c.ts:2:2');
    const { error: name, frames } = traceOf(error) as { error: string; frames: string[] };
    expect(name).toBe('RangeError');
    expect(frames[0]).toMatch(/^http\/log\.test\.ts:\d+:\d+$/);
    expect(frames.join()).not.toMatch(/MUSTEREVA|c\.ts:2:2/);
    // A message that was put in later is not in the stack, so what in the stack is message cannot be told.
    const changed = new Error('a');
    expect(changed.stack).toContain('Error: a');
    changed.message = '某某某';
    expect(traceOf(changed)).toEqual({ error: 'Error', frames: [] });
    expect(traceOf('某某某')).toEqual({ error: 'NoError' });
  });

  it('writes nothing below its level', () => {
    const lines: string[] = [];
    createLog('error', { write: (line) => lines.push(line) }).write('request', {});
    createLog('silent', { write: (line) => lines.push(line) }).write('internal', {});
    expect(lines).toEqual([]);
  });
});
