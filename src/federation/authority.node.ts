import { encodeBase64 } from '../codec/base64url.ts';
import { TAG } from '../codec/der.ts';
import {
  bitString,
  boolean,
  context,
  contextPrimitive,
  element,
  integer,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  time,
  utf8String,
} from '../codec/der-writer.ts';
import { derFromRaw } from '../codec/signature.ts';
import { spkiFromKey } from '../crypto/keys.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import type { IssuerEntry, IssuerRecipeRow } from '../document/generated/types.ts';
import { readCertificate } from '../trust/certificate.ts';
import { certificateId } from '../trust/chain.ts';
import { type MintedKey, mintKey } from './signer.node.ts';

/**
 * Authorities of the reference federation: a CA, the signers whose certificates it issues, and its list of revoked ones.
 * Written with our own encoder, because it does SM2 as well; nothing of it is for production.
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
/** keyCertSign and cRLSign; digitalSignature: bits of RFC 5280 §4.2.1.3, written as the octet they fall into. */
const USAGE = { authority: bitString(Uint8Array.of(0x06), 1), signer: bitString(Uint8Array.of(0x80), 7) } as const;

/** Makes an authority of a recipe (times resolved). */
export function mintAuthority(recipe: IssuerRecipeRow): MintedAuthority {
  const key = mintKey(recipe.algorithm);
  const name = nameOf(recipe.title.en);
  const own = keyIdentifier(key);
  const certificate = signed(
    key,
    tbsCertificate({
      recipe,
      key,
      issuer: name,
      issuerKey: own,
      by: key,
      extensions: [
        extension('2.5.29.19', true, sequence(boolean(true), integer(0))),
        extension('2.5.29.15', true, USAGE.authority),
      ],
    }),
  );
  const revoked: { readonly serial: string; readonly since: string }[] = [];
  return {
    entry: {
      keyId: certificateId(certificate, nodePlatform),
      certificate: encodeBase64(certificate),
      name: recipe.title,
      ...(recipe.unit === undefined ? {} : { unit: recipe.unit }),
      ...(recipe.documentTypes === undefined ? {} : { documentTypes: recipe.documentTypes }),
      ...(recipe.status === undefined ? {} : { status: recipe.status }),
    },
    issue(row, signer) {
      const { extendedKeyUsage: purposes, documentCodes: codes } = row;
      const extensions = [
        extension('2.5.29.15', true, USAGE.signer),
        ...(purposes === undefined ? [] : [extension('2.5.29.37', true, sequence(...purposes.map(oid)))]),
        // Document type list, ICAO Doc 9303-12: version 0 and the codes.
        ...(codes === undefined
          ? []
          : [extension('2.23.136.1.1.6.2', false, sequence(integer(0), setOf(...codes.map(printableString))))]),
      ];
      const der = signed(
        key,
        tbsCertificate({ recipe: row, key: signer, issuer: name, issuerKey: own, by: key, extensions }),
      );
      if (row.revokedSince !== undefined)
        revoked.push({ serial: readCertificate(der).serial, since: row.revokedSince });
      return der;
    },
    crl() {
      const { crl } = recipe;
      if (crl === undefined) return undefined;
      const entries = revoked.map(({ serial, since }) =>
        sequence(integer(BigInt(`0x${serial}`)), time(Date.parse(since))),
      );
      const fields = [
        integer(1),
        algorithmOf(key),
        name,
        time(Date.parse(crl.issued)),
        time(Date.parse(crl.next)),
        ...(entries.length === 0 ? [] : [sequence(...entries)]),
        context(0, sequence(extension('2.5.29.35', false, sequence(contextPrimitive(0, own))))),
      ];
      return signed(key, sequence(...fields));
    },
  };
}

/** A certificate that nobody but its own key vouches for: a stranger's. */
export function selfIssued(title: string, key: MintedKey): Uint8Array {
  const recipe = { title: { zh: title, en: title } };
  const name = nameOf(title);
  return signed(
    key,
    tbsCertificate({ recipe, key, issuer: name, issuerKey: keyIdentifier(key), by: key, extensions: [] }),
  );
}

interface Tbs {
  readonly recipe: Pick<IssuerRecipeRow, 'title' | 'validFrom' | 'validUntil'>;
  readonly key: MintedKey;
  readonly issuer: Uint8Array;
  readonly issuerKey: Uint8Array;
  readonly by: MintedKey;
  readonly extensions: readonly Uint8Array[];
}

/** TBSCertificate, RFC 5280 §4.1, version 3. */
function tbsCertificate({ recipe, key, issuer, issuerKey, by, extensions }: Tbs): Uint8Array {
  return sequence(
    context(0, integer(2)),
    integer(randomSerial()),
    algorithmOf(by),
    issuer,
    sequence(time(Date.parse(recipe.validFrom ?? BEGINNING)), time(Date.parse(recipe.validUntil ?? END))),
    nameOf(recipe.title.en),
    spkiFromKey(key.publicKey),
    context(
      3,
      sequence(
        extension('2.5.29.14', false, octetString(keyIdentifier(key))),
        extension('2.5.29.35', false, sequence(contextPrimitive(0, issuerKey))),
        ...extensions,
      ),
    ),
  );
}

/** The signed data, the algorithm and the signature: a certificate or a list alike. */
function signed(key: MintedKey, tbs: Uint8Array): Uint8Array {
  const raw = key.sign(tbs);
  const signature = key.algorithm.key === 'Ed25519' ? raw : derFromRaw(raw);
  return sequence(tbs, algorithmOf(key), bitString(signature));
}

function algorithmOf({ algorithm }: MintedKey): Uint8Array {
  if (algorithm.oid === undefined) throw new RangeError(`certificates are not signed with ${algorithm.name} here`);
  return sequence(oid(algorithm.oid));
}

const extension = (id: string, critical: boolean, value: Uint8Array): Uint8Array =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(value));

const nameOf = (commonName: string): Uint8Array =>
  sequence(
    attribute('2.5.4.10', utf8String('Tongren reference federation')),
    attribute('2.5.4.3', utf8String(commonName)),
  );

const attribute = (id: string, value: Uint8Array): Uint8Array => element(TAG.set, sequence(oid(id), value));

/** RFC 7093 §2 (1): the leftmost 160 bits of the SHA-256 of the key. */
const keyIdentifier = (key: MintedKey): Uint8Array =>
  nodePlatform.digest('SHA-256', spkiFromKey(key.publicKey)).slice(0, 20);

/** Positive, and 126 bits that nobody foresees. */
function randomSerial(): bigint {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return bytes.reduce((value, byte, i) => (value << 8n) | BigInt(i === 0 ? (byte & 0x3f) | 0x40 : byte), 0n);
}
