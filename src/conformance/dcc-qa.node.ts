import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeBase64url } from '../codec/base64url.ts';
import { decodeHex } from '../codec/hex.ts';
import { nodePictureReader } from '../codec/picture.node.ts';
import { nodePlatform } from '../crypto/platform.node.ts';
import { IMPORTERS } from '../federation/importers.ts';
import { present } from '../intake.ts';
import { journey } from '../journey.ts';
import { declarations, neutralFederation } from './neutral.node.ts';
import { agree, differ, type Outcome, type Suite } from './suite.ts';

/** Beside DIR, as the data's README places it: the acceptance list, which verifies most of these documents. */
const LIST = '../trust-lists-covpass/covpass-sdk-demo/src/main/assets/covpass-sdk';

interface Expected {
  readonly file: string;
  readonly kid: string;
  readonly alg: string;
  readonly issuer: string;
  readonly issuedAt: number;
  readonly expires: number;
  readonly signature: string;
}

/** Pictures of real documents of many countries, judged an hour after each was issued, under the imported acceptance list. */
export const dccQa: Suite = {
  name: 'dcc-qa',
  summary:
    '真实欧盟 DCC 证明的二维码图片：每份的密钥、算法、日期和签名 · QR pictures of real EU DCC documents: key, algorithm, dates and signature of each',
  async run(dir, report, progress) {
    const lines = (await readFile(join(dir, 'EXPECTED.jsonl'), 'utf8')).split('\n').filter((line) => line !== '');
    const list = new Map([['dsc-list.json', await readFile(join(dir, LIST, 'dsc-list.json'))]]);
    const key = await readFile(join(dir, LIST, 'dsc-list-signing-key.pem'), 'utf8');
    const { issuers } = IMPORTERS['dcc-dsc-list']!.read({ files: list, key, platform: nodePlatform });
    const federation = neutralFederation(await declarations(), 'x-eu-dcc', issuers, 0);
    for (const [index, line] of lines.entries()) {
      const expected = JSON.parse(line) as Expected;
      const at = (expected.issuedAt + 3600) * 1000;
      // The list is as old as the clock says; only the age of the list is set aside, nothing else.
      const standpoint = {
        ...federation.standpoint('x-neutral', () => at)!,
        ages: { warnAfterHours: Infinity, blockAfterHours: Infinity },
      };
      const presented = await present(await readFile(join(dir, expected.file)), nodePictureReader);
      const walked = journey(presented, standpoint, { purpose: 'checkpoint', at });
      report({ name: expected.file, ...compare(expected, walked) });
      progress?.(index + 1, lines.length);
    }
  },
};

function compare(expected: Expected, { opened, evidence, verdict }: ReturnType<typeof journey>): Outcome {
  if (opened === undefined)
    return differ(`not opened: ${verdict.findings.map((f) => `${f.code} ${f.detail ?? ''}`).join(', ')}`);
  const claims = opened.payload as Readonly<Record<string, unknown>>;
  const codes = evidence?.findings.map(({ code }) => code) ?? [];
  const good = expected.signature.startsWith('good');
  const rows: [string, unknown, unknown][] = [
    ['key id', opened.proof.keyIds[0], encodeBase64url(decodeHex(expected.kid))],
    ['algorithm', opened.algorithm?.name, expected.alg],
    ['issuer', claims['1'], expected.issuer],
    ['issued', claims['6'], expected.issuedAt],
    ['expires', claims['4'], expected.expires],
    ['signature', codes.includes('SIGNATURE_VALID'), good],
    ['unknown issuer', codes.includes('UNKNOWN_ISSUER'), !good],
    ['undetermined when unknown', verdict.outcome === 'undetermined' && verdict.reasons[0] === 'UNKNOWN_ISSUER', !good],
  ];
  const differing = rows.filter(([, found, wanted]) => found !== wanted);
  if (differing.length > 0)
    return differ(
      differing.map(([what, found, wanted]) => `${what}: ${String(found)}, expected ${String(wanted)}`).join('; '),
    );
  const remarks = verdict.findings
    .filter(({ result }) => result === 'fail' || result === 'unknown')
    .map(({ code, at }) => `${code} ${at ?? ''}`.trim());
  return remarks.length === 0 ? agree() : agree(`${verdict.outcome}: ${remarks.join(', ')}`);
}
