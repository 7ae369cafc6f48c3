import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../src/crypto/platform.node.ts';
import { digestsOf } from '../../src/crypto/salted.ts';
import { type Person, sortPeople } from '../../src/judge/persons.ts';

/** The two textbook numbers of GB 11643; no person's. */
const A = '11010519491231002X';
const B = '440524188001010014';
const digests = digestsOf(nodePlatform);
const salt = (text: string): Buffer => Buffer.from(text.padEnd(16, '.')).subarray(0, 16);
/** SM3(salt ‖ idType ‖ id) by OpenSSL, the second opinion. */
const sm3 = (text: string, id: string, type = '111'): Buffer =>
  createHash('sm3').update(salt(text)).update(`${type}${id}`).digest();
const salted = (text: string, id: string, more: Partial<Person> = {}): Person => ({
  region: '340000',
  idType: '111',
  idSalt: salt(text).toString('base64url'),
  idRef: sm3(text, id).toString('base64url'),
  ...more,
});
const number = (idNumber: string, more: Partial<Person> = {}): Person => ({
  region: '330000',
  idType: '111',
  idNumber,
  ...more,
});
const pseudonym = (idRef: string, region = '330000', more: Partial<Person> = {}): Person => ({
  region,
  idRef,
  ...more,
});

describe('two statements are of', () => {
  const hex = { idSalt: salt('s').toString('hex'), idRef: sm3('s', A).toString('hex') };
  it.each<[string, 'same' | 'different' | 'unknown', Person, Person]>([
    ['one number', 'same', number(A), number(A)],
    ['one number, in small and full-width letters', 'same', number(A), number('１１０１０５19491231002x')],
    ['one number, of which one does not say its type', 'same', number(A), { region: '310000', idNumber: A }],
    ['two citizen numbers', 'different', number(A), number(B)],
    ['two passports, which are renewed', 'unknown', number('E1', { idType: '414' }), number('E2', { idType: '414' })],
    ['one passport within a region', 'same', number('E1', { idType: '414' }), number('E1', { idType: '414' })],
    [
      'one number of a passport in two regions: two countries may have given it',
      'unknown',
      number('E1', { idType: '414' }),
      number('E1', { idType: '414', region: '310000' }),
    ],
    [
      'one number of a passport in two regions, and two spellings of a name',
      'unknown',
      number('E1', { idType: '414', name: '陈大文' }),
      number('E1', { idType: '414', name: '陳大文', region: '310000' }),
    ],
    [
      'a passport and another region’s digest of the same number',
      'unknown',
      number('E1', { idType: '414' }),
      salted('s', 'E1', { idType: '414', idRef: sm3('s', 'E1', '414').toString('base64url') }),
    ],
    ['a citizen number and a passport', 'unknown', number(A), number('E1', { idType: '414' })],
    ['a number and its salted digest', 'same', number(A), salted('s', A)],
    ['a number and its digest in hexadecimal', 'same', number(A), salted('s', A, hex)],
    ['a number and another’s digest', 'different', number(A), salted('s', B)],
    ['a number and a digest of another type', 'unknown', number(A), salted('s', A, { idType: '414' })],
    ['two digests under one salt', 'same', salted('s', A), salted('s', A)],
    ['two digests under one salt that differ', 'different', salted('s', A), salted('s', B)],
    ['two digests under two salts, unlinkable by design', 'unknown', salted('s', A), salted('t', A)],
    ['one pseudonym of one region', 'same', pseudonym('p-1'), pseudonym('p-1')],
    ['one pseudonym of two regions, by chance', 'unknown', pseudonym('p-1'), pseudonym('p-1', '310000')],
    ['two pseudonyms: one person may have many', 'unknown', pseudonym('p-1'), pseudonym('p-2')],
    ['a pseudonym and a number', 'unknown', pseudonym('p-1'), number(A)],
    ['a salted thing that is no digest, and a number', 'unknown', salted('s', A, { idRef: 'opaque' }), number(A)],
    ['a digest whose salt cannot be read', 'unknown', salted('s', A, { idSalt: '盐' }), number(A)],
    [
      'names written alike, which proves nothing',
      'unknown',
      number(A, { idNumber: '', name: '王示例' }),
      pseudonym('p', '1', { name: '王示例' }),
    ],
    [
      'names that differ',
      'different',
      pseudonym('p-1', '1', { name: '王示例' }),
      pseudonym('p-2', '2', { name: '李示例' }),
    ],
    [
      'a masked name that fits',
      'unknown',
      pseudonym('p-1', '1', { nameMasked: '王*' }),
      pseudonym('p-2', '2', { name: '王示例' }),
    ],
    [
      'a masked name that contradicts',
      'different',
      pseudonym('p-1', '1', { nameMasked: '张*' }),
      pseudonym('p-2', '2', { name: '王示例' }),
    ],
    [
      'one number under two names: an officer must look',
      'unknown',
      number(A, { name: '王示例' }),
      number(A, { name: '李示例' }),
    ],
    [
      'birth dates that differ',
      'different',
      pseudonym('p-1', '1', { birthDate: '1963-05-01' }),
      pseudonym('p-2', '2', { birthDate: '1963-05-02' }),
    ],
    [
      'a birth date known in part',
      'unknown',
      pseudonym('p-1', '1', { birthDate: '1963' }),
      pseudonym('p-2', '2', { birthDate: '1963-05-02' }),
    ],
    [
      'a man and a woman',
      'different',
      pseudonym('p-1', '1', { sex: 'male' }),
      pseudonym('p-2', '2', { sex: 'female' }),
    ],
    [
      'a man and nobody knows',
      'unknown',
      pseudonym('p-1', '1', { sex: 'male' }),
      pseudonym('p-2', '2', { sex: 'unknown' }),
    ],
  ])('%s: %s', (_, relation, one, other) => {
    expect(sortPeople([one, other], digests).relate(0, 1)).toBe(relation);
    expect(sortPeople([other, one], digests).relate(0, 1)).toBe(relation);
  });

  it('one person where a third joins them, and of two where the third is one of them', () => {
    const people = sortPeople([salted('s', A), salted('t', A), number(A), salted('u', B)], digests);
    expect([people.relate(0, 1), people.relate(0, 3), people.relate(1, 3)]).toEqual(['same', 'different', 'different']);
  });
});

describe('people are counted', () => {
  const counted = (persons: readonly Person[]): { least: number; most: number } =>
    sortPeople(persons, digests).count(persons.map((_, i) => i));

  it.each<[string, readonly Person[], number, number]>([
    ['none', [], 0, 0],
    ['one', [number(A)], 1, 1],
    ['one, named by two documents', [number(A), salted('s', A)], 1, 1],
    ['two', [number(A), number(B)], 2, 2],
    ['one or two', [salted('s', A), salted('t', A)], 1, 2],
    ['two or three', [number(A), number(B), pseudonym('p-1')], 1, 3],
    [
      'two or three, of whom one is told apart',
      [number(A, { name: '王示例' }), pseudonym('p', '1', { name: '李示例' }), pseudonym('q', '1', { name: '李示例' })],
      2,
      3,
    ],
  ])('%s', (_, persons, least, most) => {
    expect(counted(persons)).toEqual({ least, most });
    expect(counted(persons.toReversed())).toEqual({ least, most });
  });

  it('without trying more digests than any vehicle has', () => {
    let tries = 0;
    const counting = {
      ...digests,
      salted: (...of: [string, string, string]) => {
        tries += 1;
        return digests.salted(...of);
      },
    };
    const crowd = Array.from({ length: 200 }, (_, i) => [number(`N${i}`), salted(`s${i}`, A)]).flat();
    const people = sortPeople(crowd, counting);
    // Once for each salt, to see that it is one.
    expect([tries, people.relate(0, 1)]).toEqual([200, 'unknown']);
  });
});

describe('a document that would make two people one', () => {
  /** One number beside the digest, or the pseudonym, of somebody else. */
  const bridges: [string, Person, Person][] = [
    ['by a number and another’s digest', salted('s', B), { ...salted('s', B), idNumber: A }],
    [
      'by two pseudonyms that are one',
      pseudonym('p', '330000', { idNumber: B, idType: '111' }),
      { ...pseudonym('p'), idNumber: A, idType: '111' },
    ],
  ];
  it.each(bridges)('%s: nobody can tell', (_, other, bridge) => {
    for (const persons of [
      [number(A), other, bridge],
      [bridge, other, number(A)],
    ]) {
      const { relate, count } = sortPeople(persons, digests);
      expect(relate(0, 2)).toBe('unknown');
      expect(relate(1, 2)).toBe('unknown');
      expect(count([0, 1, 2])).toEqual({ least: 1, most: 3 });
    }
  });
});
