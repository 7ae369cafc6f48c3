import type { Finding, FindingResult, LegalBasis, Localized, Severity, Stage } from './generated/types.ts';

interface FindingRow {
  readonly stage: Stage;
  readonly result: FindingResult;
  readonly severity: Severity;
  readonly message: Localized;
  readonly next?: Localized;
}

const say = (zh: string, en: string): Localized => ({ zh, en });

const askIssuer = say(
  '请按无法判定处理：人工核对，或联系签发地区核实。',
  'Treat as "cannot tell": check by hand, or ask the issuing region.',
);
const scanAgain = say(
  '请擦净屏幕或纸面后重新扫描；仍不行请持证人出示原件。',
  'Clean the screen or paper and scan again; if it still fails, ask for the original.',
);
const refresh = say(
  '请联网更新名单后重新核验；不能联网时人工核对。',
  'Connect and refresh the lists, then verify again; without a network, check by hand.',
);
const callDuty = say('请报告值班负责人。', 'Report to the duty officer in charge.');
const reissue = say('请持证人向签发机关申请换发。', 'The holder should ask the issuing authority for a new one.');

/**
 * The closed list of findings: every code that a verdict can carry, in the order of the journey. `result` is what the
 * code means when it is reported; `severity` decides how it weighs (see judge/outcome.ts).
 */
export const FINDINGS = {
  // open
  RECOGNISED: {
    stage: 'open',
    result: 'pass',
    severity: 'notice',
    message: say('已识别证照格式。', 'The format was recognised.'),
  },
  NOT_RECOGNISED: {
    stage: 'open',
    result: 'unknown',
    severity: 'authenticity',
    message: say('不是任何成员地区的证照或码。', 'This is no document or code of any member region.'),
    next: say(
      '请确认扫描的是证照码，必要时请持证人出示其他证照。',
      'Make sure a document code was scanned; if needed ask for another document.',
    ),
  },
  AMBIGUOUS_FORMAT: {
    stage: 'open',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '有多个格式都能解释这份内容，系统不作猜测。',
      'More than one format claims this content; it is not guessed between them.',
    ),
    next: callDuty,
  },
  SEVERAL_CODES: {
    stage: 'open',
    result: 'unknown',
    severity: 'authenticity',
    message: say('图片或文件中有多个证照。', 'The picture or file holds more than one document.'),
    next: say('请一次只出示一个证照。', 'Show one document at a time.'),
  },
  PARTS_MISSING: {
    stage: 'open',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '这份证照分为几个码，还没有扫全。',
      'This document comes in several codes, and not all of them were scanned.',
    ),
    next: say('请扫描其余的码。', 'Scan the other codes.'),
  },
  PARTS_MIXED: {
    stage: 'open',
    result: 'fail',
    severity: 'requirement',
    message: say('这些码不属于同一份证照。', 'These codes do not belong to one document.'),
    next: say('请只扫描同一份证照的码。', 'Scan the codes of one document only.'),
  },
  PICTURE_WITHOUT_CODE: {
    stage: 'open',
    result: 'note',
    severity: 'notice',
    message: say('图片中没有可读的码。', 'No readable code was found in the picture.'),
    next: say('请靠近、对焦、避免反光后重拍。', 'Move closer, focus, avoid glare and take it again.'),
  },
  MALFORMED: {
    stage: 'open',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '格式已识别，但内容损坏或不合规范。',
      'The format was recognised, but the content is damaged or breaks its rules.',
    ),
    next: scanAgain,
  },
  LIMIT_EXCEEDED: {
    stage: 'open',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '内容超出允许的大小或层数，未作处理。',
      'The content exceeds the size or depth allowed and was not processed.',
    ),
    next: callDuty,
  },
  REPAIRED: {
    stage: 'open',
    result: 'note',
    severity: 'notice',
    message: say(
      '读取时作了不影响签名的修正。',
      'A small repair was made while reading; the signature is not affected.',
    ),
  },
  FORMAT_RETIRED: {
    stage: 'open',
    result: 'fail',
    severity: 'requirement',
    message: say('该格式版本已停用。', 'This version of the format has been retired.'),
    next: reissue,
  },

  // resolve
  REFERENCE_UNRESOLVED: {
    stage: 'resolve',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '这只是一个指向证照的编号，需向签发地区查询。',
      'This only points to a document; the issuing region has to be asked.',
    ),
    next: say(
      '联网后重新查询，或请持证人出示带签名的证照码。',
      'Ask again with a network, or ask for a signed document code.',
    ),
  },

  // authenticate
  SIGNATURE_VALID: {
    stage: 'authenticate',
    result: 'pass',
    severity: 'proof',
    message: say('签名有效，由可信的签发方作出。', 'The signature is good and made by a trusted issuer.'),
  },
  SIGNATURE_INVALID: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say(
      '签名不符：内容被改动，或不是所称的签发方作出。',
      'The signature does not match: the content was altered, or another key made it.',
    ),
    next: say('不予认可，按规定处置。', 'Do not accept; proceed as the rules say.'),
  },
  UNKNOWN_ISSUER: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '签发方不在可信名单中，无法确认真伪。',
      'The issuer is in no trusted list; whether it is real cannot be told.',
    ),
    next: askIssuer,
  },
  ALGORITHM_NOT_ALLOWED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('签名算法不是该格式允许的算法。', 'The signature algorithm is not one this format allows.'),
    next: callDuty,
  },
  HEADER_NOT_ALLOWED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '签名头含有本系统不认识而又必须理解的内容。',
      'The signature header demands something this gateway does not understand.',
    ),
    next: callDuty,
  },
  KEY_USAGE_MISMATCH: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('该签发密钥无权签发这类证照。', 'This key may not sign documents of this type.'),
    next: callDuty,
  },
  ISSUER_MISMATCH: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say(
      '证照自称的签发地与签名密钥所属不一致。',
      'The document names another issuer than the key that signed it.',
    ),
    next: callDuty,
  },
  KEY_NOT_VALID_WHEN_SIGNED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('签发时签名密钥不在有效期内。', 'The key was outside its validity when the document was signed.'),
    next: reissue,
  },
  KEY_EXPIRED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('签名密钥的证书已过期。', 'The certificate of the signing key has expired.'),
    next: reissue,
  },
  CHAIN_INVALID: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '随附的签名证书不是由所称的机构合规签发。',
      'The certificate that came with the document was not properly issued by the authority it names.',
    ),
    next: callDuty,
  },
  CERTIFICATE_REVOKED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say('签名证书已被其签发机构吊销。', 'The certificate of the signing key was revoked by its authority.'),
    next: reissue,
  },
  CERTIFICATE_STATUS_UNKNOWN: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '没有现行的证书吊销列表，无法确认签名证书是否已被吊销。',
      'There is no current list of revoked certificates; whether the signing certificate was revoked cannot be told.',
    ),
    next: refresh,
  },
  KEY_REMOVED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'requirement',
    message: say('签发地区已停用该签名密钥。', 'The issuing region has withdrawn the signing key.'),
    next: reissue,
  },
  KEY_COMPROMISED: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '该签名密钥已泄露，无法证明证照在泄露前签发。',
      'The signing key was compromised; nothing proves the document is older than that.',
    ),
    next: reissue,
  },
  TRUST_STALE: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say('签发方名单已过期，不能据此认可。', 'The list of issuers is too old to accept anything by it.'),
    next: refresh,
  },
  TRUST_AGEING: {
    stage: 'authenticate',
    result: 'note',
    severity: 'notice',
    message: say('签发方名单较旧，请尽快更新。', 'The list of issuers is ageing; refresh it soon.'),
    next: refresh,
  },
  CLOCK_DOUBT: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '本机时钟早于已见过的签名时间，时间不可信。',
      'This clock is behind signed times already seen; the time cannot be trusted.',
    ),
    next: say('请校准时钟后重新核验。', 'Set the clock right and verify again.'),
  },
  REVOKED: {
    stage: 'authenticate',
    result: 'fail',
    severity: 'proof',
    message: say('签发地区已撤销该证照。', 'The issuing region has revoked this document.'),
    next: reissue,
  },
  NOT_REVOKED: {
    stage: 'authenticate',
    result: 'pass',
    severity: 'requirement',
    message: say(
      '不在签发地区的撤销名单中。',
      'It is not on the list of documents that the issuing region has revoked.',
    ),
  },
  REVOCATION_UNCONFIRMED: {
    stage: 'authenticate',
    result: 'unknown',
    severity: 'requirement',
    message: say(
      '签发地区的撤销名单无法读取，不能确认证照是否已被撤销。',
      "The issuing region's list of revoked documents cannot be read; whether this one was revoked cannot be told.",
    ),
    next: askIssuer,
  },
  REVOCATION_NOT_PUBLISHED: {
    stage: 'authenticate',
    result: 'skipped',
    severity: 'notice',
    message: say(
      '签发地区未公布撤销名单，未核对是否撤销。',
      'The issuing region publishes no revocations; revocation was not checked.',
    ),
  },
  NOT_CHECKED: {
    stage: 'authenticate',
    result: 'skipped',
    severity: 'authenticity',
    message: say('因前面的问题，未核对签名。', 'The signature was not checked because of what was found before.'),
  },

  // convert
  CONVERTED: {
    stage: 'convert',
    result: 'pass',
    severity: 'notice',
    message: say('内容已转换为通用格式。', 'The content was converted into the shared form.'),
  },
  FIELD_MISSING: {
    stage: 'convert',
    result: 'fail',
    severity: 'requirement',
    message: say('缺少必需的内容。', 'Something that must be there is missing.'),
    next: reissue,
  },
  FIELD_INVALID: {
    stage: 'convert',
    result: 'fail',
    severity: 'requirement',
    message: say('有一项内容不合规范。', 'One of the entries breaks the rules of its format.'),
    next: reissue,
  },
  UNKNOWN_CODE_VALUE: {
    stage: 'convert',
    result: 'unknown',
    severity: 'requirement',
    message: say('出现了尚未登记的代码值。', 'A code appears that is in no agreed list yet.'),
    next: askIssuer,
  },
  TYPE_NOT_DETERMINED: {
    stage: 'convert',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '无法确定证照类型：内容为空，或同时含有多种。',
      'The type of document is not clear: it holds nothing, or several at once.',
    ),
    next: reissue,
  },

  // validate
  WELL_FORMED: {
    stage: 'validate',
    result: 'pass',
    severity: 'notice',
    message: say('内容完整、合规。', 'The content is complete and well formed.'),
  },
  DOCUMENT_INVALID: {
    stage: 'validate',
    result: 'fail',
    severity: 'requirement',
    message: say('内容不符合通用格式。', 'The content does not fit the shared form.'),
    next: reissue,
  },
  DATES_CONTRADICT: {
    stage: 'validate',
    result: 'fail',
    severity: 'requirement',
    message: say('日期互相矛盾。', 'Its dates contradict each other.'),
    next: reissue,
  },

  // judge
  WITHIN_VALIDITY: {
    stage: 'judge',
    result: 'pass',
    severity: 'requirement',
    message: say('在有效期内。', 'It is within its validity.'),
  },
  EXPIRED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('已过有效期。', 'It has expired.'),
    next: reissue,
  },
  NOT_YET_VALID: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('尚未生效。', 'It is not valid yet.'),
    next: say(
      '请核对本机时间；未到生效时间的不予认可。',
      'Check this clock; before its time the document is not accepted.',
    ),
  },
  RECOGNISED_BY_AGREEMENT: {
    stage: 'judge',
    result: 'pass',
    severity: 'requirement',
    message: say('本地区依据互认协议认可此类证照。', 'This region recognises it by agreement.'),
  },
  OWN_DOCUMENT: {
    stage: 'judge',
    result: 'pass',
    severity: 'requirement',
    message: say('本地区签发的证照。', 'It was issued by this region itself.'),
  },
  NO_AGREEMENT: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '本地区未与签发地区就此类证照、此用途达成互认。',
      'This region has no agreement with the issuing region on this type and purpose.',
    ),
    next: say(
      '请持证人出示本地区认可的其他证照原件。',
      'Ask for another document, in the original, that this region recognises.',
    ),
  },
  EXCLUDED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('本地区已将其列入不予认可清单。', 'This region has put it on its list of what it does not recognise.'),
    next: callDuty,
  },
  ACTION_REQUIRED: {
    stage: 'judge',
    result: 'open',
    severity: 'requirement',
    message: say('完成所列核对后可认可。', 'Accepted once the check named here is done.'),
  },
  RULE_PASSED: {
    stage: 'judge',
    result: 'pass',
    severity: 'requirement',
    message: say('符合一条规则的要求。', 'It meets what a rule asks for.'),
  },
  RULE_FAILED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('不符合本地区的一条认可规则。', 'It does not meet one of the rules of this region.'),
  },
  RULE_INVALIDATED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '签发地区已规定此类情形的证照不再有效。',
      'By a rule of the issuing region, documents like this one no longer count.',
    ),
    next: reissue,
  },
  RULE_OPEN: {
    stage: 'judge',
    result: 'unknown',
    severity: 'requirement',
    message: say('有一条规则无法判断是否符合。', 'Whether one of the rules is met cannot be told.'),
    next: askIssuer,
  },
  RULE_ENGINE_TOO_OLD: {
    stage: 'judge',
    result: 'unknown',
    severity: 'requirement',
    message: say('有一条规则需要更新版本的系统才能判断。', 'One of the rules needs a newer version of this gateway.'),
    next: say('请更新系统；更新前人工核对。', 'Update the gateway; until then, check by hand.'),
  },
  RULES_UNREADABLE: {
    stage: 'judge',
    result: 'unknown',
    severity: 'requirement',
    message: say(
      '有规则文件无法读取，不能确认是否符合全部规则。',
      'Some rules could not be read; whether all of them are met cannot be told.',
    ),
    next: callDuty,
  },
  STATUS_NOT_CLEAR: {
    stage: 'judge',
    result: 'note',
    severity: 'notice',
    message: say(
      '证照自身载明的状态见标注；状态不等于真伪。',
      'The document states a status of its own; a status is not authenticity.',
    ),
  },
} as const satisfies Record<string, FindingRow>;

export type FindingCode = keyof typeof FINDINGS;

/** What a finding may add to its row. `detail` is technical English and never holds a value from the document. */
export interface FindingExtra {
  readonly at?: string;
  readonly detail?: string;
  readonly basis?: LegalBasis;
  /** Replaces the row's next step, where a rule or agreement words its own. */
  readonly next?: Localized;
}

const bare = new Map<FindingCode, Finding>();
for (const [code, row] of Object.entries<FindingRow>(FINDINGS)) {
  bare.set(code as FindingCode, Object.freeze({ code, ...row }) as Finding);
}

/**
 * One finding, in both languages. Without extras the same frozen object is given each time, so that a clean verdict
 * allocates nothing for what it passed.
 */
export function finding(code: FindingCode, extra?: FindingExtra): Finding {
  const row = bare.get(code)!;
  return extra === undefined ? row : { ...row, ...extra };
}
