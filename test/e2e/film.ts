import { writeFileSync } from 'node:fs';
import { writeQr } from '../../src/codec/picture.node.ts';
import { pngGreys, pngParts } from '../../src/codec/png.ts';

const WIDTH = 1280;
const HEIGHT = 960;
const FRAMES = 10;

/** A film (YUV4MPEG2) of a code that is held before the camera, for Chromium's fake camera. In: the code's text. */
export async function writeFilm(file: string, text: string): Promise<void> {
  const code = await pngGreys(pngParts(await writeQr(text)), 255);
  const scale = Math.max(1, Math.floor((HEIGHT * 0.8) / Math.max(code.width, code.height)));
  const left = (WIDTH - code.width * scale) >> 1;
  const top = (HEIGHT - code.height * scale) >> 1;
  const luma = new Uint8Array(WIDTH * HEIGHT).fill(235);
  for (let y = 0; y < code.height * scale; y++)
    for (let x = 0; x < code.width * scale; x++) {
      const grey = code.pixels[Math.floor(y / scale) * code.width + Math.floor(x / scale)]!;
      luma[(top + y) * WIDTH + left + x] = 16 + Math.round((grey * 219) / 255);
    }
  const chroma = new Uint8Array((WIDTH * HEIGHT) / 2).fill(128);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`, 'ascii');
  const frame = Buffer.concat([Buffer.from('FRAME\n', 'ascii'), luma, chroma]);
  writeFileSync(file, Buffer.concat([head, ...Array.from({ length: FRAMES }, () => frame)]));
}
