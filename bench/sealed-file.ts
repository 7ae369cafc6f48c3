import { randomBytes } from 'node:crypto';
import { openOfd } from '../src/codec/ofd.ts';
import { sealStamp, stampOfd, writeOfd } from '../src/codec/ofd-writer.ts';
import { PACKAGE_LIMITS, readZip } from '../src/codec/zip.ts';
import { writeZip } from '../src/codec/zip-writer.ts';
import { nodePlatform } from '../src/crypto/platform.node.ts';
import type { FindSigner, MintedSample } from '../src/federation/mint.node.ts';

const PARTS = 25;
/** A page's picture or a part of a font. */
const RESOURCE_BYTES = 4096;
const DAY_MS = 86_400_000;
/** As the sample's recipe has them. */
const SIGNERS = [
  { name: 'zj-licence', days: 30 },
  { name: 'zj-archive', days: 29 },
] as const;

/** A file, and what is in it. */
export interface SealedFile {
  readonly bytes: Uint8Array;
  readonly seals: number;
  readonly parts: number;
}

/**
 * A sealed licence as large as those that are in use: the sample with two seals once more, with pictures and fonts in it, and sealed
 * by the same holders.
 */
export function sealedFile(samples: readonly MintedSample[], signer: FindSigner, now: number): SealedFile {
  const sample = samples.find(({ region, name }) => region === '330000' && name === 'licence-two-seals')!;
  const files = readZip(sample.wire as Uint8Array, PACKAGE_LIMITS);
  const bare = writeOfd(files.get('OFD.xml')!);
  const resources = PARTS - files.size;
  for (let i = 0; i < resources; i++) bare.set(`Doc_0/Res/image_${i}.png`, new Uint8Array(randomBytes(RESOURCE_BYTES)));
  const stamped = SIGNERS.reduce((contents, { name, days }, i) => {
    const { certificates, sign } = signer('330000', name)!;
    const seal = files.get(`Doc_0/Signs/Sign_${i}/Seal.esl`)!;
    const holder = { certificate: certificates![0]!, sign };
    return stampOfd(contents, sealStamp(seal, holder, now - days * DAY_MS, nodePlatform.digest), nodePlatform.digest);
  }, bare);
  const bytes = writeZip(stamped);
  // Counted where it is read, so that its name says what is measured.
  const { files: read, signatures } = openOfd(bytes, PACKAGE_LIMITS, nodePlatform.digest);
  const seals = signatures.filter((signature) => signature.sealFile !== undefined).length;
  return { bytes, seals, parts: read.contents.size };
}
