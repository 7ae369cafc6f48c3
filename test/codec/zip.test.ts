import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldName, PACKAGE_LIMITS, readZip } from '../../src/codec/zip.ts';
import { writeZip } from '../../src/codec/zip-writer.ts';
import { Broken } from '../../src/document/broken.ts';
import { broken, malformed } from '../support/broken.ts';
import { ascii, descriptor, joined, type RawEntry, rawZip, u16, u32 } from '../support/raw-zip.ts';

const read = (bytes: Uint8Array) => readZip(bytes, PACKAGE_LIMITS);
const textsOf = (bytes: Uint8Array) =>
  Object.fromEntries([...read(bytes)].map(([name, content]) => [name, Buffer.from(content).toString()]));

describe('packages that are sound', () => {
  it('reads stored and deflated entries, and leaves folders out', () => {
    const bytes = rawZip([
      { name: 'Doc_0/' },
      { name: 'Doc_0/a.xml', content: 'stored' },
      { name: 'b.xml', content: 'deflated', method: 8 },
    ]);
    expect(textsOf(bytes)).toEqual({ 'Doc_0/a.xml': 'stored', 'b.xml': 'deflated' });
  });

  it('reads an empty package', () => {
    expect(read(rawZip([])).size).toBe(0);
  });

  it.each([
    ['with a signature', true],
    ['without one', false],
  ])('reads sizes that follow the data, %s', (_, signed) => {
    const content = ascii('streamed');
    const data = new Uint8Array(zlib.deflateRawSync(content));
    const blank = { crc: 0, packed: 0, size: 0 };
    const entry: RawEntry = { name: 'a', content, method: 8, data, flags: 8, local: blank };
    expect(textsOf(rawZip([{ ...entry, after: descriptor(content, data.length, signed) }]))).toEqual({ a: 'streamed' });
  });

  it('reads sizes of 64 bits in a local header, as some writers stream them', () => {
    const ones = 0xffffffff;
    const extra = joined(u16(1), u16(16), u32(4), u32(0), u32(4), u32(0));
    expect(textsOf(rawZip([{ name: 'a', content: 'four', local: { packed: ones, size: ones, extra } }]))).toEqual({
      a: 'four',
    });
  });

  it('reads times of NTFS in extra fields, a comment, and names in UTF-8 whatever the flag says', () => {
    const extra = joined(u16(0x000a), u16(4), u32(0));
    const bytes = rawZip(
      [
        { name: '证照.xml', content: 'x', flags: 0x0800, local: { extra }, central: { extra } },
        { name: '附件.xml', content: 'y' },
      ],
      { comment: ascii('made by hand') },
    );
    expect(textsOf(bytes)).toEqual({ '证照.xml': 'x', '附件.xml': 'y' });
  });

  it('reads the order of the directory, whatever the order of the entries', () => {
    const parts = rawZip([
      { name: 'a', content: '1' },
      { name: 'b', content: '2' },
    ]);
    const at = parts.length - 22;
    const length = 47;
    const first = parts.slice(at - 2 * length, at - length);
    parts.copyWithin(at - 2 * length, at - length, at);
    parts.set(first, at - length);
    expect([...read(parts).keys()]).toEqual(['b', 'a']);
  });
});

describe('writing', () => {
  it('is read back, also by the platform', () => {
    const files: [string, Uint8Array][] = [
      ['OFD.xml', ascii('<a/>'.repeat(100))],
      ['Doc_0/证照.bin', Uint8Array.of(1, 2, 3)],
      ['empty', new Uint8Array(0)],
    ];
    const bytes = writeZip(files);
    expect([...read(bytes)]).toEqual(files);
    const packed = bytes.subarray(30 + 'OFD.xml'.length);
    expect(zlib.inflateRawSync(packed, { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString()).toBe(
      '<a/>'.repeat(100),
    );
  });

  it('gives equal packages for equal files', () => {
    const files: [string, Uint8Array][] = [['a', ascii('b')]];
    expect(writeZip(files)).toEqual(writeZip(files));
  });

  it('gives back any files', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}(\/[a-z]{1,8}){0,2}\.[a-z]{3}$/);
    const files = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 200 })), { selector: ([first]) => first });
    fc.assert(
      fc.property(files, (list) => {
        expect([...read(writeZip(list))]).toEqual(list.map(([first, content]) => [first, Uint8Array.from(content)]));
      }),
    );
  });

  it('refuses what would need ZIP64', () => {
    const many = Array.from({ length: 65_535 }, (_, i) => [String(i), new Uint8Array(0)] as const);
    expect(() => writeZip(many)).toThrow(RangeError);
  });
});

const one: RawEntry = { name: 'a', content: 'content' };
const deflated: RawEntry = { name: 'a', content: 'content', method: 8 };

/** Each would let another reader see something else, or make work without end. */
const REFUSED: readonly [name: string, bytes: () => Uint8Array, code?: string][] = [
  ['no package at all', () => ascii('<?xml version="1.0"?>')],
  ['nothing', () => new Uint8Array(0)],
  ['bytes before the first entry', () => rawZip([one], { before: ascii('MZ') })],
  ['bytes before the first entry that no offset counts', () => joined(ascii('MZ'), rawZip([one]))],
  ['bytes after the end record', () => rawZip([one], { after: ascii('x') })],
  ['bytes between two entries', () => rawZip([{ ...one, after: ascii('hidden') }, { name: 'b' }])],
  [
    'an entry that the directory leaves out',
    () => {
      const hidden = rawZip([{ name: 'b', content: 'hidden' }]).subarray(0, 37);
      return rawZip([{ ...one, after: hidden }]);
    },
  ],
  ['bytes before the directory', () => rawZip([one], { beforeDirectory: ascii('x') })],
  ['bytes after the directory', () => rawZip([one], { afterDirectory: ascii('x') })],
  ['bytes in the directory after its entries', () => rawZip([one], { afterDirectory: ascii('x'), directorySize: 48 })],
  ['a directory longer than said', () => rawZip([one, { name: 'b' }], { count: 1, countHere: 1 })],
  ['a directory shorter than said', () => rawZip([one], { count: 2, countHere: 2 })],
  ['two counts of entries', () => rawZip([one], { countHere: 0 })],
  ['two end records', () => joined(rawZip([one]), rawZip([{ name: 'b' }]))],
  ['an end record in the comment', () => rawZip([one], { comment: rawZip([]) })],
  ['a comment cut short', () => rawZip([one], { commentLength: 5 })],
  ['several volumes', () => rawZip([one], { disk: 1 })],
  ['an entry on another volume', () => rawZip([{ ...one, central: { disk: 1 } }])],
  ['another name in the local header', () => rawZip([{ ...one, local: { name: ascii('b') } }])],
  ['another method in the local header', () => rawZip([{ ...one, local: { method: 8 } }])],
  ['another length in the local header', () => rawZip([{ ...one, local: { size: 6, packed: 6 } }])],
  ['another CRC in the local header', () => rawZip([{ ...one, local: { crc: 1 } }])],
  [
    'blank sizes in the local header and none after it',
    () => rawZip([{ ...one, local: { crc: 0, size: 0, packed: 0 } }]),
  ],
  ['a flag in one place only', () => rawZip([{ ...one, local: { flags: 8 } }])],
  [
    'sizes after the data that differ',
    () => {
      const data = new Uint8Array(zlib.deflateRawSync(ascii('content')));
      return rawZip([{ ...deflated, flags: 8, data, after: descriptor(ascii('contenT'), data.length) }]);
    },
  ],
  ['sizes after the data of no known form', () => rawZip([{ ...deflated, flags: 8, after: new Uint8Array(13) }])],
  [
    'a stored entry whose length only follows it',
    () => rawZip([{ ...one, flags: 8, local: { crc: 0, size: 0, packed: 0 }, after: descriptor(ascii('content'), 7) }]),
  ],
  ['a stored entry of two lengths', () => rawZip([{ ...one, central: { size: 6 }, local: { size: 6 } }])],
  ['a wrong CRC', () => rawZip([{ ...one, central: { crc: 1 }, local: { crc: 1 } }])],
  ['less content than declared', () => rawZip([{ ...deflated, central: { size: 8 }, local: { size: 8 } }])],
  [
    'more content than declared',
    () => rawZip([{ ...deflated, central: { size: 6 }, local: { size: 6 } }]),
    'LIMIT_EXCEEDED',
  ],
  [
    'bytes after the deflated data',
    () => {
      const data = joined(new Uint8Array(zlib.deflateRawSync(ascii('content'))), ascii('tail'));
      return rawZip([{ ...deflated, data }]);
    },
  ],
  ['entries that overlap', () => rawZip([one, { name: 'b', central: { offset: 0 } }])],
  ['an offset beyond the end', () => rawZip([{ ...one, central: { offset: 0x7fffffff } }])],
  ['an encrypted entry', () => rawZip([{ ...one, flags: 1 }])],
  ['a strongly encrypted entry', () => rawZip([{ ...one, flags: 0x41 }])],
  ['a masked header', () => rawZip([{ ...one, flags: 0x2000 }])],
  ['compression by bzip2', () => rawZip([{ ...one, method: 12 }])],
  ['a folder with content', () => rawZip([{ name: 'a/', content: 'x' }])],
  [
    'a symbolic link',
    () => rawZip([{ name: 'a', content: '/etc/passwd', central: { attributes: 0o120777 * 0x10000 } }]),
  ],
  [
    '64-bit sizes in the directory',
    () => {
      const extra = joined(u16(1), u16(16), u32(7), u32(0), u32(7), u32(0));
      return rawZip([{ ...one, central: { size: 0xffffffff, packed: 0xffffffff, extra } }]);
    },
    'LIMIT_EXCEEDED',
  ],
  [
    '64-bit sizes of another file',
    () => {
      const extra = joined(u16(1), u16(16), u32(6), u32(0), u32(6), u32(0));
      return rawZip([{ ...one, local: { size: 0xffffffff, packed: 0xffffffff, extra } }]);
    },
  ],
  ['64-bit sizes that are missing', () => rawZip([{ ...one, local: { size: 0xffffffff, packed: 0xffffffff } }])],
  [
    'a length beyond 32 bits',
    () => {
      const extra = joined(u16(1), u16(16), u32(7), u32(1), u32(7), u32(0));
      return rawZip([{ ...one, local: { size: 0xffffffff, packed: 0xffffffff, extra } }]);
    },
    'LIMIT_EXCEEDED',
  ],
  [
    'an entry far behind the end, which lets an extra field before it run out of the file',
    () => {
      const bytes = rawZip([one, { name: 'b', central: { offset: 0x2000_0000 } }]);
      bytes[29] = 0xff;
      return bytes;
    },
  ],
  ['an extra field cut short', () => rawZip([{ ...one, central: { extra: joined(u16(10), u16(5), u16(0)) } }])],
  [
    'a second name in an extra field',
    () => {
      const extra = joined(u16(0x7075), u16(6), Uint8Array.of(1), u32(zlib.crc32('a')), ascii('b'));
      return rawZip([{ ...one, central: { extra } }]);
    },
  ],
  ['more bytes than a package may have', () => new Uint8Array(PACKAGE_LIMITS.input + 1), 'LIMIT_EXCEEDED'],
];

describe('packages that are refused', () => {
  it.each<[string, () => Uint8Array, string?]>(REFUSED)('%s', (_, bytes, code) => {
    const package_ = bytes();
    expect(() => read(package_)).toThrow(broken(code));
  });

  it('every package that is cut short', () => {
    const bytes = rawZip([deflated, { name: 'b', content: 'other' }], { comment: ascii('end') });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => read(bytes.subarray(0, length)), `${length} bytes`).toThrow(malformed);
    }
  });

  it('every package with one bit of a length, offset, name, method or CRC changed', () => {
    const bytes = rawZip([deflated, { name: 'b', content: 'other' }]);
    // Versions, times and attributes say nothing about the content; flags have bits that only describe the packing.
    const fields = (start: number, ...ranges: readonly (readonly [number, number])[]) =>
      ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => start + from + i));
    const directory = bytes.length - 22 - 2 * 47;
    const places = [
      ...fields(0, [0, 4], [8, 10], [14, 31]),
      ...fields(directory, [0, 4], [10, 12], [16, 36], [42, 47]),
      ...fields(bytes.length - 22, [0, 22]),
    ];
    for (const place of places) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = bytes.slice();
        changed[place]! ^= 1 << bit;
        expect(() => read(changed), `byte ${place}, bit ${bit}`).toThrow(Broken);
      }
    }
  });
});

describe('names', () => {
  it.each([
    ['a parent folder', '../a'],
    ['a parent folder inside', 'a/../b'],
    ['the folder itself', './a'],
    ['the root', '/a'],
    ['an empty step', 'a//b'],
    ['a backslash', 'a\\b'],
    ['a drive', 'C:a'],
    ['a stream of NTFS', 'a.xml:b'],
    ['a last dot, which Windows takes off', 'a.xml.'],
    ['a last space, which Windows takes off', 'a.xml '],
    ['a zero', 'a\0.xml'],
    ['a line end', 'a\n.xml'],
    ['nothing', ''],
    ['folders without end', 'a/'.repeat(40)],
    ['more than 300 characters', 'a'.repeat(301)],
    ['a byte that is no UTF-8', Uint8Array.of(0xd5, 0xd5)],
  ])('%s is refused', (_, name) => {
    expect(() => read(rawZip([{ name }]))).toThrow(Broken);
  });

  it.each([
    ['twice', 'a.xml', 'a.xml'],
    ['in another case', 'Doc_0/Content.xml', 'doc_0/content.XML'],
    ['composed otherwise', 'é.xml', 'e\u0301.xml'],
    ['in other widths', 'ａ.xml', 'a.xml'],
    ['in another case that has no pair', 'straße', 'STRASSE'],
    ['twice as a folder', 'a/', 'A/'],
    ['as file and folder', 'a', 'a/'],
    ['as folder and file', 'a/', 'a'],
    ['as file and as part of a path', 'a', 'a/b'],
    ['as part of a path and as file', 'a/b', 'A'],
  ])('one name %s is refused', (_, first, second) => {
    expect(() => read(rawZip([{ name: first }, { name: second }]))).toThrow(malformed);
  });

  it('folds what only some systems can tell apart', () => {
    expect(foldName('Doc_0/Ａ.XML')).toBe('doc_0/a.xml');
    expect(foldName('ß')).toBe(foldName('SS'));
  });

  it('a folder may stand before or after what is in it', () => {
    expect([...read(rawZip([{ name: 'a/b' }, { name: 'a/' }, { name: 'a/c' }])).keys()]).toEqual(['a/b', 'a/c']);
  });
});
