import { CODE_LIMITS } from '../../src/codec/limits.ts';
import { Broken } from '../../src/document/broken.ts';
import { readContentDigest } from '../../src/exchange/content-digest.ts';
import { SignatureRefused, verifyRequest } from '../../src/exchange/message-signature.ts';
import { openBody, sealBody } from '../../src/exchange/sealed-body.ts';
import { readDictionary, readItem } from '../../src/exchange/structured-field.ts';
import { newSystemKeys, publicPartsOf } from '../../src/federation/system-keys.node.ts';
import { compileConnector } from '../../src/format/connector.ts';
import { readSigned, writeSigned } from '../../src/record/signed.ts';
import type { Systems } from '../../src/region/systems.ts';
import { main, must, type Target } from './driver.ts';

// Run with: npx node test/fuzz/signatures.ts --seconds 60 [--target NAME] [--seed N]

const NOW = Date.UTC(2026, 0, 1);
const KEY_ID = `330000/kiosk-1#${'A'.repeat(43)}`;
const PARAMETERS = `created=${NOW / 1000};expires=${NOW / 1000 + 60};nonce="${'A'.repeat(22)}";keyid="${KEY_ID}";alg="ed25519";tag="tongren"`;
const input = (components: string): string => `tongren=(${components});${PARAMETERS}`;
const SIGNATURE = `tongren=:${'A'.repeat(86)}==:`;
const DIGEST = `sha-256=:${Buffer.alloc(32).toString('base64')}:`;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin1 = (data: Uint8Array): string => Buffer.from(data).toString('latin1');

/** Every signature is right here: what is tried is the way there. */
const anyKey = () => ({ algorithm: 'EdDSA', verify: () => true }) as const;

/** Lines are the values of Signature-Input, Signature, Content-Digest and Content-Type. */
function verify(data: Uint8Array): void {
  const [inputField, signature, digest, type] = latin1(data).split('\n');
  const headers = new Map(
    Object.entries({ 'signature-input': inputField, signature, 'content-digest': digest, 'content-type': type }),
  );
  const message = {
    method: 'POST',
    scheme: 'https',
    host: 'gateway.example',
    target: '/v1/verify?for=310000',
    headers: (name: string) => {
      const value = headers.get(name);
      return value === undefined ? undefined : [value];
    },
  } as const;
  try {
    const { digest: told, nonce, expires } = verifyRequest(message, true, anyKey, NOW);
    // What got through must be what the profile asks for, however it was written.
    if (told === undefined || nonce.length < 22 || expires > NOW + 70_000) throw new Error('taken, and too weak');
    for (const name of ['@method', '@authority', 'content-digest', 'content-type'])
      if (!inputField!.includes(`"${name}"`)) throw new Error(`taken without ${name}`);
  } catch (error) {
    if (error instanceof SignatureRefused) throw new Broken('signature', error.message);
    throw error;
  }
}

const covered = '"@method" "@authority" "@path" "@query" "content-type" "content-digest"';
const whole = '"@method" "@authority" "@target-uri" "content-type" "content-digest"';

const connector = compileConnector(
  {
    connector: 'js-query/1',
    title: { zh: '查询', en: 'Query' },
    path: '/query',
    asks: ['plate'],
    documentTypes: ['health-code'],
    request: { plate: '{plate}' },
    answer: {
      document: '/data/doc',
      as: 'text',
      good: { at: '/flag', is: ['200'] },
      absent: { at: '/flag', is: [404] },
    },
  },
  '320000',
);
const NOTICE = { typ: 'tongren-notice+jws', may: 'notice', limits: CODE_LIMITS } as const;
const anySystem = {
  key: (keyId: string) =>
    keyId === KEY_ID ? { system: { may: ['notice'] }, algorithm: 'EdDSA', verify: () => true } : undefined,
} as unknown as Systems;
const ENDS = { from: '330000/gateway', to: '310000' };
const BODY = { contentType: 'application/json', body: bytes('{"a":1}') };
const region = (['P-256', 'X25519'] as const).map((encryption) => {
  const keys = newSystemKeys({ name: '310000/gateway', algorithm: 'EdDSA', encryption });
  return { own: keys.encryption!, published: publicPartsOf(keys).encryption[0]! };
});

export const targets: readonly Target[] = [
  {
    name: 'signature',
    seeds: [covered, whole].map((components) =>
      bytes([input(components), SIGNATURE, DIGEST, 'application/json'].join('\n')),
    ),
    run: verify,
  },
  {
    name: 'content-digest',
    seeds: [bytes(DIGEST), bytes(`${DIGEST}, sha-512=:${Buffer.alloc(64).toString('base64')}:`)],
    run: (data) => void readContentDigest(latin1(data)),
  },
  {
    name: 'structured-field',
    seeds: [input(covered), SIGNATURE, 'a=1, b;c=?0;d=1.5, e=("x" tok:en/1;q=@5), f=%"%e4%b8"'].map(bytes),
    run(data) {
      const text = latin1(data);
      if (text.startsWith(':')) readItem(text);
      else readDictionary(text);
    },
  },
  {
    name: 'region-answer',
    seeds: [
      `{'flag':'200','data':{'doc':'JSTX1$320583000123$01$${'a'.repeat(200)}','more':[1,{}]}}`,
      '{"flag":404}',
      `{"flag":"200","data":{"doc":"${'通行'.repeat(60)}"}}`,
    ].map(bytes),
    run(data) {
      const answer = connector.read(data);
      must('it is a document or none', () =>
        'absent' in answer ? answer.absent : 'text' in answer.presented && typeof answer.presented.text === 'string',
      );
    },
  },
  {
    name: 'signed-notice',
    seeds: await Promise.all(
      [{ kind: 'use' }, [1, 'x', null]].map(async (value) =>
        bytes(await writeSigned(value, NOTICE, { keyId: KEY_ID, algorithm: 'EdDSA', sign: () => new Uint8Array(64) })),
      ),
    ),
    run(data) {
      const read = readSigned(latin1(data), NOTICE, anySystem, NOW);
      if (read === undefined) throw new Broken('notice', 'none');
      must('it is said to be one, by a key of that name', () => {
        const header = JSON.parse(Buffer.from(latin1(data).split('.')[0]!, 'base64url').toString());
        return header.typ === NOTICE.typ && header.alg === 'EdDSA' && header.kid === KEY_ID;
      });
    },
  },
  {
    name: 'sealed-body',
    seeds: await Promise.all(
      region.flatMap(({ published }) => [
        sealBody(BODY, published, ENDS),
        sealBody({ ...BODY, body: bytes('') }, published, ENDS),
      ]),
    ),
    async run(data) {
      const { contentType, body } = await openBody(
        data,
        region.flatMap(({ own }) => own),
        ENDS,
      );
      must(
        'only what was sealed is opened',
        () => contentType === BODY.contentType && ['{"a":1}', ''].includes(latin1(body)),
      );
    },
  },
];

if (import.meta.main) await main(targets);
