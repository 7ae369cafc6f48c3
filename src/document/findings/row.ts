import type { FindingResult, Localized, Severity, Stage } from '../generated/types.ts';
import { say } from '../say.ts';

/** What a code says whenever it is reported. */
export interface FindingRow {
  readonly stage: Stage;
  readonly result: FindingResult;
  readonly severity: Severity;
  readonly message: Localized;
  readonly next?: Localized;
}

export const askIssuer = say(
  '请按无法判定处理：人工核对，或联系签发地区核实。',
  'Treat as "cannot tell": check by hand, or ask the issuing region.',
);
export const scanAgain = say(
  '请擦净屏幕或纸面后重新扫描；仍不行请持证人出示原件。',
  'Clean the screen or paper and scan again; if it still fails, ask for the original.',
);
export const refresh = say(
  '请联网更新名单后重新核验；不能联网时人工核对。',
  'Connect and refresh the lists, then verify again; without a network, check by hand.',
);
export const callDuty = say('请报告值班负责人。', 'Report to the duty officer in charge.');
export const reissue = say(
  '请持证人向签发机关申请换发。',
  'The holder should ask the issuing authority for a new one.',
);
