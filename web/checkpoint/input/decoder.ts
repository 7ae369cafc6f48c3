import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';
import type { PictureReader } from '../../../src/codec/picture.ts';

/** A code in a frame: its text, or that something like a code was seen (`whole: false`). */
export interface Found {
  readonly text: string;
  readonly whole: boolean;
}

/** Reads camera frames and pictures with zxing, loaded when first needed, from this page's own server. */
export interface Decoder {
  frame(frame: ImageData): Promise<readonly Found[]>;
  pictures(): Promise<PictureReader>;
}

let shared: Promise<Decoder> | undefined;

export function decoder(): Promise<Decoder> {
  shared ??= load().catch((error) => {
    shared = undefined;
    throw error;
  });
  return shared;
}

async function load(): Promise<Decoder> {
  const [wasm, { createPictureReader }, zxing] = await Promise.all([
    fetch(wasmUrl).then((answer) => answer.arrayBuffer()),
    import('../../../src/codec/picture.ts'),
    import('zxing-wasm/reader'),
  ]);
  zxing.prepareZXingModule({ overrides: { wasmBinary: wasm } });
  let reader: Promise<PictureReader> | undefined;
  return {
    async frame(frame) {
      const results = await zxing.readBarcodes(frame, {
        formats: ['QRCode', 'DataMatrix', 'AztecCode', 'PDF417'],
        tryHarder: false,
        returnErrors: true,
        maxNumberOfSymbols: 4,
        textMode: 'Plain',
      });
      return results.map(({ text, isValid }) => ({ text, whole: isValid }));
    },
    pictures() {
      reader ??= createPictureReader(wasm);
      return reader;
    },
  };
}
