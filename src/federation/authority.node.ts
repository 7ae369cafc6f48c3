import { encodeBase64 } from '../codec/base64url.ts';
import {
  type DistinguishedName,
  pairSigner,
  writeCertificate,
  writeCrl,
  type X509Signer,
} from '../codec/certificate-writer.ts';
import { spkiFromKey } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { IssuerEntry, IssuerRecipeRow } from '../document/generated/types.ts';
import { certificateId, KEY_USAGE, readCertificate } from '../trust/certificate.ts';
import { type MintedKey, mintKey } from './signer.node.ts';

/**
 * Authorities of the reference federation: a CA, the signers whose certificates it issues, and its list of revoked ones.
 * Nothing of it is for production.
 */
export interface MintedAuthority {
  readonly entry: IssuerEntry;
  /** A signer's certificate (DER). Revoked from `revokedSince` on, if the recipe says so. */
  issue(recipe: IssuerRecipeRow, key: MintedKey): Uint8Array;
  /** Its list of what was revoked so far (DER), if it publishes one. */
  crl(): Uint8Array | undefined;
}

const BEGINNING = '2000-01-01T00:00:00Z';
const END = '2049-12-31T23:59:59Z';

/** Makes an authority of a recipe (times resolved). */
export function mintAuthority(recipe: IssuerRecipeRow): MintedAuthority {
  const key = mintKey(recipe.algorithm);
  const signer = x509SignerOf(key);
  const issuer = nameOf(recipe.title.en);
  const own = keyIdentifier(key);
  const by = { issuer, issuerKey: own, signer };
  const certificate = certificateOf(recipe, key, by, {
    ca: true,
    pathLength: 0,
    keyUsage: KEY_USAGE.keyCertSign | KEY_USAGE.cRLSign,
  });
  const revoked: { readonly serial: string; readonly since: number }[] = [];
  return {
    entry: {
      keyId: certificateId(certificate, nodePlatform),
      certificate: encodeBase64(certificate),
      ...scopeOf(recipe),
    },
    issue(row, signing) {
      const { extendedKeyUsage, documentCodes } = row;
      const der = certificateOf(row, signing, by, {
        keyUsage: KEY_USAGE.digitalSignature,
        extendedKeyUsage,
        documentCodes,
      });
      if (row.revokedSince !== undefined)
        revoked.push({ serial: readCertificate(der).serial, since: Date.parse(row.revokedSince) });
      return der;
    },
    crl() {
      const { crl } = recipe;
      if (crl === undefined) return undefined;
      const thisUpdate = Date.parse(crl.issued);
      const nextUpdate = Date.parse(crl.next);
      return writeCrl({ issuer, authorityKeyIdentifier: own, thisUpdate, nextUpdate, revoked }, signer);
    },
  };
}

/** What a list of issuers says of an entry besides its key. */
export const scopeOf = (recipe: IssuerRecipeRow): Omit<IssuerEntry, 'keyId'> => ({
  name: recipe.title,
  ...(recipe.unit === undefined ? {} : { unit: recipe.unit }),
  ...(recipe.documentTypes === undefined ? {} : { documentTypes: recipe.documentTypes }),
  ...(recipe.status === undefined ? {} : { status: recipe.status }),
});

/** A signer's certificate that nobody but its own key vouches for: one that a list names, or a stranger's. */
export function selfIssued(
  title: string,
  key: MintedKey,
  recipe: Pick<IssuerRecipeRow, 'validFrom' | 'validUntil' | 'extendedKeyUsage'> = {},
  extendedKeyUsageCritical = false,
): Uint8Array {
  const by = { issuer: nameOf(title), issuerKey: keyIdentifier(key), signer: x509SignerOf(key) };
  const { extendedKeyUsage } = recipe;
  const uses = { ca: false, keyUsage: KEY_USAGE.digitalSignature, extendedKeyUsage, extendedKeyUsageCritical };
  return certificateOf({ ...recipe, title: { zh: title, en: title } }, key, by, uses);
}

interface By {
  readonly issuer: DistinguishedName;
  readonly issuerKey: Uint8Array;
  readonly signer: X509Signer;
}

type Uses = Pick<
  Parameters<typeof writeCertificate>[0],
  'ca' | 'pathLength' | 'keyUsage' | 'extendedKeyUsage' | 'extendedKeyUsageCritical' | 'documentCodes'
>;

const certificateOf = (
  recipe: Pick<IssuerRecipeRow, 'title' | 'validFrom' | 'validUntil'>,
  key: MintedKey,
  { issuer, issuerKey, signer }: By,
  uses: Uses,
): Uint8Array =>
  writeCertificate(
    {
      serial: randomSerial(),
      issuer,
      subject: nameOf(recipe.title.en),
      notBefore: Date.parse(recipe.validFrom ?? BEGINNING),
      notAfter: Date.parse(recipe.validUntil ?? END),
      spki: spkiFromKey(key.publicKey),
      subjectKeyIdentifier: keyIdentifier(key),
      authorityKeyIdentifier: issuerKey,
      ...uses,
    },
    signer,
  );

function x509SignerOf({ algorithm, sign }: MintedKey): X509Signer {
  if (algorithm.oid === undefined) throw new RangeError(`certificates are not signed with ${algorithm.name} here`);
  return algorithm.key === 'Ed25519' ? { oid: algorithm.oid, sign } : pairSigner(algorithm.oid, sign);
}

const nameOf = (commonName: string): DistinguishedName => ({
  organization: 'Tongren reference federation',
  commonName,
});

/** RFC 7093 §2 (1): the leftmost 160 bits of the SHA-256 of the key. */
const keyIdentifier = (key: MintedKey): Uint8Array =>
  nodePlatform.digest('SHA-256', spkiFromKey(key.publicKey)).slice(0, 20);

/** Positive, and 126 bits that nobody foresees. */
function randomSerial(): Uint8Array {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes;
}
