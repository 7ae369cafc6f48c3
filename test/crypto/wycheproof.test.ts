import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaseResult } from '../../src/conformance/suite.ts';
import { wycheproof } from '../../src/conformance/wycheproof.ts';

const DIR = '../shared/data/crypto/wycheproof';

async function results(dir: string): Promise<CaseResult[]> {
  const all: CaseResult[] = [];
  await wycheproof.run(dir, (result) => all.push(result));
  return all;
}

describe.skipIf(!existsSync(DIR))('Wycheproof (../shared/data/crypto/wycheproof)', () => {
  it('has no difference, and says why whatever does not apply does not', { timeout: 120_000 }, async () => {
    const all = await results(DIR);
    expect(all.filter(({ result }) => result === 'differ')).toEqual([]);
    expect(all.filter(({ result }) => result === 'agree').length).toBeGreaterThan(1000);
    expect(all.filter(({ result, because }) => result === 'not-applicable' && !because)).toEqual([]);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });
});

describe('the suite', () => {
  // RFC 8032 §7.1 test 1, well and wrongly labelled.
  const key = '302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
  const sig =
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
  const group = { type: 'EddsaVerify', publicKey: { curve: 'edwards25519' }, publicKeyDer: key };
  const test = { comment: '', msg: '', sig };
  let dir = '';

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'wycheproof-'));
    await mkdir(join(dir, 'testvectors_v1'));
    const testGroups = [
      {
        ...group,
        tests: [
          { ...test, tcId: 1, result: 'valid' },
          { ...test, tcId: 2, result: 'invalid' },
          { ...test, tcId: 3, result: 'valid', msg: '00' },
          { ...test, tcId: 4, result: 'acceptable' },
          { ...test, tcId: 5, result: 'acceptable', msg: '00' },
        ],
      },
      { ...group, publicKey: { curve: 'curve448' }, tests: [{ ...test, tcId: 6, result: 'valid' }] },
      { ...group, publicKeyDer: '3000', tests: [{ ...test, tcId: 7, result: 'valid' }] },
      { type: 'AeadTest', tests: [{ tcId: 8, comment: '', result: 'valid' }] },
      {
        type: 'JsonWebSignature',
        public: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
        tests: [
          { tcId: 9, comment: 'alg none', jws: 'eyJhbGciOiJub25lIn0..', result: 'invalid' },
          { tcId: 10, comment: 'alg HS256 with a public key', jws: 'eyJhbGciOiJIUzI1NiJ9..AA', result: 'invalid' },
          { tcId: 11, comment: 'two parts', jws: 'eyJhbGciOiJFZERTQSJ9.AA', result: 'invalid' },
          { tcId: 12, comment: 'no JSON', jws: 'AAAA..', result: 'invalid' },
        ],
      },
    ];
    await writeFile(join(dir, 'testvectors_v1', 'made_up_test.json'), JSON.stringify({ testGroups }));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('notices a label that does not fit, in either direction', async () => {
    const said = (await results(dir)).map(({ name, result }) => [Number(name.split(' ')[1]), result]);
    expect(Object.fromEntries(said)).toEqual({
      1: 'agree',
      2: 'differ',
      3: 'differ',
      4: 'agree',
      5: 'agree',
      6: 'not-applicable',
      7: 'differ',
      8: 'not-applicable',
      9: 'agree',
      10: 'agree',
      11: 'agree',
      12: 'agree',
    });
  });

  it('counts as it goes, and refuses a folder without vectors', async () => {
    const steps: [number, number][] = [];
    await wycheproof.run(
      dir,
      () => {},
      (done, total) => steps.push([done, total]),
    );
    expect(steps).toHaveLength(12);
    expect(steps.at(-1)).toEqual([12, 12]);
    await expect(results(join(dir, 'testvectors_v1'))).rejects.toThrow();
  });
});
