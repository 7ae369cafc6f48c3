import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/document/generated/types.ts';
import { checkRequirements } from '../../src/document/requirements.ts';

const name = { zh: '居住', en: 'Residence' };
const catalogue = (proves: string[], requirements = [{ code: 'residence', name }]): Catalogue => ({
  documentTypes: [{ code: 'residence-permit', family: 'licence', name, proves }],
  purposes: [],
  requirements,
});

describe('the requirements of a catalogue', () => {
  it('are a closed list', () => {
    expect(() => checkRequirements(catalogue(['residence']))).not.toThrow();
    expect(() => checkRequirements(catalogue(['wealth']))).toThrow(
      '/documentTypes/0/proves: the catalogue has no requirement "wealth"',
    );
  });

  it('are each there once', () => {
    const twice = [
      { code: 'residence', name },
      { code: 'residence', name },
    ];
    expect(() => checkRequirements(catalogue(['residence'], twice))).toThrow('/requirements/1/code');
  });

  it('may be none, where no type names any', () => {
    expect(() => checkRequirements({ documentTypes: [], purposes: [] })).not.toThrow();
  });
});
