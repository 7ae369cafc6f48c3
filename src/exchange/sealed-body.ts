import { CompactEncrypt, compactDecrypt, decodeProtectedHeader, errors, importJWK } from 'jose';
import { decodeBase64url } from '../codec/base64url.ts';
import { decodeUtf8, encodeUtf8 } from '../codec/utf8.ts';
import { Broken } from '../document/broken.ts';
import type { DecryptionKey, EncryptionKey } from '../document/generated/types.ts';

/**
 * Bodies between gateways, encrypted to the receiving region (JWE, RFC 7516, compact): what stands between the two ends of TLS reads
 * nothing of them. Encryption says nothing about who sent it: that is the signature's, over the sealed body. So who sends to whom is
 * bound into the key agreement (apu, apv, RFC 7518 §4.6.1): a sealed body that somebody else sends on under its own signature is
 * refused, and its contents are not told in the answer.
 */

export const SEALED_MEDIA = 'application/jose';
const TYPE = 'tongren-body+jwe';
/** What is taken; the first is what we write. A128KW and the like would do, and are one more thing to agree on. */
const ALGORITHMS = ['ECDH-ES+A256KW', 'ECDH-ES'] as const;
const ENCRYPTION = 'A256GCM';
/** Exactly these stand in a header. `zip` would make much out of little, `crit` and `jwk` would change what is done. */
const MEMBERS: ReadonlySet<string> = new Set(['alg', 'enc', 'kid', 'typ', 'cty', 'epk', 'apu', 'apv']);
const CONTENT_TYPE = /^(?!application\/jose$)[a-z]{1,20}\/[a-z0-9][a-z0-9.+-]{0,60}$/;
const LONGEST_HEADER = 4096;

/** Who seals for whom: a system (`<region>/<id>`) and a region; for answers the other way round. */
export interface Ends {
  readonly from: string;
  readonly to: string;
}

export interface OpenedBody {
  /** Media type, lower case, without parameters. */
  readonly contentType: string;
  readonly body: Uint8Array;
}

/**
 * Seals a body. In: the receiving region's key (the first of `systems.encryption(region)`). Out: the compact JWE, as it is sent
 * with the type SEALED_MEDIA. Errors: Broken for a key that cannot be used.
 */
export async function sealBody(
  { contentType, body }: OpenedBody,
  key: EncryptionKey,
  { from, to }: Ends,
): Promise<Uint8Array> {
  const [alg] = ALGORITHMS;
  const text = await refusing('it cannot be sealed under this key', async () =>
    new CompactEncrypt(body)
      .setProtectedHeader({ alg, enc: ENCRYPTION, kid: key.kid, typ: TYPE, cty: contentType })
      .setKeyManagementParameters({ apu: encodeUtf8(from), apv: encodeUtf8(to) })
      .encrypt(await importJWK(bare(key), alg)),
  );
  return encodeUtf8(text);
}

/**
 * Opens a sealed body. In: the bytes, the own keys, and who must have sealed it for whom. Errors: Broken; with one sentence for all
 * that is wrong inside, so that nobody learns from trying.
 */
export async function openBody(
  sealed: Uint8Array,
  keys: readonly DecryptionKey[],
  { from, to }: Ends,
): Promise<OpenedBody> {
  const token = decodeUtf8(sealed);
  if (token.indexOf('.') > LONGEST_HEADER) throw broken('its header is too long');
  const header = await refusing('it is no compact JWE', async () => decodeProtectedHeader(token));
  if (Object.keys(header).some((name) => !MEMBERS.has(name)))
    throw broken('its header has members that are not in use');
  const { typ, cty, kid, apu, apv } = header as Readonly<Record<string, unknown>>;
  if (typ !== TYPE || typeof cty !== 'string' || !CONTENT_TYPE.test(cty))
    throw broken('its header does not say what it is');
  if (textOf(apu) !== from || textOf(apv) !== to) throw broken('it was not sealed by this caller for this region');
  const key = keys.find((each) => each.kid === kid);
  if (key === undefined) throw broken('it is sealed under none of our keys');
  const { plaintext } = await refusing('it cannot be opened', async () =>
    compactDecrypt(token, await importJWK(bare(key), ALGORITHMS[0]), {
      keyManagementAlgorithms: [...ALGORITHMS],
      contentEncryptionAlgorithms: [ENCRYPTION],
      maxDecompressedLength: 0,
    }),
  );
  return { contentType: cty, body: plaintext };
}

const broken = (detail: string): Broken => new Broken('sealed', detail);

/** The key alone: what a list says it is for is ours to know. */
const bare = ({ kty, crv, x, y, ...rest }: EncryptionKey | DecryptionKey) => ({
  kty,
  crv,
  x,
  ...(y === undefined ? {} : { y }),
  ...('d' in rest ? { d: rest.d } : {}),
});

function textOf(member: unknown): string | undefined {
  if (typeof member !== 'string' || member.length > 200) return undefined;
  try {
    return decodeUtf8(decodeBase64url(member));
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}

/** jose's errors, and those of the platform beneath it, quote what was sent. */
async function refusing<T>(why: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException)
      throw broken(why);
    throw error;
  }
}
