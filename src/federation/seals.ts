import { type SealWriterSigner, writeSeal } from '../codec/seal-writer.ts';
import { sealPicture } from './seal-picture.ts';

/** A seal of our own making: for samples, and for the gateway's conversions. */
export interface OwnSeal {
  /** esID. ASCII. */
  readonly number: string;
  readonly name: string;
  readonly picture: Parameters<typeof sealPicture>[0];
  /** Epoch ms, whole seconds. It is made when it begins. */
  readonly validFrom: number;
  readonly validUntil: number;
  /** Certificates of those who may use it, DER. */
  readonly users: readonly Uint8Array[];
}

const VENDOR = 'TONGREN';
/** Kind of seal, for the user to number (seal-writer.ts). */
const OFFICE = 1;

/** Makes a seal (SESeal, GB/T 38540-2020), signed by its maker. */
export const makeSeal = (seal: OwnSeal, maker: SealWriterSigner): Uint8Array =>
  writeSeal(
    {
      id: seal.number,
      vendor: VENDOR,
      name: seal.name,
      type: OFFICE,
      createdAt: seal.validFrom,
      validFrom: seal.validFrom,
      validUntil: seal.validUntil,
      signers: seal.users.map((certificate) => ({ certificate })),
      picture: sealPicture(seal.picture),
    },
    maker,
  );
