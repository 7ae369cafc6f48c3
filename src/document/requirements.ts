import type { Catalogue } from './generated/types.ts';

/**
 * What documents can prove (residence, identity …) is a closed list of the catalogue, and types name words of it. Errors: Error
 * with pointer and reason.
 */
export function checkRequirements({ requirements = [], documentTypes }: Catalogue): void {
  const codes = new Set<string>();
  for (const [i, { code }] of requirements.entries()) {
    if (codes.has(code)) throw new Error(`/requirements/${i}/code: there is a requirement ${code} already`);
    codes.add(code);
  }
  for (const [i, { proves = [] }] of documentTypes.entries()) {
    const unknown = proves.find((code) => !codes.has(code));
    if (unknown !== undefined)
      throw new Error(`/documentTypes/${i}/proves: the catalogue has no requirement "${unknown}"`);
  }
}
