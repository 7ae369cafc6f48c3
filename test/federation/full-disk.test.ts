import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { withLock } from '../../src/federation/lock.node.ts';
import { writeWhole } from '../../src/federation/repository.node.ts';
import { inside, temporary } from '../support/cli.ts';
import { deskStage, founded, QUORUM } from '../support/desk.ts';

const { folder, remove } = temporary();
afterAll(remove);

const { writeFile, open } = fs;
const full = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
};

/** As a full disk does it: names can be made, and nothing fits in. */
function fillDisk(): void {
  fs.writeFile = (async (file, _, options) => {
    await writeFile(file, '', options);
    full();
  }) as typeof writeFile;
  fs.open = async (...args) => Object.assign(await open(...args), { writeFile: full, appendFile: full });
  syncBuiltinESMExports();
}
function makeRoom(): void {
  Object.assign(fs, { writeFile, open });
  syncBuiltinESMExports();
}
afterEach(makeRoom);

describe('a full disk', () => {
  it('leaves no lock that would keep everybody out', async () => {
    const at = join(folder, 'locked');
    await fs.mkdir(at);
    fillDisk();
    await expect(withLock(at, async () => {})).rejects.toThrow('ENOSPC');
    expect(await fs.readdir(at)).toEqual([]);
  });

  it('leaves nothing half-written, which may be a private key', async () => {
    const at = join(folder, 'whole');
    await fs.mkdir(at);
    fillDisk();
    await expect(writeWhole(join(at, 'x.pem'), 'secret')).rejects.toThrow('ENOSPC');
    expect(await fs.readdir(at)).toEqual([]);
  });

  it('is told in both languages with what to do, and is no fault to report; then the command goes on', async () => {
    const desk = await founded();
    const before = await desk.repository();
    const admit = ['admit', '310000', '--holder', desk.key('310000'), '--apply'];
    desk.key('310000');
    fillDisk();
    const { exit, err } = await desk.run(admit, '310000', ...QUORUM);
    makeRoom();
    expect(exit).toBe(64);
    expect(err).toMatch(/磁盘已满.*\nerror: .*the disk is full \(ENOSPC\)\n提示：请腾出空间.*\nhint: make room/);
    expect(err).not.toContain('report it');
    expect(await desk.repository()).toEqual(before);
    expect((await desk.run(admit, '310000', ...QUORUM)).exit).toBe(0);
    desk.remove();
  });
});

describe('a key', () => {
  it('is completed where its command was interrupted between the two files, and never made anew', async () => {
    const desk = deskStage();
    const secret = desk.secret('one');
    const name = secret.replace(/\.pem$/, '');
    const [pem, open_] = [await fs.readFile(secret, 'utf8'), await fs.readFile(`${name}.pub.pem`, 'utf8')];
    await fs.rm(`${name}.pub.pem`);
    const { exit, out } = await inside(['federation', 'key', name, '--apply']);
    expect([exit, out]).toEqual([0, expect.stringContaining('已由')]);
    expect([await fs.readFile(secret, 'utf8'), await fs.readFile(`${name}.pub.pem`, 'utf8')]).toEqual([pem, open_]);
    desk.remove();
  });
});
