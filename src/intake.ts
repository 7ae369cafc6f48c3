import type { PictureReader } from './codec/picture.ts';
import { pictureKind } from './codec/picture-kind.ts';
import { Broken } from './document/broken.ts';
import type { Presented } from './format/open.ts';

/** Larger inputs are refused before anything looks at them; a sealed OFD file stays well below. */
export const MAX_INPUT_BYTES = 20 * 1024 * 1024;

/**
 * Makes a file ready for the journey: a picture is read for its codes (asynchronously, which is why this stands before
 * the journey), anything else goes in as it is. A picture that cannot be decoded is one without codes, and says why.
 */
export async function present(bytes: Uint8Array, pictures: () => Promise<PictureReader>): Promise<Presented> {
  if (pictureKind(bytes) === undefined) return { bytes };
  try {
    const reader = await pictures();
    return { codes: (await reader.read(bytes)).map((code) => code.text) };
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    return { codes: [], detail: error.message };
  }
}
