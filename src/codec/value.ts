/**
 * What a payload codec gives, whatever the wire format was: plain data that the map can walk with JSON pointers.
 * Objects inherit nothing (`emptyObject`), so that a key like `__proto__` is only a key. CBOR integer keys become their decimal
 * text (`-260`); a CBOR text key that looks like one is refused, so that the two cannot be confused.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array | readonly Value[] | ValueObject;
export interface ValueObject {
  readonly [key: string]: Value;
}

/** Whether it has members: null, lists and bytes, which JavaScript calls objects, have none. */
export const isObject = (value: unknown): value is ValueObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/**
 * An object without members, of its own or inherited. Its prototype is an object that has none either and never will: of an object
 * whose prototype is null, engines keep a dictionary, and to fill and read that takes half as long again as an object of a known shape.
 */
export const emptyObject = (): Record<string, Value> => Object.create(NOTHING);

const NOTHING = Object.freeze(Object.create(null));
