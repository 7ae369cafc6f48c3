import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import type { ApiKey, SystemList } from '../document/generated/types.ts';
import { validateApiKeys } from '../document/generated/validators.js';
import { say } from '../document/say.ts';
import { exists } from '../document/time.ts';
import { gatewayKeysFile, publicPartsOf } from '../federation/system-keys.node.ts';
import { newKey, SCOPES, type Scope } from '../http/keys.ts';
import { PackError } from '../region/pack.ts';
import { configOf, type Io, UsageError } from './io.ts';
import { tell } from './tell.ts';
import { badMoment, thereAre } from './usage.ts';

interface Options {
  readonly id: string;
  readonly scopes: string[];
  readonly purposes?: string[];
  readonly regions?: string[];
  readonly perMinute: number;
  readonly notAfter?: string;
  readonly json?: boolean;
}

/** `tongren keys`: keys for the callers of a gateway. */
export function keysCommand(program: Command, io: Io): void {
  const keys = program
    .command('keys')
    .summary('调用方的密钥，及本网关自己的密钥 · keys for those who call this gateway, and its own');
  keys
    .command('system')
    .summary(
      "本网关自己的公钥，作为本地区 systems.json 的初稿；没有则新建 · this gateway's own public keys, as systems.json of its region to begin with; made if there are none",
    )
    .action(() => showSystem(io));
  keys
    .command('new')
    .summary(
      '生成调用密钥：只显示一次，不留存；该行写入 TONGREN_API_KEYS 所指文件 · make a key: it is shown once and kept nowhere; the row goes into the file of TONGREN_API_KEYS',
    )
    .requiredOption(
      '--id <id>',
      '日志中对调用方的称呼：系统名（如 g2-lanes），不用人名，不与 systems.json 中的系统同名 · what the log will call the caller: a system (g2-lanes), never a person; none that systems.json lists',
    )
    .requiredOption('--scopes <list>', `可用功能 · what it may do: ${SCOPES.join(', ')}`, list)
    .option('--purposes <list>', '只可查询这些用途 · the only purposes it may ask for', list)
    .option(
      '--regions <list>',
      '只可查询这些核验地区；不含本网关所属地区的，不得以该地区名义办理 · the only verifying regions it may ask for; without the gateway’s own, it does nothing in that region’s name',
      list,
    )
    .option('--per-minute <number>', '每分钟的证照和其他请求数 · documents and other requests a minute', number, 600)
    .option('--not-after <instant>', '失效时刻（RFC 3339，UTC） · when it ends (RFC 3339, UTC)')
    .option('--json', '一个对象：密钥和该行 · one object: key and row')
    .action((options: Options) => makeKey(options, io));
}

/** Only public halves are shown. Errors: UsageError for a file that cannot be used. */
async function showSystem(io: Io): Promise<void> {
  const { exchangeKeys, region } = configOf(io);
  const file = await gatewayKeysFile(exchangeKeys, region).catch((error: unknown) => {
    throw error instanceof PackError ? unfitKeys(error) : error;
  });
  const { entry, encryption } = publicPartsOf(file);
  const system = {
    id: file.system.split('/')[1]!,
    name: { zh: '网关', en: 'Gateway' },
    may: SYSTEM_MAY,
    perMinute: 600,
  };
  const list: SystemList = { systems: [{ ...system, ...entry }], ...(encryption.length === 0 ? {} : { encryption }) };
  io.out(JSON.stringify(list, undefined, 2));
  tell(
    io.hint,
    say(
      `请并入 regions/${region}/systems.json 并发布本地区，他方才会知道`,
      `put it into regions/${region}/systems.json, beside what is there, and publish the region: others know it only then`,
    ),
  );
}

/** A file of the gateway's own keys that cannot be used. */
export const unfitKeys = ({ message }: PackError): UsageError =>
  new UsageError(
    say(`TONGREN_EXCHANGE_KEYS 不能用：${message}`, `TONGREN_EXCHANGE_KEYS: ${message}`),
    say(
      '请把 TONGREN_REGION 设为本网关所属地区，或另指一个文件：没有密钥时会新建',
      'set TONGREN_REGION to the region that this gateway serves, or name another file: keys are made where there are none',
    ),
  );

const SYSTEM_MAY: SystemList['systems'][number]['may'] = [
  'verify',
  'convert',
  'resolve',
  'exchange',
  'trace',
  'objection',
];

function makeKey({ id, scopes, purposes, regions, perMinute, notAfter, json }: Options, io: Io): void {
  const { key, sha256 } = newKey(randomBytes);
  const row: ApiKey = {
    id,
    sha256,
    scopes: scopes as Scope[],
    ...(purposes === undefined ? {} : { purposes }),
    ...(regions === undefined ? {} : { regions }),
    perMinute,
    ...(notAfter === undefined ? {} : { notAfter }),
  };
  check(row);
  if (json) {
    io.out(JSON.stringify({ key, row }));
  } else {
    io.out(key);
    io.out(JSON.stringify(row));
  }
  tell(
    io.hint,
    say(
      '密钥只显示这一次，不留存：请经安全途径交给调用方',
      'the key is shown this once and kept nowhere: give it to the caller by a safe way',
    ),
  );
  tell(
    io.hint,
    say(
      '请把该行加入 TONGREN_API_KEYS 所指文件的列表（[行, 行, …]）；运行中的网关收到 SIGHUP 即重新读取',
      'put the row into the list ([row, row, …]) in the file of TONGREN_API_KEYS; a running gateway reads it again on SIGHUP',
    ),
  );
}

/** Errors: UsageError that names the option by which the row does not fit. */
function check(row: ApiKey): void {
  if (row.notAfter !== undefined && !exists(row.notAfter)) throw badMoment('--not-after');
  if (validateApiKeys([row])) return;
  const { instancePath, message, params } = validateApiKeys.errors![0]!;
  const { allowedValues } = params as { allowedValues?: readonly string[] };
  const member = instancePath.split('/')[2] ?? '';
  const option = member.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError(
    say(`--${option} 不合要求`, `--${option}: ${message ?? 'does not fit'}`),
    allowedValues !== undefined
      ? thereAre(allowedValues)
      : member === 'id'
        ? say(
            '2 至 40 个小写字母、数字和连字符，以字母开头；不得有连续八位数字',
            '2 to 40 small letters, digits and hyphens, a letter first; no eight digits in a row',
          )
        : say('见 schemas/api-keys.schema.json', 'see schemas/api-keys.schema.json'),
  );
}

const list = (value: string): string[] => value.split(',').map((each) => each.trim());

function number(value: string): number {
  if (!/^\d{1,8}$/.test(value)) throw new InvalidArgumentError('a whole number is expected');
  return Number(value);
}
