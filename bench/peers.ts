/** A key whose multiples were worked out before. */
interface Point {
  readonly px: bigint;
}

/** Packages that others use, where they are installed (`npm install --prefix bench --ignore-scripts --omit=optional --no-save`). */
interface Modules {
  readonly base45: { readonly default: { decode(text: string): Buffer } };
  readonly 'cbor-x': { decode(bytes: Uint8Array): unknown; encode(value: unknown): Uint8Array };
  readonly 'sm-crypto-v2': {
    readonly sm2: {
      doVerifySignature(data: string | Uint8Array, signature: string, key: string | Point, options: object): boolean;
      precomputePublicKey(key: string): Point;
    };
  };
}

/** The package, or undefined where it is not installed. Any other trouble with it is thrown. */
export async function peer<Name extends keyof Modules>(name: Name): Promise<Modules[Name] | undefined> {
  try {
    return (await import(name)) as Modules[Name];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** What to say of those that are not there. */
export const absent = (found: Readonly<Record<string, unknown>>): string => {
  const names = Object.keys(found).filter((name) => found[name] === undefined);
  return names.length === 0 ? '' : `; not installed: ${names.join(', ')}`;
};
