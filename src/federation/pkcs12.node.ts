import { Broken } from '../document/broken.ts';
import { keyFromPkcs8 } from './pkcs8.node.ts';
import type { MintedKey } from './signer.node.ts';

/** More than a key with its certificates needs. */
const MAX_BYTES = 256 * 1024;

/**
 * Reads the one private key of a PKCS#12 file (RFC 7292), as authorities hand out RSA keys. Its certificates are not
 * looked at: what a key may do is said by the store.
 *
 * @throws Broken if the passphrase does not fit, or there is not exactly one key
 */
export async function keyFromPkcs12(bytes: Uint8Array, passphrase: string): Promise<MintedKey> {
  if (bytes.length > MAX_BYTES) throw new Broken('pkcs12', 'the file is too long', 'LIMIT_EXCEEDED');
  // Writers differ in how they turn other signs into bytes, even within one file: the library cannot follow them.
  if (!/^[ -~]*$/.test(passphrase)) throw new Broken('pkcs12', 'a passphrase of PKCS#12 has ASCII signs only');
  // Loaded only where it is needed: it is large, and most commands never see such a file.
  const { default: forge } = await import('node-forge');
  const { asn1, pkcs12, pki, util } = forge;
  const ders: Uint8Array[] = [];
  try {
    const file = pkcs12.pkcs12FromAsn1(asn1.fromDer(util.createBuffer(bytes as never)), true, passphrase);
    for (const bagType of [pki.oids['pkcs8ShroudedKeyBag']!, pki.oids['keyBag']!])
      for (const { key, asn1: bare } of file.getBags({ bagType })[bagType] ?? []) {
        // Keys that it does not know (EC, SM2) come back as they stand in the file.
        const info = key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(key)) : bare;
        ders.push(Uint8Array.from(asn1.toDer(info).getBytes(), (sign) => sign.charCodeAt(0)));
      }
  } catch {
    // Its errors are texts without a class; whatever it was, nothing is signed with this file.
    throw new Broken('pkcs12', 'damaged, or another passphrase');
  }
  if (ders.length !== 1) throw new Broken('pkcs12', `${ders.length} private keys in this file, and one is expected`);
  return keyFromPkcs8(ders[0]!);
}
