import type { Localized } from '../document/generated/types.ts';
import { say } from '../document/say.ts';
import type { StoreError } from '../store/error.ts';
import { UsageError } from './io.ts';

// What is wrong with a command line in more than one command, in the same words.

export const noSuchFile = (file: string, hint?: Localized): UsageError =>
  new UsageError(say(`${file}：没有这个文件`, `${file}: there is no such file`), hint);

export const noSuchFolder = (folder: string): UsageError =>
  new UsageError(say(`${folder}：没有这个文件夹`, `${folder}: there is no such folder`));

export const unreadable = (file: string, { code, message }: NodeJS.ErrnoException): UsageError =>
  new UsageError(say(`${file}：读不出来（${code ?? message}）`, `${file}: cannot be read (${code ?? message})`));

/** A hint: what could have been named. */
export function thereAre(names: Iterable<string>): Localized {
  const all = [...names];
  if (all.length === 0) return say('其中一个也没有', 'there are none');
  return say(`可用：${all.join('、')}`, `there are: ${all.join(', ')}`);
}

export const noRegion = (region: string, regions?: Iterable<string>): UsageError =>
  new UsageError(
    say(`此信任库中没有地区 ${region}`, `no region ${region} in this store`),
    regions && thereAre(regions),
  );

/** In: where it stands. */
export const badRegion = (where: string): UsageError =>
  new UsageError(say(`${where}：六位数字，外来格式方为 x-<名称>`, `${where}: six digits, or x-<name> for a guest`));

export const badName = (): UsageError =>
  new UsageError(say('--name：用小写字母、数字和连字符', '--name: small letters, digits and hyphens'));

export const badMoment = (option: string): UsageError =>
  new UsageError(say(`${option}：不是时刻（RFC 3339，UTC）`, `${option}: no moment (RFC 3339, UTC)`));

export const badDatabase = ({ said }: StoreError): UsageError =>
  new UsageError(say(`TONGREN_DATABASE：${said.zh}`, `TONGREN_DATABASE: ${said.en}`));

export const goesWith = (one: string, other: string): UsageError =>
  new UsageError(say(`--${one} 须与 --${other} 同用`, `--${one} goes with --${other}`));
