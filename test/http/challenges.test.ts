import { beforeAll, describe, expect, it } from 'vitest';
import { keyToJwk } from '../../src/crypto/keys.ts';
import type { SharedDocument } from '../../src/document/generated/types.ts';
import { instantOf } from '../../src/document/time.ts';
import { mintKey, signerOf } from '../../src/federation/signer.node.ts';
import { MOST_OPEN } from '../../src/store/challenges.ts';
import { StoreError } from '../../src/store/error.ts';
import { federationOf, issuersOf } from '../support/federation.ts';
import { keyRow, keyringOf, useGateway } from './harness.ts';

describe('a challenge, and the code that answers it', () => {
  const gateway = useGateway();
  const lanes = keyRow({ id: 'lanes', perMinute: 100_000 });
  const counter = keyRow({ id: 'counter' });
  const hotels = keyRow({ id: 'hotels', purposes: ['hotel'] });
  let made = 0;
  /** A holder's app: signs a code for whatever it is asked. */
  let app: (presentation: object) => string;

  beforeAll(() => {
    gateway.keyring = keyringOf(lanes.row, counter.row, hotels.row);
    gateway.clock = () => gateway.mintedAt;
    const key = mintKey('SM2-SM3');
    const entry = { keyId: 'app', jwk: { ...keyToJwk(key.publicKey) }, documentTypes: ['health-code'] };
    const files = new Map(gateway.files);
    const list = JSON.stringify(issuersOf([entry], gateway.mintedAt));
    files.set('regions/330000/issuers/test.json', new TextEncoder().encode(list));
    gateway.federation = federationOf(files);
    const format = gateway.federation.formats.find(({ id }) => id === 'zj-code/1')!;
    app = (presentation) => {
      const onceId = `ZJ-answer-${String(made++).padStart(12, '0')}`;
      const document = {
        docType: { code: 'health-code', family: 'code' },
        docId: onceId,
        revocationId: onceId,
        issuer: { region: '330000', orgCode: '11330000MB0000000H' },
        holder: { kind: 'person', idRef: 'p-1', nameMasked: '张*' },
        validity: { issuedAt: instantOf(gateway.clock()), until: instantOf(gateway.clock() + 60_000) },
        status: { canonical: 'green', raw: 'green', rawScheme: 'zj-health-colour' },
        presentation: { onceId, ...presentation },
      };
      return format.write(document as SharedDocument, signerOf(key, 'app')).wire as string;
    };
  });

  const ask = async (body: object = { checkpoint: 'east' }, key = lanes) => {
    const { json, status } = await gateway.call('POST', '/v1/challenges', { body, headers: key.headers });
    expect([status, json.problem]).toEqual([200, undefined]);
    return json;
  };
  const show = async (text: string, challenge: string, checkpoint = 'east', more: object = {}, key = lanes) => {
    const headers = { ...key.headers, 'Tongren-Checkpoint': checkpoint };
    const { json } = await gateway.call('POST', '/v1/verify', { body: { text, challenge, ...more }, headers });
    return json;
  };
  const said = (verdict: { outcome: string; reasons: string[] }): string =>
    [verdict.outcome, ...verdict.reasons].join(' ');
  const answering = ({ audience, nonce, purpose }: { audience: string; nonce: string; purpose: string }) =>
    app({ audience, nonce, purpose });

  it('is made for region, purpose and checkpoint, for a minute', async () => {
    expect(await ask({ for: '310000', purpose: 'counter', checkpoint: 'east' })).toEqual({
      nonce: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      audience: '310000/east',
      region: '310000',
      purpose: 'counter',
      expiresAt: instantOf(gateway.clock() + 60_000),
    });
    const { modules, ...drawn } = await ask({ for: '310000', checkpoint: 'east', picture: true });
    const rows = modules as string[];
    expect(rows.every((row) => row.length === rows.length && /^[01]+$/.test(row))).toBe(true);
    // The finder patterns of a QR code; what it holds is read off a screen in test/e2e/challenge.test.ts.
    for (const row of [rows[0]!, rows[6]!]) expect([row.slice(0, 8), row.slice(-8)]).toEqual(['11111110', '01111111']);
    expect(Object.keys(drawn)).toEqual(['nonce', 'audience', 'region', 'purpose', 'expiresAt']);
    expect((await ask({})).audience).toBe('310000/caller/lanes');
    expect((await ask()).nonce).not.toBe((await ask()).nonce);
  });

  it('its answer is accepted, and looked at twice; the verdict says who asked', async () => {
    const challenge = await ask();
    const code = answering(challenge);
    const verdict = await show(code, challenge.nonce);
    expect(said(verdict)).toBe('accept');
    expect(verdict.presented).toEqual({ audience: '310000/east' });
    expect(verdict.findings.map(({ code }: { code: string }) => code)).toContain('CHALLENGE_MET');
    expect(said(await show(code, challenge.nonce))).toBe('accept');
  });

  it('in a query it is the same', async () => {
    const challenge = await ask();
    const { json } = await gateway.call('POST', `/v1/verify?challenge=${challenge.nonce}&medium=screen`, {
      body: answering(challenge),
      type: 'text/plain',
      headers: { ...lanes.headers, 'Tongren-Checkpoint': 'east' },
    });
    expect([said(json), json.presented]).toEqual(['accept', { audience: '310000/east', medium: 'screen' }]);
  });

  it('in a conversion it is the same: what does not answer it is not converted', async () => {
    const convert = async (text: string, more: object): Promise<string> => {
      const body = { text, to: 'document', audience: 'kiosk', purpose: 'counter', ...more };
      const headers = { ...lanes.headers, 'Tongren-Checkpoint': 'east' };
      const { json } = await gateway.call('POST', '/v1/convert', { body, headers });
      return [said(json.verdict), json.conversion === undefined ? 'nothing' : json.conversion.proof.audience].join(
        ': ',
      );
    };
    const challenge = await ask({ purpose: 'counter', checkpoint: 'east' });
    const code = answering(challenge);
    expect(await convert(code, { challenge: challenge.nonce })).toBe('accept: kiosk');
    expect(await convert(answering(challenge), { challenge: challenge.nonce })).toBe('refuse CHALLENGE_USED: nothing');
    const paper = await ask({ purpose: 'counter', checkpoint: 'east' });
    expect(await convert(answering(paper), { challenge: paper.nonce, medium: 'paper' })).toBe(
      'refuse PAPER_REFUSED: nothing',
    );
  });

  it('a second document cannot answer it, nor can two at once', async () => {
    const challenge = await ask();
    expect(said(await show(answering(challenge), challenge.nonce))).toBe('accept');
    expect(said(await show(answering(challenge), challenge.nonce))).toBe('refuse CHALLENGE_USED');
    const raced = await ask();
    const all = await Promise.all(Array.from({ length: 8 }, () => show(answering(raced), raced.nonce)));
    expect(all.map(said).sort()).toEqual(['accept', ...Array.from({ length: 7 }, () => 'refuse CHALLENGE_USED')]);
  });

  it('a code that is refused does not use it up', async () => {
    const challenge = await ask();
    expect(said(await show(gateway.wire('330000/code-green'), challenge.nonce))).toBe(
      'refuse AUDIENCE_MISMATCH NONCE_MISMATCH',
    );
    expect(said(await show(answering(challenge), challenge.nonce))).toBe('accept');
  });

  it('is nobody else’s: another checkpoint, caller, purpose or region; guessed; or a minute old', async () => {
    const challenge = await ask();
    const code = answering(challenge);
    const { nonce } = challenge;
    expect(said(await show(code, nonce, 'west'))).toBe('refuse CHALLENGE_NOT_OPEN');
    expect(said(await show(code, nonce, 'east', {}, counter))).toBe('refuse CHALLENGE_NOT_OPEN');
    expect(said(await show(code, nonce, 'east', { purpose: 'counter' }))).toContain('CHALLENGE_NOT_OPEN');
    expect(said(await show(code, nonce, 'east', { for: '330000' }))).toBe('refuse CHALLENGE_NOT_OPEN');
    expect(said(await show(code, 'A'.repeat(22)))).toBe('refuse CHALLENGE_NOT_OPEN');
    gateway.clock = () => gateway.mintedAt + 60_000;
    expect(said(await show(code, nonce))).toBe('refuse CHALLENGE_NOT_OPEN');
    gateway.clock = () => gateway.mintedAt;
    expect(said(await show(code, nonce))).toBe('accept');
  });

  it('a code passed on from another checkpoint is refused, with a challenge of one’s own and without', async () => {
    const theirs = await ask({ checkpoint: 'west' });
    const ours = await ask();
    const forwarded = answering(theirs);
    expect(said(await show(forwarded, ours.nonce))).toBe('refuse AUDIENCE_MISMATCH NONCE_MISMATCH');
    const { json } = await gateway.call('POST', '/v1/verify', { body: { text: forwarded }, headers: lanes.headers });
    expect(said(json)).toBe('refuse AUDIENCE_MISMATCH NONCE_MISMATCH');
    // The nonce of one challenge and the audience of the other.
    expect(said(await show(app({ audience: ours.audience, nonce: theirs.nonce }), ours.nonce))).toBe(
      'refuse NONCE_MISMATCH',
    );
  });

  it.each(['short', 'A'.repeat(23), `${'A'.repeat(21)}!`, ''])('%j is no nonce', async (challenge) => {
    const answer = await gateway.call('POST', '/v1/verify', { body: { text: 'x', challenge }, headers: lanes.headers });
    expect([answer.status, answer.json.type]).toEqual([400, 'urn:tongren:problem:invalid-ask']);
  });

  it.each<[object, number, string]>([
    [{ for: '999999' }, 400, 'unknown-region'],
    [{ purpose: 'credit-scoring' }, 400, 'unknown-purpose'],
    [{ checkpoint: '张三' }, 400, 'invalid-ask'],
    [{ nonce: 'A'.repeat(22) }, 400, 'invalid-ask'],
    [[], 400, 'invalid-ask'],
  ])('%j is no way to ask for one', async (body, status, problem) => {
    const answer = await gateway.call('POST', '/v1/challenges', { body, headers: lanes.headers });
    expect([answer.status, answer.json.type]).toEqual([status, `urn:tongren:problem:${problem}`]);
  });

  it('a key that may not ask for the purpose gets no challenge for it', async () => {
    const answer = await gateway.call('POST', '/v1/challenges', { body: {}, headers: hotels.headers });
    expect([answer.status, answer.json.type]).toEqual([403, 'urn:tongren:problem:forbidden-ask']);
  });

  it('without a database there is no challenge, and no verdict on an answer', async () => {
    const challenge = await ask();
    const code = answering(challenge);
    const whole = gateway.records;
    gateway.records = () => Promise.reject(new StoreError('unavailable'));
    const none = await gateway.call('POST', '/v1/challenges', { body: {}, headers: lanes.headers });
    expect(none.status).toBe(503);
    const headers = { ...lanes.headers, 'Tongren-Checkpoint': 'east' };
    const body = { text: code, challenge: challenge.nonce };
    expect((await gateway.call('POST', '/v1/verify', { body, headers })).status).toBe(503);
    gateway.records = whole;
  });

  it('of one caller so many are open and no more, and nobody else has to wait', async () => {
    const statuses = new Map<number, number>();
    for (let i = 0; i < MOST_OPEN + 200; i += 100) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => gateway.call('POST', '/v1/challenges', { body: {}, headers: lanes.headers })),
      );
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses.keys()].sort()).toEqual([200, 429]);
    // Those that came at once may get past the bound by a few.
    expect(statuses.get(200)).toBeLessThan(MOST_OPEN + 100);
    const refused = await gateway.call('POST', '/v1/challenges', { body: {}, headers: lanes.headers });
    expect([refused.json.type, refused.json.limit]).toEqual(['urn:tongren:problem:too-many-challenges', MOST_OPEN]);
    expect(refused.headers.get('Retry-After')).toBe('60');
    expect((await ask({}, counter)).audience).toBe('310000/caller/counter');
  });

  it('no nonce stands in the log', () => {
    expect(gateway.log.length).toBeGreaterThan(20);
    expect(
      gateway.log.filter((line) => /[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/.test(line.replace(/"id":"[^"]*"/, ''))),
    ).toEqual([]);
  });
});
