import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeBase64url } from '../../src/codec/base64url.ts';
import { canonicalJson } from '../../src/codec/json.ts';
import { encodeUtf8 } from '../../src/codec/utf8.ts';
import type { Value } from '../../src/codec/value.ts';
import type { OcspClient } from '../../src/exchange/ocsp.node.ts';
import { walk } from '../../src/exchange/status.ts';
import type { Journey } from '../../src/journey.ts';
import type { Standpoint } from '../../src/region/standpoint.ts';
import { DAY, federationWith, issuersOf, NOW, shortOf, standpointOf } from '../support/federation.ts';
import { answerOf, revokedAt } from '../trust/answers.ts';
import { anchorOf, authority, issued, listOf, type Party } from '../trust/authorities.ts';

/** A digital seal, whose signer's certificate comes with it, from the seal to the verdict. */

const BASE = 'regions/x-vds-nc/';
const DECLARED = JSON.parse(readFileSync('trust-store/regions/x-vds-nc/region.json', 'utf8')) as object;
const RESPONDERS = ['http://ocsp.example/q'];

let ca: Party;
let signer: Party;
let text: string;
beforeAll(async () => {
  ca = await authority('CSCA');
  signer = await issued(ca, 'Signer', { purposes: ['2.23.136.1.1.14.2'] });
  const data = {
    hdr: { t: 'icao.vacc', v: 1, is: 'UTO' },
    msg: {
      uvci: 'UT0001',
      pid: { n: 'MUSTER  EVA', dob: '1990-05-17', sex: 'F', i: 'X0000000' },
      ve: [
        {
          des: 'XM68M6',
          nam: 'Vaccine',
          dis: 'RA01.0',
          vd: [{ dvc: '2026-01-02', seq: 1, ctr: 'UTO', adm: 'Clinic', lot: '1' }],
        },
      ],
    },
  };
  const bytes = encodeUtf8(canonicalJson(data as unknown as Value)) as Uint8Array<ArrayBuffer>;
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = new Uint8Array(await webcrypto.subtle.sign(algorithm, signer.keys.privateKey, bytes));
  const sig = { alg: 'ES256', cer: encodeBase64url(signer.der), sigvl: encodeBase64url(signature) };
  text = JSON.stringify({ data, sig });
});

function standpoint({ ocsp, crl }: { ocsp?: readonly string[]; crl?: Uint8Array } = {}): Standpoint {
  return standpointOf(
    '310000',
    federationWith({
      [`${BASE}anchors/test.json`]: issuersOf([anchorOf(ca)]),
      ...(ocsp === undefined ? {} : { [`${BASE}region.json`]: { ...DECLARED, ocsp } }),
      ...(crl === undefined ? {} : { [`${BASE}crls/test.crl`]: crl }),
    }),
  );
}

/** Gives these answers, and writes down what it is asked. */
function responder(...answers: Uint8Array[]) {
  const asked: { serials: string[]; responders: readonly string[] }[] = [];
  const client: OcspClient = {
    async ask(questions, responders) {
      asked.push({ serials: questions.map(({ certificate }) => certificate.serial), responders });
      return answers;
    },
  };
  return { asked, client };
}

const QUESTION = { purpose: 'checkpoint' };
const short = async (walked: Journey | Promise<Journey>) => shortOf((await walked).verdict);

describe('a document whose certificate no list speaks of', () => {
  const UNKNOWN = 'undetermined CERTIFICATE_STATUS_UNKNOWN';

  it('is judged by what the region’s responders answer', async () => {
    const at = standpoint({ ocsp: RESPONDERS });
    const good = responder(await answerOf(ca, signer));
    expect(await short(walk({ text }, at, QUESTION, { ocsp: good.client }))).toBe('accept');
    expect(good.asked).toEqual([{ serials: [expect.any(String)], responders: RESPONDERS }]);
    const revoked = responder(await answerOf(ca, signer, { state: revokedAt(NOW - DAY) }));
    expect(await short(walk({ text }, at, QUESTION, { ocsp: revoked.client }))).toBe('refuse CERTIFICATE_REVOKED');
    expect(await short(walk({ text }, at, QUESTION, { ocsp: responder().client }))).toBe(UNKNOWN);
  });

  it('is not asked about where the region declares no responder, or nobody may be asked', async () => {
    const { asked, client } = responder(await answerOf(ca, signer));
    expect(await short(walk({ text }, standpoint(), QUESTION, { ocsp: client }))).toBe(UNKNOWN);
    expect(await short(walk({ text }, standpoint({ ocsp: RESPONDERS }), QUESTION, {}))).toBe(UNKNOWN);
    expect(asked).toEqual([]);
  });
});

it('a document that lists speak of, or that is no good anyway, waits for nobody', async () => {
  const { asked, client } = responder();
  const at = standpoint({ ocsp: RESPONDERS, crl: await listOf(ca) });
  for (const one of [text, text.replace('MUSTER', 'MISTER'), 'nothing']) {
    expect(walk({ text: one }, at, QUESTION, { ocsp: client })).not.toBeInstanceOf(Promise);
  }
  expect(asked).toEqual([]);
});

it.each(['file:///etc/passwd', 'http://a:b@ocsp.example/', 'ocsp.example', 'http://ocsp.example/ x'])(
  'a region that declares %s is refused',
  (url) => {
    const { rejected } = federationWith({ [`${BASE}region.json`]: { ...DECLARED, ocsp: [url] } });
    expect(rejected).toMatchObject([{ file: `${BASE}region.json`, at: '/ocsp/0' }]);
  },
);
