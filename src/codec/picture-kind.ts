export type PictureKind = 'png' | 'jpeg';

const MAGIC: Readonly<Record<PictureKind, readonly number[]>> = {
  png: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  jpeg: [0xff, 0xd8, 0xff],
};
const KINDS = Object.keys(MAGIC) as PictureKind[];

/** PNG or JPEG by the first bytes; undefined for anything else (a file's name and media type prove nothing). */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  return KINDS.find((kind) => MAGIC[kind].every((byte, i) => bytes[i] === byte));
}
