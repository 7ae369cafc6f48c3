import type { FindingExtra } from '../document/findings.ts';
import type { Localized } from '../document/generated/types.ts';

/** A format or code list that is not as it was agreed on. */
export interface VersionChange {
  /** `zj-pass`, or a region and its list: `330000 zj-health-colour`. */
  readonly what: string;
  /** Undefined if the agreement does not name it. */
  readonly agreed: number | undefined;
  /** Undefined if there is none any more. The same number where the content changed and the number did not. */
  readonly now: number | undefined;
}

/** `zj-pass/2` beside an agreement on `zj-pass/1`. Undefined if it was agreed on, or is no later version of what was. */
export function newerThanAgreed(formats: readonly string[] | undefined, format: string): VersionChange | undefined {
  if (formats === undefined || formats.includes(format)) return undefined;
  const [what, now] = versionOf(format);
  const agreed = formats
    .map(versionOf)
    .filter(([name]) => name === what)
    .map(([, version]) => version);
  const latest = Math.max(...agreed);
  return agreed.length > 0 && now > latest ? { what, agreed: latest, now } : undefined;
}

function versionOf(format: string): [string, number] {
  const [name = '', version] = format.split('/');
  return [name, Number(version)];
}

export function changeInWords({ what, agreed, now }: VersionChange): Localized {
  const [from, to] = [agreed ?? '-', now ?? '-'];
  const silent = agreed !== undefined && agreed === now;
  return {
    zh: silent ? `${what} 第${now}版（内容已变，版本号未变）` : `${what} ${from} → ${to}`,
    en: silent ? `${what} ${now}, changed under the same number` : `${what} ${from} → ${to}`,
  };
}

/** What the officer is told: which region has to accept what. */
export function whoAccepts(holder: string, changes: readonly VersionChange[]): Pick<FindingExtra, 'next' | 'detail'> {
  const words = changes.map(changeInWords);
  const [zh, en] = [words.map((each) => each.zh).join('；'), words.map((each) => each.en).join('; ')];
  return {
    next: {
      zh: `请人工核对，并报告值班负责人：${holder} 须先接受新版本（${zh}）。`,
      en: `Check by hand, and report to the duty officer in charge: ${holder} has to accept the new version first (${en}).`,
    },
    detail: en,
  };
}
