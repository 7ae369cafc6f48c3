import { say } from '../say.ts';
import { askIssuer, callDuty, type FindingRow, reissue } from './row.ts';

/** What saying it in the shared words, and judging it, can find. */
export const JUDGE = {
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
  IDENTIFIER_INVALID: {
    stage: 'convert',
    result: 'fail',
    severity: 'requirement',
    message: say('有一个号码的校验位或格式不对。', 'A number in it has a wrong check character or form.'),
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
  UNSUPPORTED_VERSION: {
    stage: 'convert',
    result: 'unknown',
    severity: 'requirement',
    message: say('证照采用本系统尚不支持的版本。', 'It is of a version that this gateway does not know yet.'),
    next: say('请更新系统；更新前人工核对。', 'Update the gateway; until then, check by hand.'),
  },
  NOT_ENABLED: {
    stage: 'convert',
    result: 'fail',
    severity: 'requirement',
    message: say('持证人未开通此码的通行用途。', 'The holder has not enabled this code for this use.'),
    next: say(
      '请持证人在原应用中开通后重新出示。',
      'Have the holder enable it in the app it comes from, and show it again.',
    ),
  },
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
  VERSION_NOT_ACCEPTED: {
    stage: 'judge',
    result: 'unknown',
    severity: 'requirement',
    message: say(
      '签发地区改动了代码表或格式，本地区尚未接受新版本。',
      'The issuing region has changed a code list or a format, and this region has not accepted the new version yet.',
    ),
    next: askIssuer,
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
  STATUS_REFUSED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say(
      '证照自身载明的状态表明它已不再有效（已注销、撤销、吊销、过期或作废）。',
      'By the state it states itself, the document no longer counts (cancelled, withdrawn, revoked, expired or void).',
    ),
    next: reissue,
  },
  STATUS_UNDETERMINED: {
    stage: 'judge',
    result: 'unknown',
    severity: 'requirement',
    message: say(
      '证照自身载明的状态不能说明它是否仍然有效。',
      'The state that the document states does not tell whether it still counts.',
    ),
    next: askIssuer,
  },
  STATUS_UNEXPLAINED: {
    stage: 'judge',
    result: 'note',
    severity: 'notice',
    message: say(
      '证照载明了非正常状态，但未载明原因或作出机关。',
      'The document states a state that is not clear, without a reason or without the authority that set it.',
    ),
  },
  STATUS_NOT_CLEAR: {
    stage: 'judge',
    result: 'note',
    severity: 'notice',
    message: say(
      '证照自身载明的状态（原因、作出机关）见标注；状态不等于真伪，也不是对个人的结论。',
      'The document states a state of its own (reason and authority beside it): no matter of authenticity, and no verdict on a person.',
    ),
  },
} as const satisfies Record<string, FindingRow>;
