/**
 * What judges is synchronous, and most of what it could need is never needed at one desk: certificates' paths where nobody's
 * documents bring certificates, curves that the WebAssembly core knows better. Such parts (`build/later.ts` names them) are loaded
 * when somebody first calls into them: the call is left with `NotYet`, the part comes from what the service worker keeps, and the
 * whole is asked once more. Nothing that judges changes the world, so that asking twice says the same.
 */
type Part = Readonly<Record<string, never>>;

const here = new Map<string, Part>();

class NotYet extends Error {
  override readonly name = 'NotYet';
  readonly part: string;
  readonly load: () => Promise<Part>;

  constructor(part: string, load: () => Promise<Part>) {
    super(`${part} is not loaded yet`);
    this.part = part;
    this.load = load;
  }
}

/** A part of the program can be had neither from what is kept here nor from the gateway. */
export class PartMissing extends Error {
  override readonly name = 'PartMissing';
}

/** The part that is missed by what runs now: known even where somebody on the way took the signal for an error of his own. */
let missed: NotYet | undefined;

/** A part, if it is here. Errors: NotYet */
export function partNamed(name: string, load: () => Promise<Part>): Part {
  const part = here.get(name);
  if (part !== undefined) return part;
  missed = new NotYet(name, load);
  throw missed;
}

const takeMissed = (): NotYet | undefined => {
  const was = missed;
  missed = undefined;
  return was;
};

/** What a synchronous function gives, with the parts that it turns out to need. Errors: its own; PartMissing */
export async function withParts<T>(run: () => T): Promise<T> {
  for (;;) {
    takeMissed();
    let given: () => T;
    try {
      const value = run();
      given = () => value;
    } catch (error) {
      given = () => {
        throw error;
      };
    }
    // What was given, or thrown, without a part that was asked for counts for nothing.
    const lacking = takeMissed();
    if (lacking === undefined) return given();
    const loaded = await lacking.load().catch((cause: unknown) => {
      throw new PartMissing(lacking.part, { cause });
    });
    here.set(lacking.part, loaded);
  }
}
