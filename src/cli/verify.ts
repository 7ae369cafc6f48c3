import type { Command } from 'commander';
import type { Outcome } from '../document/generated/types.ts';
import { exists } from '../document/time.ts';
import { journey } from '../journey.ts';
import { inputsOf } from './inputs.ts';
import { configOf, EXIT, type Io, UsageError } from './io.ts';
import { renderVerdict } from './render.ts';
import { loadStore, standpointFor } from './store.ts';

interface Options {
  readonly text?: string;
  readonly store?: string;
  readonly for?: string;
  readonly purpose?: string;
  readonly at?: string;
  readonly json?: boolean;
}

const EXITS: Readonly<Record<Outcome, number>> = {
  accept: EXIT.accepted,
  conditional: EXIT.accepted,
  refuse: EXIT.refused,
  undetermined: EXIT.undetermined,
};

export const exitOf = (outcome: Outcome): number => EXITS[outcome];

/** `tongren verify`: documents → verdicts. The exit code is that of the worst verdict. */
export function verifyCommand(program: Command, io: Io): void {
  program
    .command('verify')
    .summary('verify documents and print a verdict for each')
    .description('Verifies documents: code texts, QR pictures (PNG, JPEG), files. One verdict per input.')
    .argument('[file...]', 'files; "-" for standard input')
    .option('--text <string>', 'the text of a scanned code')
    .option('--store <dir>', 'trust store')
    .option('--for <region>', 'verifying region (GB/T 2260 code)')
    .option('--purpose <purpose>', 'what the verdict is for')
    .option('--at <instant>', 'judge as of this time (RFC 3339)')
    .option('--offline', 'do not ask other regions (they are not asked yet)')
    .option('--json', 'one verdict per line, schemas/verdict.schema.json')
    .addHelpText('after', '\nExit: 0 accepted or conditional, 1 refused, 2 undetermined, 64 usage, 70 our fault')
    .action(async (files: string[], options: Options) => {
      process.exitCode = await verify(files, options, io);
    });
}

async function verify(files: readonly string[], options: Options, io: Io): Promise<number> {
  const config = configOf(io);
  const inputs = inputsOf(files, options.text, io);
  const at = parseInstant(options.at);
  const purpose = options.purpose ?? config.purpose;
  const federation = await loadStore(options.store ?? config.store, io);
  const standpoint = standpointFor(federation, options.for ?? config.region, purpose, io);
  let worst: number = EXIT.accepted;
  for (const [index, input] of inputs.entries()) {
    if (inputs.length > 1) io.progress(`${index + 1}/${inputs.length}`);
    const { verdict } = journey(await input.read(), standpoint, { purpose, ...(at === undefined ? {} : { at }) });
    if (options.json) io.out(JSON.stringify({ input: input.name, ...verdict }));
    else for (const line of renderVerdict(input.name, verdict)) io.out(line);
    // A refusal is the firmest answer, and outweighs "cannot tell".
    const exit = EXITS[verdict.outcome];
    if (worst === EXIT.accepted || exit === EXIT.refused) worst = exit;
  }
  io.progress('');
  return worst;
}

/** RFC 3339 → epoch ms. Errors: UsageError. */
export function parseInstant(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const form = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
  const ms = form.test(text) && exists(text) ? Date.parse(text) : Number.NaN;
  // Beyond the years that four digits write, a verdict could not say its time.
  if (!(ms >= 0 && ms < 253_402_300_800_000))
    throw new UsageError(`"${text}" is no time`, 'write it like 2026-01-31T08:00:00+08:00');
  return ms;
}
