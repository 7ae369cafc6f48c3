import type { Presented } from '../../../src/format/open.ts';
import { MAX_INPUT_BYTES, present } from '../../../src/intake.ts';
import { looksLikeBundle } from '../../../src/region/bundle.ts';
import type { Word } from '../words.ts';
import { decoder } from './decoder.ts';

/** Files as they are handed in: one document each, or a file with its signature file. Out: what each is, or why it is not read. */
export async function presentedFiles(files: readonly File[]): Promise<readonly (Presented | Word)[]> {
  const signature = files.find(({ name }) => name.toLowerCase().endsWith('.p7s'));
  const documents = files.filter((each) => each !== signature || files.length === 1);
  const beside = documents.includes(signature!) ? undefined : signature;
  return Promise.all(documents.map((file) => presentedFile(file, beside)));
}

async function presentedFile(file: File, beside: File | undefined): Promise<Presented | Word> {
  if (file.size + (beside?.size ?? 0) > MAX_INPUT_BYTES) return 'tooLarge';
  try {
    const bytes = await bytesOf(file);
    if (beside !== undefined) return { bytes, beside: await bytesOf(beside) };
    return await present(bytes, async () => (await decoder()).pictures());
  } catch (error) {
    // The file has gone, or the decoder cannot be had: nobody has looked at the document.
    if (error instanceof DOMException || error instanceof TypeError) return 'unread';
    throw error;
  }
}

/** Lists for this device apart from documents: they begin with words of their own. */
export async function sorted(
  handed: readonly File[],
): Promise<{ readonly lists: readonly Uint8Array[]; readonly files: readonly File[] }> {
  const lists: Uint8Array[] = [];
  const files: File[] = [];
  for (const file of handed) {
    const begin = await bytesOf(file.slice(0, 32)).catch(() => new Uint8Array());
    if (looksLikeBundle(begin)) lists.push(await bytesOf(file));
    else files.push(file);
  }
  return { lists, files };
}

const bytesOf = async (file: Blob): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());
