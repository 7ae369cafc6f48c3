import { expect, test } from 'vitest';
import { fileObjection, type ObjectionDesk } from '../../src/record/objections.ts';
import { NOON, random, receipt } from './verdicts.ts';

const filed: unknown[] = [];
const desk = (federation: string): ObjectionDesk => ({
  store: {
    objections: {
      open: async () => undefined,
      file: async (...told: unknown[]) => void filed.push(told),
    } as unknown as ObjectionDesk['store']['objections'],
  },
  region: '310000',
  federation,
  clock: () => NOON,
  random,
});

test('a verdict of another federation is objected to nowhere: nobody in this one would take the notice', async () => {
  const noted = { ...receipt(), issuingRegion: '330000' };
  const asked = { ground: 'data-wrong', by: 'holder' } as const;
  expect(await fileObjection(noted, asked, desk('tongren-reference'))).toMatchObject({ state: 'filed' });
  expect(filed).toHaveLength(1);
  expect(await fileObjection(noted, asked, desk('another'))).toBeUndefined();
  expect(filed).toHaveLength(1);
});
