import type { StoreErrorCode } from '../error.ts';

/** SQLSTATE (ISO/IEC 9075) by its code, then by its class. */
const STATES: Readonly<Record<string, StoreErrorCode>> = {
  '23505': 'conflict',
  '25006': 'read-only',
  '40001': 'busy',
  '40P01': 'busy',
  '53100': 'full',
  '55P03': 'busy',
  '57014': 'busy',
  '08': 'unavailable',
  '22': 'refused',
  '23': 'refused',
  '28': 'unavailable',
  '3D': 'unavailable',
  '42': 'internal',
  '53': 'busy',
  '57': 'unavailable',
  '58': 'unavailable',
  P0: 'refused',
  XX: 'damaged',
};

/** Node's codes for a connection that could not be had, or was lost, begin so. */
const NETWORK = /^E[A-Z]/;

/** How pg says, without a code, that the server did not answer or hung up. */
const HUNG_UP = /timeout|terminated|not queryable|Connection ended/i;

export function codeOf(error: unknown): StoreErrorCode {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string') {
    const known = STATES[code] ?? STATES[code.slice(0, 2)];
    if (/^[0-9A-Z]{5}$/.test(code) && known !== undefined) return known;
    return NETWORK.test(code) ? 'unavailable' : 'internal';
  }
  return typeof message === 'string' && HUNG_UP.test(message) ? 'unavailable' : 'internal';
}
