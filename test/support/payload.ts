import { encodeBase45 } from '../../src/codec/base45.ts';
import { encodeCbor } from '../../src/codec/cbor.ts';
import { writeCoseSign1 } from '../../src/codec/cose.ts';
import type { EnvelopeSigner } from '../../src/codec/proof.ts';
import type { Value } from '../../src/codec/value.ts';

/** Signs a payload that no map would write, as the test format has it: plain data, or CBOR bytes as they are. */
export function signPayload(payload: Value | Uint8Array, signer: EnvelopeSigner, prefix = 'XT1:'): string {
  const bytes = payload instanceof Uint8Array ? payload : encodeCbor(payload);
  return prefix + encodeBase45(writeCoseSign1(bytes, {}, signer));
}
