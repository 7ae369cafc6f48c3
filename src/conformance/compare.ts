import { encodeHex } from '../codec/hex.ts';

/**
 * Are these the same data? Issuers render the same content in ways that differ without meaning: a member that is null
 * or missing, 1.0 for 1, another spelling of the same instant. Map order never counts.
 */
export function sameData(one: unknown, other: unknown): boolean {
  return JSON.stringify(normal(one)) === JSON.stringify(normal(other));
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

function normal(node: unknown): unknown {
  if (node instanceof Uint8Array) return `hex:${encodeHex(node)}`;
  if (typeof node === 'string' && node.length <= 40 && INSTANT.test(node)) {
    const ms = Date.parse(node.replace(/([+-]\d{2})$/, '$1:00'));
    return Number.isNaN(ms) ? node : `instant:${ms}`;
  }
  if (Array.isArray(node)) return node.map(normal);
  if (typeof node !== 'object' || node === null) return typeof node === 'bigint' ? Number(node) : node;
  const entries = Object.entries(node).filter(([, value]) => value !== null && value !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, value]) => [key, normal(value)]);
}
