import zlib from 'node:zlib';

/** A ZIP field by field, so that any of them can lie. Fields that are not given are those of a sound package. */
export interface RawEntry {
  readonly name: string | Uint8Array;
  readonly content?: Uint8Array | string;
  /** 0 stored, 8 deflated. */
  readonly method?: number;
  readonly flags?: number;
  /** The packed data as they shall stand. */
  readonly data?: Uint8Array;
  readonly local?: Partial<RawFields>;
  readonly central?: Partial<RawFields>;
  /** Bytes after the data. */
  readonly after?: Uint8Array;
}

export interface RawFields {
  readonly name: Uint8Array;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly extra: Uint8Array;
  readonly offset: number;
  readonly disk: number;
  readonly attributes: number;
}

export interface RawOptions {
  readonly before?: Uint8Array;
  readonly beforeDirectory?: Uint8Array;
  readonly afterDirectory?: Uint8Array;
  readonly comment?: Uint8Array;
  readonly commentLength?: number;
  readonly count?: number;
  readonly countHere?: number;
  readonly disk?: number;
  readonly directorySize?: number;
  readonly directoryAt?: number;
  readonly after?: Uint8Array;
}

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
export const u16 = (value: number): Uint8Array => Uint8Array.of(value & 255, (value >> 8) & 255);
export const u32 = (value: number): Uint8Array => Uint8Array.of(...u16(value & 0xffff), ...u16(value >>> 16));
export const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
/** CRC and sizes as they follow an entry. */
export const descriptor = (content: Uint8Array, packed: number, signed = true): Uint8Array =>
  joined(...(signed ? [u32(0x08074b50)] : []), u32(zlib.crc32(content)), u32(packed), u32(content.length));

export function rawZip(entries: readonly RawEntry[], options: RawOptions = {}): Uint8Array {
  const { before = NONE, beforeDirectory = NONE, afterDirectory = NONE, comment = NONE, after = NONE } = options;
  const parts: Uint8Array[] = [before];
  const directory: Uint8Array[] = [];
  let offset = before.length;
  for (const entry of entries) {
    const content = typeof entry.content === 'string' ? ascii(entry.content) : (entry.content ?? NONE);
    const method = entry.method ?? 0;
    const data = entry.data ?? (method === 8 ? new Uint8Array(zlib.deflateRawSync(content)) : content);
    const sound: RawFields = {
      name: typeof entry.name === 'string' ? ascii(entry.name) : entry.name,
      flags: entry.flags ?? 0,
      method,
      crc: zlib.crc32(content),
      packed: data.length,
      size: content.length,
      extra: NONE,
      offset,
      disk: 0,
      attributes: 0,
    };
    const local = { ...sound, ...entry.local };
    const central = { ...sound, ...entry.central };
    const bytes = joined(u32(0x04034b50), shared(local), local.name, local.extra, data, entry.after ?? NONE);
    parts.push(bytes);
    offset += bytes.length;
    const tail = [u16(0), u16(central.disk), u16(0), u32(central.attributes), u32(central.offset)];
    directory.push(u32(0x02014b50), u16(20), shared(central), ...tail, central.name, central.extra);
  }
  const list = joined(...directory);
  const end = joined(
    u32(0x06054b50),
    u16(options.disk ?? 0),
    u16(0),
    u16(options.countHere ?? entries.length),
    u16(options.count ?? entries.length),
    u32(options.directorySize ?? list.length),
    u32(options.directoryAt ?? offset + beforeDirectory.length),
    u16(options.commentLength ?? comment.length),
    comment,
  );
  return joined(...parts, beforeDirectory, list, afterDirectory, end, after);
}

const NONE = new Uint8Array(0);

const shared = (fields: RawFields): Uint8Array =>
  joined(
    u16(20),
    u16(fields.flags),
    u16(fields.method),
    u32(0x00210000),
    u32(fields.crc),
    u32(fields.packed),
    u32(fields.size),
    u16(fields.name.length),
    u16(fields.extra.length),
  );
