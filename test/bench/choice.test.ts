import { expect, it } from 'vitest';
import { choiceOf } from '../../bench/choice.ts';

const ALL = ['checks', 'journey', 'page'];
const part = { names: [], full: false, write: false };

it('runs all sections if none is named, and one that is named twice once', () => {
  expect(choiceOf(part, ALL)).toEqual({ names: ALL });
  expect(choiceOf({ ...part, names: ['page', 'checks', 'page'] }, ALL)).toEqual({ names: ['page', 'checks'] });
});

it('names the sections that there are to whoever asks for another', () => {
  expect(choiceOf({ ...part, names: ['checks', 'constructor'] }, ALL)).toEqual({
    fault: 'no bench "constructor"',
    hint: 'there are: checks, journey, page',
  });
});

it.each([
  { names: ['checks'], full: true, write: true },
  { names: [], full: false, write: true },
])('writes nothing of a part of what is measured: %j', (asked) => {
  expect(choiceOf(asked, ALL)).toMatchObject({ hint: 'npm run bench -- --full --write' });
});

it('writes what was measured of everything, named or not', () => {
  expect(choiceOf({ names: [], full: true, write: true }, ALL)).toEqual({ names: ALL });
  expect(choiceOf({ names: ALL, full: true, write: true }, ALL)).toEqual({ names: ALL });
});
