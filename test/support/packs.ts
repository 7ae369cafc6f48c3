import { expect } from 'vitest';
import type { FormatDeclaration, IssuerEntry } from '../../src/document/generated/types.ts';
import type { Federation } from '../../src/region/federation.ts';
import {
  federationWith,
  fileOf,
  issuersOf,
  ownKey,
  packFiles,
  samples,
  sampleVerdict,
  testFormat,
} from './federation.ts';

/**
 * What a pack from elsewhere can have wrong. Each fault is named with its file, its place and its reason, and stops
 * nothing but itself: the other regions' documents are judged as before.
 */
export const key = ownKey();
export const base = 'regions/x-test/';
export const FORMAT = `${base}formats/test.json`;
export const pack = (changes: Readonly<Record<string, unknown>>) =>
  federationWith({ ...packFiles({ issuers: [key.entry] }), ...changes });

export function othersStand(from: Federation): void {
  for (const region of ['340000', 'x-eu-dcc']) {
    const good = samples.find((sample) => sample.region === region && sample.expect.outcome === 'accept')!;
    expect(sampleVerdict(good, from).outcome).toBe('accept');
  }
}

/** The one fault found, as `file#pointer: reason`. */
export function faultOf(changes: Readonly<Record<string, unknown>>): string {
  const found = pack(changes);
  expect(found.rejected).toHaveLength(1);
  othersStand(found);
  const [{ file, at, reason }] = found.rejected as [(typeof found.rejected)[number]];
  return `${file}#${at}: ${reason}`;
}

export const without = <T extends object>(whole: T, member: keyof T): object => {
  const { [member]: _, ...rest } = whole;
  return rest;
};

/** Another region's format, as whoever wants its documents declares it: each is good until the end of the century. */
export const lenient = (
  { title, recognise, transport, envelope, payload }: FormatDeclaration,
  documentType: string,
): Omit<FormatDeclaration, 'format'> => ({
  ...{ title, recognise, transport, envelope, payload, documentType },
  map: [
    { to: '/docId', value: 'X' },
    { to: '/holder/name', value: '张三' },
    { to: '/validity/until', value: '2099-12-31' },
  ],
  absent: [...testFormat().absent!, '/vehicle'],
});

/** The public keys of another region's lists, for whatever they may sign. */
export const copiedIssuers = (files: readonly string[]): object =>
  issuersOf(
    files
      .flatMap((file) => fileOf<{ issuers: IssuerEntry[] }>(file).issuers)
      .map(({ documentTypes: _, status: __, ...entry }) => entry as IssuerEntry),
  );
