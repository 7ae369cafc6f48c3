import { closeSync, openSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../src/http/log.ts';
import { logOutput } from '../../src/http/log-output.node.ts';

const lost = (lines: number): string => `${lines} lost\n`;
const fault = (code: string): Error => Object.assign(new Error(code), { code });

describe('the output of a log', () => {
  it('goes on when nothing can be written', () => {
    const full = openSync('/dev/full', 'w');
    try {
      const { write } = logOutput(lost, (bytes) => writeSync(full, bytes));
      for (let i = 0; i < 3; i++) write('a line\n');
    } finally {
      closeSync(full);
    }
  });

  it('tells how many lines are missing, as soon as it can', () => {
    let text = '';
    let room = 10;
    const { write } = logOutput(lost, (bytes) => {
      if (room === 0) throw fault('ENOSPC');
      const some = Buffer.from(bytes.subarray(0, room)).toString();
      room -= some.length;
      text += some;
      return some.length;
    });
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) write(line);
    expect(text).toBe('one\ntwo\nth');
    room = 1000;
    for (const line of ['five\n', 'six\n']) write(line);
    expect(text).toBe('one\ntwo\nth\n2 lost\nfive\nsix\n');
  });

  it('waits for whoever reads slowly, and not for ever', () => {
    let [text, refused] = ['', 0];
    const slow = logOutput(lost, (bytes) => {
      if (++refused % 3 !== 0) throw fault('EAGAIN');
      text += Buffer.from(bytes).toString();
      return bytes.length;
    });
    slow.write('one\n');
    slow.write('two\n');
    expect(text).toBe('one\ntwo\n');
    let tries = 0;
    const stuck = logOutput(lost, () => {
      tries += 1;
      throw fault('EAGAIN');
    });
    stuck.write('one\n');
    expect(tries).toBeLessThan(100);
    // Each line would hold up whoever is to be answered.
    tries = 0;
    stuck.write('two\n');
    expect(tries).toBe(1);
  });

  it('says it in the log’s own words', () => {
    const lines: string[] = [];
    createLog('info', { write: (line) => lines.push(line) }).write('lines-lost', { lines: 7 });
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 50, lines: 7, msg: 'lines of this log could not be written' });
  });
});
