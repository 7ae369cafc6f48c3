import { joinBytes } from './bytes.ts';
import { deflate } from './deflate.ts';
import { crc32 } from './inflate.ts';
import { encodeUtf8 } from './utf8.ts';

/** 1 January 1980, the first day a ZIP can name: equal files give equal packages. */
const DAY = 0x0021;
const UTF8_NAMES = 0x0800;
const VERSION = 20;
const WORTH_PACKING = 32;

/**
 * Writes a ZIP package that `readZip` takes: entries in the order given, deflated where that is shorter. For minting
 * documents and for tests. Names are relative paths with `/`.
 *
 * @throws RangeError for more than 65,534 files, which would need ZIP64
 */
export function writeZip(files: Iterable<readonly [name: string, content: Uint8Array]>): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  let count = 0;
  for (const [name, content] of files) {
    if (++count >= 0xffff) throw new RangeError('too many files for a package without ZIP64');
    const nameBytes = encodeUtf8(name);
    const deflated = content.length < WORTH_PACKING ? content : deflate(content, 'raw');
    const stored = deflated.length >= content.length;
    const data = stored ? content : deflated;
    // What the local header and the directory share, from the version to the length of the extra field.
    const shared = record(26, [
      [2, VERSION],
      [2, nameBytes.length === name.length ? 0 : UTF8_NAMES],
      [2, stored ? 0 : 8],
      [2, 0],
      [2, DAY],
      [4, crc32(content)],
      [4, data.length],
      [4, content.length],
      [2, nameBytes.length],
      [2, 0],
    ]);
    parts.push(record(4, [[4, 0x04034b50]]), shared, nameBytes, data);
    directory.push(
      record(6, [
        [4, 0x02014b50],
        [2, VERSION],
      ]),
      shared,
      record(14, [
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, offset],
      ]),
      nameBytes,
    );
    offset += 30 + nameBytes.length + data.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = record(22, [
    [4, 0x06054b50],
    [4, 0],
    [2, count],
    [2, count],
    [4, size],
    [4, offset],
    [2, 0],
  ]);
  return joinBytes([...parts, ...directory, end]);
}

/** Little-endian fields of two or four octets. */
function record(length: number, fields: readonly (readonly [size: 2 | 4, value: number])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(length));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
}
