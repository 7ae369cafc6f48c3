import { serializeDictionary } from 'structured-headers';
import { encodeBase64url } from '../codec/base64url.ts';
import type { Digester, EnvelopeAlgorithmName } from '../crypto/algorithms.ts';
import type { Verifier } from '../crypto/platform.ts';
import { Broken } from '../document/broken.ts';
import { type ContentDigest, contentDigest, readContentDigest } from './content-digest.ts';
import { type RequestMessage, type ResponseMessage, signatureBase } from './signature-base.ts';
import { bytesOf, type InnerList, type Item, isInnerList, readDictionary } from './structured-field.ts';

/**
 * Requests between the federation's systems, signed by RFC 9421 with the body's RFC 9530 digest, and the answers to them. One
 * profile, and nothing beside it: which components and parameters there are is not the sender's choice.
 */

/** Their names in signatures. RFC 9421's registry (§6.2) has none for SM2: `sm2-sm3` is the federation's own. */
const ALGORITHMS: ReadonlyMap<string, EnvelopeAlgorithmName> = new Map([
  ['ed25519', 'EdDSA'],
  ['ecdsa-p256-sha256', 'ES256'],
  ['sm2-sm3', 'SM2-SM3'],
]);
const NAMES = new Map([...ALGORITHMS].map(([name, algorithm]) => [algorithm, name]));

const SIGNATURE_TAG = 'tongren';
/** The label that we write in Signature and Signature-Input. Any other is read as well: what a signature is for says its tag. */
const LABEL = 'tongren';
/** A signature is good for a minute: so long its nonce is remembered. */
const MOST_SECONDS = 60;
/** As far as the sender's clock may be ahead of ours. One that is behind only shortens what is left. */
const SKEW_SECONDS = 10;
/** 128 bits in base64url are 22 signs. */
const NONCE = /^[A-Za-z0-9_-]{22,88}$/;
const KEY_ID = /^[0-9]{6}\/[a-z][a-z0-9-]{0,23}#[A-Za-z0-9_-]{43}$/;

/** Why a signature is not taken: one sentence of a closed list, with nothing of the message in it. */
export class SignatureRefused extends Error {
  override readonly name = 'SignatureRefused';
}
const refused = (why: string): SignatureRefused => new SignatureRefused(why);

/** Who signs. The key may lie in a device. */
export interface MessageSigner {
  /** `<region>/<id>#<RFC 7638 thumbprint>`. */
  readonly keyId: string;
  readonly algorithm: EnvelopeAlgorithmName;
  /** Raw signatures: r‖s for ECDSA and SM2. */
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

export interface SigningTools {
  readonly digester: Digester;
  /** Epoch ms. */
  readonly now: number;
  random(length: number): Uint8Array;
}

/** What a signature is checked by. Undefined for a key that does not count now. */
export type FindKey<Key extends CheckingKey = CheckingKey> = (keyId: string, now: number) => Key | undefined;
export interface CheckingKey {
  readonly algorithm: EnvelopeAlgorithmName;
  readonly verify: Verifier;
}

/** A request whose signature is good. Whether it came before, and whether its body is what it says, is still to be asked. */
export interface SignedRequest<Key> {
  readonly key: Key;
  readonly keyId: string;
  readonly nonce: string;
  /** Epoch ms. */
  readonly expires: number;
  /** What the body must be; undefined where there may be none. */
  readonly digest: ContentDigest | undefined;
  /** The Signature field, to which the answer is bound. */
  readonly signature: string;
}

const REQUEST_COMPONENTS = ['@method', '@authority', '@path', '@query'] as const;
const RESPONSE_COMPONENTS = ['@status', 'content-type', 'content-digest'] as const;
/** Headers on which a gateway acts: what is not covered could have been put in on the way. */
const ACTED_ON = [
  'content-type',
  'content-digest',
  'content-encoding',
  'idempotency-key',
  'prefer',
  'tongren-business-code',
  'tongren-checkpoint',
  'tongren-officer',
];

/** What is to be sent. Headers in any case; a body goes with its Content-Type among them. */
export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/**
 * Signs a request. Out: the headers to be added to those of the request (Content-Digest, Signature-Input, Signature). Whatever
 * sends it must send URL, headers and body as they are. @throws Broken for what cannot be signed
 */
export async function signRequest(
  { method, url, headers = {}, body }: Outgoing,
  signer: MessageSigner,
  { digester, now, random }: SigningTools,
): Promise<Record<string, string>> {
  const { protocol, host, pathname, search } = new URL(url);
  const own: Record<string, string> = body === undefined ? {} : { 'Content-Digest': contentDigest(body, digester) };
  const values = headersOf({ ...headers, ...own });
  if (body !== undefined && values('content-type') === undefined)
    throw new Broken('signature', 'a body goes with its Content-Type');
  const message: RequestMessage = {
    method: method.toUpperCase(),
    scheme: protocol === 'https:' ? 'https' : 'http',
    host,
    target: pathname + search,
    headers: values,
  };
  const components = [...REQUEST_COMPONENTS, ...ACTED_ON.filter((name) => values(name) !== undefined)];
  const nonce = encodeBase64url(random(16));
  const signed = await signedFields(components.map(plain), message, signer, now, nonce);
  return { ...own, ...signed };
}

/**
 * Signs the answer to a signed request. In: the answer, and the request's Signature field, to which the answer is bound
 * (RFC 9421 §2.4): it answers this request and no other. Out: the headers to be added.
 */
export async function signResponse(
  answer: { readonly status: number; readonly contentType: string; readonly body: Uint8Array },
  requestSignature: string,
  signer: MessageSigner,
  { digester, now }: Omit<SigningTools, 'random'>,
): Promise<Record<string, string>> {
  const own = { 'Content-Digest': contentDigest(answer.body, digester) };
  const headers = headersOf({ ...own, 'Content-Type': answer.contentType });
  const message = { status: answer.status, headers, request: onlySignature(requestSignature) };
  return { ...own, ...(await signedFields([...RESPONSE_COMPONENTS.map(plain), BOUND], message, signer, now)) };
}

/** `"signature";req`. */
const BOUND: Item = ['signature', new Map([['req', true]])];
const plain = (name: string): Item => [name, new Map()];

/** All that an answer needs of its request: the signature covers the rest. */
const onlySignature = (signature: string): RequestMessage => ({
  method: '',
  scheme: 'https',
  host: '',
  target: '',
  headers: (name) => (name === 'signature' ? [signature] : undefined),
});

export function headersOf(headers: Readonly<Record<string, string>>): (name: string) => readonly string[] | undefined {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]]));
  return (name) => lower.get(name);
}

async function signedFields(
  components: Item[],
  message: RequestMessage | ResponseMessage,
  { keyId, algorithm, sign }: MessageSigner,
  now: number,
  nonce?: string,
): Promise<Record<string, string>> {
  const created = Math.floor(now / 1000);
  const parameters = new Map<string, string | number>([
    ['created', created],
    ['expires', created + MOST_SECONDS],
    ...(nonce === undefined ? [] : [['nonce', nonce] as const]),
    ['keyid', keyId],
    ['alg', NAMES.get(algorithm)!],
    ['tag', SIGNATURE_TAG],
  ]);
  const input: InnerList = [components, parameters];
  const signature = Uint8Array.from(await sign(signatureBase(input, message)));
  return {
    'Signature-Input': serializeDictionary(new Map([[LABEL, input]])),
    Signature: serializeDictionary(new Map([[LABEL, [signature, new Map()] as Item]])),
  };
}

/**
 * Checks a request's signature. In: the request, whether it has a body, and whose keys count. @throws SignatureRefused
 */
export function verifyRequest<Key extends CheckingKey>(
  message: RequestMessage,
  hasBody: boolean,
  find: FindKey<Key>,
  now: number,
): SignedRequest<Key> {
  const fields = readFields(message.headers, REQUEST_PARAMETERS);
  const { covered, parameters } = fields;
  const target = covered.has('@target-uri') ? [] : ['@path', '@query'];
  const there = ACTED_ON.filter((name) => message.headers(name) !== undefined);
  mustCover(covered, [
    '@method',
    '@authority',
    ...target,
    ...(hasBody ? ['content-type', 'content-digest'] : []),
    ...there,
  ]);
  if (!NONCE.test(parameters.nonce)) throw refused('the nonce has not the form of 128 random bits or more');
  const key = check(fields, message, find, now);
  const [digest] = message.headers('content-digest') ?? [];
  return {
    key,
    keyId: parameters.keyid,
    nonce: parameters.nonce,
    expires: parameters.expires * 1000,
    digest: digest === undefined ? undefined : refusing(() => readContentDigest(digest)),
    signature: fields.signatureField,
  };
}

/**
 * Checks that an answer was signed in answer to this request. In: the Signature field that the request was sent with. Out: the
 * key, and what the body must be (`isDigestOf`). @throws SignatureRefused
 */
export function verifyResponse<Key extends CheckingKey>(
  answer: Omit<ResponseMessage, 'request'>,
  requestSignature: string,
  find: FindKey<Key>,
  now: number,
): { readonly key: Key; readonly keyId: string; readonly digest: ContentDigest } {
  const fields = readFields(answer.headers, RESPONSE_PARAMETERS);
  mustCover(fields.covered, [...RESPONSE_COMPONENTS, 'signature;req']);
  const key = check(fields, { ...answer, request: onlySignature(requestSignature) }, find, now);
  const [digest] = answer.headers('content-digest')!;
  return { key, keyId: fields.parameters.keyid, digest: refusing(() => readContentDigest(digest!)) };
}

/** @throws SignatureRefused, which names what is not covered: all of it words of this profile */
function mustCover(covered: ReadonlySet<string>, needed: readonly string[]): void {
  const missing = new Set(needed.filter((name) => !covered.has(name)));
  if (missing.size > 0) throw refused(`the signature does not cover ${[...missing].join(', ')}`);
}

const RESPONSE_PARAMETERS = ['created', 'expires', 'keyid', 'alg', 'tag'] as const;
const REQUEST_PARAMETERS = [...RESPONSE_PARAMETERS, 'nonce'] as const;

interface SignatureParameters {
  readonly created: number;
  readonly expires: number;
  readonly keyid: string;
  readonly alg: string;
  readonly tag: string;
  /** Of requests. */
  readonly nonce: string;
}

interface SignatureFields {
  readonly input: InnerList;
  /** Names of covered components; with `;req` those of the request. */
  readonly covered: ReadonlySet<string>;
  readonly parameters: SignatureParameters;
  readonly signature: Uint8Array;
  readonly signatureField: string;
}

/** Exactly one signature, with exactly these parameters. @throws SignatureRefused */
function readFields(headers: RequestMessage['headers'], expected: readonly string[]): SignatureFields {
  const inputField = once(headers, 'signature-input');
  const signatureField = once(headers, 'signature');
  const inputs = [...refusing(() => readDictionary(inputField))];
  const signatures = [...refusing(() => readDictionary(signatureField))];
  const [[label, input] = [], [signatureLabel, item] = []] = [inputs[0], signatures[0]];
  if (inputs.length !== 1 || signatures.length !== 1 || label !== signatureLabel)
    throw refused('exactly one signature is taken');
  const signature = item === undefined || isInnerList(item) || item[1].size > 0 ? undefined : bytesOf(item[0]);
  if (input === undefined || !isInnerList(input) || signature === undefined)
    throw refused('Signature-Input or Signature is none');
  const [components, given] = input;
  const names = components.map(([name, parameters]) => `${String(name)}${parameters.has('req') ? ';req' : ''}`);
  for (const name of names)
    if (!/^@|;req$/.test(name) && (headers(name)?.length ?? 0) > 1) throw refused('a covered header stands twice');
  const parameters = Object.fromEntries(given) as unknown as SignatureParameters;
  if (given.size !== expected.length || !expected.every((name) => given.has(name)))
    throw refused('the parameters of the signature are not those that are expected');
  const { created, expires } = parameters;
  const isNumber = (value: unknown): boolean => Number.isSafeInteger(value);
  const isText = (value: unknown): boolean => typeof value === 'string';
  if (!isNumber(created) || !isNumber(expires) || !['keyid', 'alg', 'tag'].every((name) => isText(given.get(name))))
    throw refused('a parameter of the signature is of another type');
  return { input, covered: new Set(names), parameters, signature, signatureField };
}

function once(headers: RequestMessage['headers'], name: string): string {
  const values = headers(name) ?? [];
  if (values.length !== 1) throw refused('exactly one signature is taken');
  return values[0]!.trim();
}

/** Time, key and signature. @throws SignatureRefused */
function check<Key extends CheckingKey>(
  { input, parameters, signature }: SignatureFields,
  message: RequestMessage | ResponseMessage,
  find: FindKey<Key>,
  now: number,
): Key {
  const { created, expires, keyid, alg, tag } = parameters;
  const seconds = now / 1000;
  if (tag !== SIGNATURE_TAG) throw refused('the signature was made for something else');
  if (expires <= created || expires - created > MOST_SECONDS)
    throw refused(`a signature is good for at most ${MOST_SECONDS} seconds`);
  if (created > seconds + SKEW_SECONDS) throw refused('the signature was made in the future');
  if (expires <= seconds) throw refused('the signature has expired');
  const base = refusing(() => signatureBase(input, message));
  const key = KEY_ID.test(keyid) ? find(keyid, now) : undefined;
  // One answer for a key that is none, one taken out and a wrong signature: it is no hint to whoever tries.
  if (key === undefined || ALGORITHMS.get(alg) !== key.algorithm || !key.verify(base, signature))
    throw refused('the signature is not by a key that counts here, or not over what arrived');
  return key;
}

/** What cannot be read is refused, in the reader's words. */
function refusing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Broken) throw refused(error.message);
    throw error;
  }
}
