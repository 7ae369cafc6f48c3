import { describe, expect, test } from 'vitest';
import { StoreError } from '../../src/store/error.ts';
import { codeOf as postgresCode } from '../../src/store/postgres/errors.ts';
import { codeOf as sqliteCode } from '../../src/store/sqlite/errors.ts';
import { openStore } from '../../src/store/store.ts';
import { random } from '../record/verdicts.ts';

test.each([
  '',
  'mysql://root@localhost/x',
  'http://127.0.0.1/x',
  'file:var/x.sqlite',
  ':memory:',
  'postgres://user:pa ss@[::1/x',
])('%j names no database', async (url) => {
  await expect(openStore(url, { random })).rejects.toMatchObject({ name: 'StoreError', code: 'bad-url' });
});

describe('what an error of the driver means', () => {
  test.each([
    [{ errcode: 13 }, 'full'],
    [{ errcode: 8 }, 'read-only'],
    [{ errcode: 1032 }, 'read-only'], // SQLITE_READONLY_DBMOVED
    [{ errcode: 778 }, 'unavailable'], // SQLITE_IOERR_WRITE
    [{ errcode: 517 }, 'busy'], // SQLITE_BUSY_SNAPSHOT
    [{ errcode: 1555 }, 'conflict'],
    [{ errcode: 2067 }, 'conflict'],
    [{ errcode: 787 }, 'refused'], // SQLITE_CONSTRAINT_FOREIGNKEY
    [{ errcode: 11 }, 'damaged'],
    [{}, 'internal'],
    [new TypeError('x'), 'internal'],
  ])('SQLite %#', (error, code) => {
    expect(sqliteCode(error)).toBe(code);
  });

  test.each([
    [{ code: '53100' }, 'full'],
    [{ code: '25006' }, 'read-only'],
    [{ code: '23505' }, 'conflict'],
    [{ code: '23503' }, 'refused'],
    [{ code: '40P01' }, 'busy'],
    [{ code: '57P01' }, 'unavailable'], // the server shuts down
    [{ code: '53300' }, 'busy'], // too many connections
    [{ code: '28P01' }, 'unavailable'],
    [{ code: 'ECONNREFUSED' }, 'unavailable'],
    [new Error('Connection terminated unexpectedly'), 'unavailable'],
    [new Error('Query read timeout'), 'unavailable'],
    [{ code: '42P01' }, 'internal'],
    [new TypeError('x'), 'internal'],
  ])('PostgreSQL %#', (error, code) => {
    expect(postgresCode(error)).toBe(code);
  });

  test('the text of an error is ours; what the driver says is its cause', () => {
    const error = new StoreError('conflict', new Error('Key (id)=(value) already exists'));
    expect(error.message).not.toContain('value');
    expect(error.cause).toBeInstanceOf(Error);
  });
});
