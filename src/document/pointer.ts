/** JSON Pointer (RFC 6901) → its unescaped steps. `''` is the whole. */
export function stepsOf(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Steps → JSON Pointer. */
export function pointerOf(steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Pointers to all values of plain data that hold no others; octets are one value. `path`: where it lies in a larger whole. */
export function leavesOf(node: unknown, path: readonly (string | number)[] = []): string[] {
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return [pointerOf(path)];
  if (Array.isArray(node)) return node.flatMap((item, i) => leavesOf(item, [...path, i]));
  return Object.entries(node).flatMap(([key, value]) => leavesOf(value, [...path, key]));
}

type Holder = Record<string, unknown>;

/** What stands at these steps of plain data, or undefined. Own properties only: a pointer reaches no prototype. */
export function valueAt(root: unknown, steps: readonly string[]): unknown {
  let here: unknown = root;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined;
    here = (here as Holder)[step];
  }
  return here;
}

/** The member of this name, its own and no prototype's; undefined of what has none. */
export function ownMember(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name)
    ? (holder as Holder)[name]
    : undefined;
}

/**
 * Sets a value, making what is missing on the way: a list before a step `0`, an object before any other. (A pointer
 * alone cannot tell a list from an object with integer keys, which CBOR has; lists are begun at their beginning.)
 */
export function setAt(root: object, steps: readonly string[], value: unknown): void {
  let here = root as Holder;
  for (let i = 0; i < steps.length - 1; i += 1) {
    const step = steps[i]!;
    let next = Object.hasOwn(here, step) ? here[step] : undefined;
    if (typeof next !== 'object' || next === null) {
      next = steps[i + 1] === '0' ? [] : Object.create(null);
      here[step] = next;
    }
    here = next as Holder;
  }
  here[steps[steps.length - 1]!] = value;
}
