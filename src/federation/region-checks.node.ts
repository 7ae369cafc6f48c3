import { Broken } from '../document/broken.ts';
import type { FormatDeclaration, Localized, Verdict } from '../document/generated/types.ts';
import { leavesOf, stepsOf, valueAt } from '../document/pointer.ts';
import { say } from '../document/say.ts';
import { means } from '../region/agreed.ts';
import { forDocuments, type Listed } from '../region/inventory.ts';
import { attempt, PackError, readAgreements, regionIds } from '../region/pack.ts';
import { type Certificate, KEY_USAGE } from '../trust/certificate.ts';
import { profileFault } from '../trust/profile.ts';
import { TO_FILL_IN } from './fill-in.ts';
import type { Checking, CheckResult } from './region-check.node.ts';
import { declaredBy, noLongerRevoked, renewalsFor } from './region-shadow.node.ts';
import { inWords, isExpected, type Rehearsal, sampleVerdict } from './rehearse.node.ts';
import { renewalInWords, renewals } from './renewal.ts';

type Outcome = Pick<CheckResult, 'result' | 'details'>;

/** One question put to a pack. `run` looks and says; it never throws for anything that a pack holds. */
export interface Check {
  readonly id: string;
  readonly title: Localized;
  run(checking: Checking): Outcome;
}

const DAY = 86_400_000;
const failing = (details: readonly Localized[]): Outcome => ({
  result: details.length === 0 ? 'pass' : 'fail',
  details,
});
/** Where in a JSON file something is to be filled in, as pointers; nothing for other files. */
function membersToFillIn(text: string): string[] {
  try {
    const value: unknown = JSON.parse(text);
    return leavesOf(value).filter((pointer) => String(valueAt(value, stepsOf(pointer))).includes(TO_FILL_IN));
  } catch {
    return [];
  }
}

/** What a region takes back at once, a stolen key above all, may not wait until its samples are made anew. */
const TAKEN_BACK: ReadonlySet<string> = new Set(['REVOKED', 'CERTIFICATE_REVOKED', 'KEY_COMPROMISED', 'KEY_REMOVED']);
const isTakenBack = (verdict: Verdict | undefined): boolean =>
  verdict?.outcome === 'refuse' && verdict.reasons.every((reason) => TAKEN_BACK.has(reason));

const warning = (details: readonly Localized[]): Outcome => ({
  result: details.length === 0 ? 'pass' : 'warn',
  details,
});
const skipped = (zh: string, en: string): Outcome => ({ result: 'skip', details: [say(zh, en)] });
/** A name, or words from elsewhere: the same in both languages. */
const asIs = (text: string): Localized => say(text, text);

/** Folders of a pack whose faults mean that its map is not total, or its code lists are not in order. */
const MAPPED = /^regions\/[^/]+\/(formats|references|codes)\//;
const textOf = ({ file, at, reason }: Checking['rejected'][number]): Localized =>
  asIs(`${file}${at === '' ? '' : `#${at}`}: ${reason}`);
const ofKey = ({ file, keyId }: Listed, { zh, en }: Localized): Localized =>
  say(`${file}: ${keyId}：${zh}`, `${file}: ${keyId}: ${en}`);

const inUse = ({ state }: Listed): boolean => state === 'active' || state === 'retiring' || state === 'not yet valid';

/** Asks of each certificate in use on which documents stand; of the others it counts only that they are listed. */
function certified(keys: readonly Listed[], fault: (key: Listed) => Localized | undefined): Outcome {
  const asked = keys.filter((key) => forDocuments(key) && key.certificate !== undefined && inUse(key));
  if (asked.length === 0) return skipped('没有证书', 'no certificates');
  return failing(
    asked.flatMap((key) => {
      const why = fault(key);
      return why === undefined ? [] : [ofKey(key, why)];
    }),
  );
}

function tried(checking: Checking, run: (rehearsal: Rehearsal) => Outcome): Outcome {
  const { rehearsal } = checking;
  return rehearsal instanceof PackError ? failing([asIs(rehearsal.message)]) : run(rehearsal);
}

/** Bits that a key must have at least: GB/T 32918 and NIST curves have 256; RSA as NIST SP 800-57 asks for until 2030. */
const LEAST_RSA = 2048;
const GOOD_RSA = 3072;

/** The table: a new check is a new row. */
export const CHECKS: readonly Check[] = [
  {
    id: 'schema',
    title: say('文件符合规定格式', 'Files fit their schemas'),
    run: ({ rejected }) => failing(rejected.filter(({ file }) => !MAPPED.test(file)).map(textOf)),
  },
  {
    id: 'mapping',
    title: say('代码表与映射完整', 'Code lists and maps are total'),
    run: ({ rejected }) => failing(rejected.filter(({ file }) => MAPPED.test(file)).map(textOf)),
  },
  {
    id: 'filled-in',
    title: say('没有待填之处', 'Nothing is left to be filled in'),
    run: ({ files }) =>
      failing(
        [...files].flatMap(([file, bytes]) => {
          const text = new TextDecoder().decode(bytes);
          return text.includes(TO_FILL_IN) ? [asIs([file, ...membersToFillIn(text)].join(' '))] : [];
        }),
      ),
  },
  {
    id: 'no-secrets',
    title: say('不含私钥', 'No private keys'),
    run: ({ files }) => failing([...files].filter(([, bytes]) => holdsSecret(bytes)).map(([file]) => asIs(file))),
  },
  {
    id: 'samples',
    title: say('样例得到应有的结论', 'Samples give their verdicts'),
    run: (checking) =>
      tried(checking, ({ samples, federation }) => {
        const own = samples.filter(({ region }) => region === checking.region);
        if (own.length === 0) return skipped('没有样例', 'no samples');
        const off = own.flatMap((sample) => {
          const verdict = sampleVerdict(sample, federation, checking.judging);
          const { outcome, reasons = [] } = sample.expect;
          const [came, wanted] = [inWords(verdict), [outcome, ...reasons].join(' ')];
          const said = say(`${sample.name}：${came}；应为 ${wanted}`, `${sample.name}: ${came}; expected ${wanted}`);
          return isExpected(sample, verdict) ? [] : [{ said, takenBack: isTakenBack(verdict) }];
        });
        const all = off.map(({ said }) => said);
        return off.every(({ takenBack }) => takenBack) ? warning(all) : failing(all);
      }),
  },
  {
    id: 'samples-enough',
    title: say('每种格式有好的和坏的样例', 'Each format has a good sample and a bad one'),
    run: (checking) =>
      tried(checking, ({ samples, federation }) => {
        const formats = federation.formats.filter(({ region }) => region === checking.region);
        if (formats.length === 0) return skipped('没有自己的格式', 'no formats of its own');
        return failing(
          formats.flatMap(({ id }) => {
            const outcomes = samples
              .filter(({ region, format }) => region === checking.region && format === id)
              .map(({ expect }) => expect.outcome);
            const good = outcomes.some((outcome) => outcome === 'accept' || outcome === 'conditional');
            const bad = outcomes.some((outcome) => outcome === 'refuse' || outcome === 'undetermined');
            return [
              ...(good ? [] : [say(`${id}：没有好的样例`, `${id}: no good sample`)]),
              ...(bad ? [] : [say(`${id}：没有坏的样例`, `${id}: no bad sample`)]),
            ];
          }),
        );
      }),
  },
  {
    id: 'ambiguity',
    title: say('不与任何成员混淆', 'No confusion with any member'),
    run: (checking) =>
      tried(checking, ({ samples, federation, alone }) => {
        const off = samples.filter(
          (sample) =>
            sample.region !== checking.region &&
            !isExpected(sample, sampleVerdict(sample, federation, checking.judging)),
        );
        const own = samples
          .filter(({ region }) => region === checking.region)
          .filter((sample) =>
            sampleVerdict(sample, federation, checking.judging)?.findings.some(
              ({ code }) => code === 'AMBIGUOUS_FORMAT',
            ),
          )
          .map(({ name }) => say(`${name}：另一格式也能解释它`, `${name}: another format claims it too`));
        if (alone)
          return own.length > 0
            ? failing(own)
            : warning([
                say('未作比较：另一成员的样例无法生成', 'not compared: another member’s samples cannot be made'),
              ]);
        if (off.length === 0) return failing(own);
        const before = checking.without();
        return failing([
          ...own,
          ...off
            .filter((sample) => isExpected(sample, sampleVerdict(sample, before, checking.judging)))
            .map((sample) => {
              const name = `${sample.region} ${sample.name}`;
              const came = inWords(sampleVerdict(sample, federation, checking.judging));
              return say(
                `${name}：有此地区包时为 ${came}，没有时符合预期`,
                `${name}: ${came} with this pack, and as expected without it`,
              );
            }),
        ]);
      }),
  },
  {
    id: 'chains',
    title: say('证书与机构证书合规', 'Certificates are made as RFC 5280 asks'),
    run: ({ keys }) =>
      certified(keys, ({ what, certificate }) => madeAs(certificate!, what === 'signer' ? 'last' : 'authority')),
  },
  {
    id: 'key-usage',
    title: say('密钥用途正确', 'Key usage is right'),
    run: ({ keys }) =>
      certified(keys, ({ what, certificate }) => {
        const { keyUsage } = certificate!;
        if (keyUsage === undefined) return say('没有密钥用途', 'no key usage');
        const signs = (keyUsage & (KEY_USAGE.digitalSignature | KEY_USAGE.contentCommitment)) !== 0;
        const certifies = (keyUsage & KEY_USAGE.keyCertSign) !== 0;
        if (what === 'authority')
          return certifies ? undefined : say('证书机构不能签发证书', 'an authority that may not sign certificates');
        if (what === 'signer' && certifies)
          return say('既签发证照，又签发证书', 'signs documents and certificates alike');
        return what === 'signer' && !signs ? say('不能签发证照', 'may not sign documents') : undefined;
      }),
  },
  {
    id: 'key-lengths',
    title: say('密钥长度足够', 'Keys are long enough'),
    run: ({ keys }) => {
      const rsa = keys.filter((key) => key.kind === 'RSA' && inUse(key));
      const short = rsa
        .filter(({ bits }) => bits < LEAST_RSA)
        .map((key) => ofKey(key, say(`${key.bits} 位`, `${key.bits} bits`)));
      if (short.length > 0) return failing(short);
      return warning(
        rsa
          .filter(({ bits }) => bits < GOOD_RSA)
          .map((key) =>
            ofKey(
              key,
              say(`RSA ${key.bits} 位；2031 年起须 ${GOOD_RSA} 位`, `${key.bits} bits of RSA; ${GOOD_RSA} from 2031`),
            ),
          ),
      );
    },
  },
  {
    id: 'validity',
    title: say('密钥在有效期内', 'Keys are valid, and not for ever'),
    run: ({ keys, judging: { now } }) => {
      if (!keys.some(forDocuments)) return skipped('尚无密钥', 'no keys yet');
      const over = keys.filter(({ state }) => state === 'expired').map((key) => ofKey(key, say('已过期', 'expired')));
      const signers = keys.filter((key) => key.what === 'signer' && inUse(key));
      // A region that leaves has ended its keys itself; one whose keys have run out has forgotten them.
      if (signers.length === 0 && keys.filter(forDocuments).every(({ what }) => what === 'signer')) {
        const none = [say('没有在用的密钥：不能再签发', 'no key is in use: nothing new can be issued'), ...over];
        return over.length > 0 ? failing(none) : warning(none);
      }
      const soon = keys
        .filter((key) => !(key.what === 'authority' || key.what === 'between') && inUse(key))
        .filter(({ until }) => until !== undefined && until - now < 30 * DAY)
        .map((key) => ofKey(key, say('30 天内到期', 'ends within 30 days')));
      const open = signers
        .filter(({ until }) => until === undefined)
        .map((key) => ofKey(key, say('没有期限', 'no end')));
      return warning([...over, ...soon, ...open]);
    },
  },
  {
    id: 'environments',
    title: say('密钥不跨环境、不跨地区', 'No key in two environments, or of two regions'),
    run: ({ keys, others, federation: { manifest } }) =>
      failing(
        keys.flatMap((key) => [
          ...(key.environment !== undefined && key.environment !== manifest.environment && inUse(key)
            ? [
                ofKey(
                  key,
                  say(
                    `为 ${key.environment} 而制，此处是 ${manifest.environment}`,
                    `made for ${key.environment}, and this is ${manifest.environment}`,
                  ),
                ),
              ]
            : []),
          ...others
            .filter(({ thumbprint }) => thumbprint === key.thumbprint)
            .map((other) =>
              ofKey(key, say(`${other.region} 也有：${other.file}`, `also in ${other.region}, ${other.file}`)),
            ),
        ]),
      ),
  },
  {
    id: 'revocations',
    title: say('发布撤销名单', 'Publishes what it has revoked'),
    run: ({ region, federation, files, older }) => {
      const none = (federation.trust.register(region)?.parts.length ?? 0) === 0;
      const dropped = noLongerRevoked(region, older, files);
      return warning([
        ...(none ? [say('没有撤销名单：每个结论都会注明', 'no list of revoked documents: every verdict says so')] : []),
        ...dropped.slice(0, SHOWN).map((id) => say(`${id}：不再撤销`, `${id}: no longer revoked`)),
        ...(dropped.length > SHOWN
          ? [say(`共 ${dropped.length} 份不再撤销`, `${dropped.length} in all are no longer revoked`)]
          : []),
      ]);
    },
  },
  {
    id: 'agreements',
    title: say('互认协议指向现有成员', 'Agreements are with members, on types of the catalogue'),
    run: ({ region, files, federation, whole }) => {
      const bytes = files.get(`regions/${region}/agreements.json`);
      if (bytes === undefined) return skipped('没有自己的协议', 'no agreements of its own');
      const list = attempt(
        () => readAgreements('', bytes),
        () => {},
      );
      if (list === undefined) return skipped('agreements.json 不能用', 'agreements.json cannot be used');
      const types = new Set(federation.catalogue.documentTypes.map(({ code }) => code));
      const rows = [...list.agreements, ...(list.excluded ?? [])];
      const outdated = regionIds(whole).flatMap((other) => {
        const pack = declaredBy(other, whole);
        return pack === undefined
          ? []
          : renewals(list, pack)
              .map(renewalInWords)
              .map(({ zh, en }) => say(`尚未接受 ${zh}`, `not accepted yet: ${en}`));
      });
      return warning([
        ...outdated,
        ...rows.flatMap(({ issuingRegion, documentTypes = [] }) => [
          ...(federation.regions.has(issuingRegion)
            ? []
            : [say(`${issuingRegion} 尚不是成员`, `${issuingRegion} is no member (yet)`)]),
          ...documentTypes
            .filter((type) => !types.has(type))
            .map((type) => say(`目录中没有类型 ${type}`, `the catalogue has no type ${type}`)),
        ]),
      ]);
    },
  },
  {
    id: 'versions',
    title: say('代码表改动有新版本号，并列出须重新约定的协议', 'What changes has a new version; who has to accept it'),
    run: ({ region, files, older, whole }) => {
      const pack = declaredBy(region, files);
      if (pack === undefined) return skipped('region.json 不能用', 'region.json cannot be used');
      const was = declaredBy(region, older);
      const before = new Map(was?.codes.map(({ list }) => [list.list as string, list]));
      const formats = new Map(was?.formats.map(({ declaration: each }) => [each.format as string, readingOf(each)]));
      const silent = pack.codes.flatMap(({ file, list }) => {
        const old = before.get(list.list);
        const changed = old !== undefined && means(old.codes) !== means(list.codes);
        return changed && list.version <= old.version
          ? [
              say(
                `${file}：代码已变，版本却未高于 ${old.version}`,
                `${file}: other codes, and not above version ${old.version}`,
              ),
            ]
          : [];
      });
      if (silent.length > 0) return failing(silent);
      const reread = pack.formats
        .filter(({ declaration: each }) => (formats.get(each.format) ?? readingOf(each)) !== readingOf(each))
        .map(({ file, declaration: { format } }) =>
          say(`${file}：读法已变，却仍是 ${format}`, `${file}: read in another way, and still ${format}`),
        );
      const renewing = [...renewalsFor(pack, whole)].flatMap(([other, found]) =>
        found.map(renewalInWords).map(({ zh, en }) => say(`${other} 须接受 ${zh}`, `${other} has to accept it: ${en}`)),
      );
      return warning([...reread, ...renewing]);
    },
  },
  {
    id: 'objections',
    title: say('写明异议途径和联系方式', 'Says how to object, and whom to ask'),
    run: ({ region, federation }) => {
      const manifest = federation.regions.get(region);
      if (manifest === undefined) return skipped('region.json 不能用', 'region.json cannot be used');
      const said = federation.chain(region).some((each) => federation.regions.get(each)?.objections !== undefined);
      return warning(
        [...(said ? [] : ['objections']), ...(manifest.contact === undefined ? ['contact'] : [])].map((member) =>
          say(`region.json 没有 ${member}`, `region.json has no ${member}`),
        ),
      );
    },
  },
];

/** How many of many are named. */
const SHOWN = 10;

/** What of a declaration says how documents are read. */
const readingOf = ({ map, cases }: FormatDeclaration): string => JSON.stringify([map, cases]);

/** What RFC 5280 §4 demands and the certificate does not meet. */
function madeAs(certificate: Certificate, role: 'last' | 'authority'): Localized | undefined {
  try {
    const fault = profileFault(certificate, role);
    return fault === undefined ? undefined : asIs(fault);
  } catch (error) {
    if (error instanceof Broken) return asIs(error.message);
    throw error;
  }
}

const SECRET = /-----BEGIN [A-Z ]*PRIVATE KEY-----|"(d|k)"\s*:\s*"[A-Za-z0-9_-]{20,}"/;
const holdsSecret = (bytes: Uint8Array): boolean => SECRET.test(new TextDecoder('latin1').decode(bytes));
