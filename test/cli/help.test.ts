import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { width } from '../../src/cli/render.ts';
import { commandLine } from '../../src/cli/tongren.ts';
import { SUITES } from '../../src/conformance/suites.node.ts';
import { IMPORTERS } from '../../src/federation/importers.ts';
import { inside } from '../support/cli.ts';

const quiet = { out: () => {}, hint: () => {}, progress: () => {} };
const program = await commandLine('', { ...quiet, env: {}, clock: Date.now, stdin: async () => new Uint8Array() });

/** '中文 · English', and no Chinese after it. */
const isBoth = (text: string): boolean =>
  /^[^·]*\p{Script=Han}[^·]* · (?!.*\p{Script=Han})[^·]*[A-Za-z][^·]*$/u.test(text);

/** As if it stood on one line. */
const unbroken = (text: string): string => text.replace(/\s+/g, '');

/** All commands under a command, with itself, by what is typed. */
const under = (command: Command, path: readonly string[] = []): [string, Command][] => [
  [path.join(' '), command],
  ...command.commands.flatMap((each) => under(each, [...path, each.name()])),
];

/** What the help of a command, and the list of commands above it, say of it. */
function textsOf(command: Command): { readonly of: string; readonly text: string }[] {
  const help = command.createHelp();
  const own = [command.summary(), command.description()].filter((text) => text !== '');
  return [
    ...(own.length === 0 ? [''] : own).map((text) => ({ of: command.name(), text })),
    ...command.registeredArguments.map((argument) => ({ of: argument.name(), text: argument.description })),
    ...help.visibleOptions(command).map(({ flags, description }) => ({ of: flags, text: description })),
    ...help.visibleCommands(command).map((each) => ({ of: each.name(), text: help.subcommandDescription(each) })),
  ];
}

describe('--help stands in both languages, Chinese first', () => {
  const all = under(program);

  it('of every command', () => {
    expect(all.length).toBeGreaterThan(35);
    expect(all.map(([path]) => path)).toEqual(
      expect.arrayContaining(['', 'verify', 'federation rotate', 'region new']),
    );
  });

  it.each(all)('tongren %s: every text', (_, command) => {
    expect(textsOf(command).filter(({ text }) => !isBoth(text))).toEqual([]);
  });

  it.each(all)('tongren %s: as it is printed, in 80 columns', async (path, command) => {
    const { exit, out } = await inside([...path.split(' ').filter((name) => name !== ''), '--help']);
    expect(exit).toBe(0);
    const lines = out.split('\n');
    expect(lines.filter((line) => width(line) > 80)).toEqual([]);
    expect(lines.filter((line) => /^\s*[，。、：；！？）”》]|[（“《]$/.test(line))).toEqual([]);
    const headings = lines.filter((line) => /^\S*( \S+)?:( tongren|$)/.test(line));
    expect(headings.length).toBeGreaterThan(1);
    for (const heading of headings) expect(heading).toMatch(/^\p{Script=Han}+ [A-Z][a-z]+:/u);
    expect(out).not.toMatch(/\((choices|default): /);
    const about = (command.description() || command.summary()).split(' · ');
    for (const language of about) expect(unbroken(out.split(/^(?:参数|选项) /m)[0]!)).toContain(unbroken(language));
    const below = out.slice(command.helpInformation().trimEnd().length).trim();
    if (below !== '') expect(below).toMatch(/\p{Script=Han}.*\n.*[A-Za-z]/u);
  });

  it.each(Object.entries(IMPORTERS))('kind of list %s, which trust import explains', async (kind, { about }) => {
    expect(isBoth(`${about.zh} · ${about.en}`)).toBe(true);
    const { out } = await inside(['trust', 'import', '--help']);
    expect(unbroken(out)).toContain(unbroken(`${kind}${about.zh}${about.en}`));
  });

  it.each(SUITES)('suite $name', ({ summary }) => {
    expect(isBoth(summary)).toBe(true);
  });
});

describe('a text', () => {
  const wrap = (text: string): string[] => program.createHelp().boxWrap(text, 30).split('\n');

  it('stands on one line where it has room', () => {
    expect(wrap('信任库 · trust store')).toEqual(['信任库 · trust store']);
  });

  it('else each language begins a line', () => {
    expect(wrap('核验地区（代码） · verifying region (code)')).toEqual(['核验地区（代码）', 'verifying region (code)']);
  });

  it('breaks between Chinese characters, keeps words and numbers whole, and signs where they belong', () => {
    expect(wrap('向数据库核对一次性的码是否在别处（G2-01）出示过；缺省为全部卡口')).toEqual([
      '向数据库核对一次性的码是否在别',
      '处（G2-01）出示过；缺省为全部',
      '卡口',
    ]);
    expect(wrap('一二三四五六七八九十一二三四五，六')).toEqual(['一二三四五六七八九十一二三四', '五，六']);
    expect(wrap('一二三四五六七八九十一二三四（五）')).toEqual(['一二三四五六七八九十一二三四', '（五）']);
  });

  it('is not cut where it cannot be broken', () => {
    expect(wrap(`见 https://${'a'.repeat(40)}`)).toEqual(['见', `https://${'a'.repeat(40)}`]);
  });
});
