import { say } from '../say.ts';
import { askIssuer, type FindingRow, reissue } from './row.ts';

/** What a document's own numbers, its use as a copy, and its time of signing can show. */
export const CONTENT = {
  IDENTIFIER_DOUBTFUL: {
    stage: 'convert',
    result: 'note',
    severity: 'notice',
    message: say(
      '有一个号码的校验位不对；已知有系统会算错，按原样采用。',
      'A number has a wrong check character; systems are known to get it wrong, and it is taken as it stands.',
    ),
  },
  IDENTIFIER_MISMATCH: {
    stage: 'validate',
    result: 'fail',
    severity: 'requirement',
    message: say('证照中的号码与其他内容不一致。', 'A number in it does not agree with what else it says.'),
    next: reissue,
  },
  AREA_ABOLISHED: {
    stage: 'validate',
    result: 'fail',
    severity: 'requirement',
    message: say('所用的行政区划代码当时已经撤销。', 'An area code in it had been abolished by then.'),
    next: reissue,
  },
  AREA_UNKNOWN: {
    stage: 'validate',
    result: 'note',
    severity: 'notice',
    message: say(
      '行政区划表不能说明所用的区划代码当时是否有效。',
      'The table of area codes cannot tell whether one in it was in use then.',
    ),
  },
  USAGE_EXPIRED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('这份加注件已过使用期限。', 'This copy was made for one use, and its time is over.'),
    next: say('请持证人重新制作加注件，或出示原证照。', 'Ask for a new copy, or for the document itself.'),
  },
  USAGE_NOT_YET: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('这份加注件的制作时间在将来。', 'This copy says that it was made in the future.'),
    next: say('请核对本机时间；时间无误的不予认可。', 'Check this clock; if it is right, do not accept the copy.'),
  },
  PURPOSE_DENIED: {
    stage: 'judge',
    result: 'fail',
    severity: 'requirement',
    message: say('这份加注件是为其他用途制作的。', 'This copy was made for another purpose.'),
    next: say('请持证人为本次用途制作加注件。', 'Ask for a copy that was made for this purpose.'),
  },
  USAGE_TO_COMPARE: {
    stage: 'judge',
    result: 'open',
    severity: 'requirement',
    message: say(
      '这是加注件，所注事由需与本次用途核对。',
      'This is a copy made for one use; what it was made for has to be compared with the use at hand.',
    ),
    next: say(
      '请核对加注的事由和使用方与本次业务是否一致。',
      'Compare what is written on the copy with the business at hand.',
    ),
  },
  AS_OF_SIGNING: {
    stage: 'judge',
    result: 'open',
    severity: 'requirement',
    message: say(
      '存档结论：只说明签署时是否有效，不说明现在是否有效。',
      'An archive verdict: it says whether the document was good when it was signed, not that it is good now.',
    ),
    next: say(
      '只可用于档案查验；办理现时业务请出示现行有效的证照。',
      'For the archive only; for business of today ask for a document that is valid today.',
    ),
  },
  SIGNING_TIME_CLAIMED: {
    stage: 'judge',
    result: 'open',
    severity: 'requirement',
    message: say(
      '签署时间只是证照自己载明的，没有可信时间戳证明。',
      'The time of signing is only what the document says; no trusted timestamp proves it.',
    ),
    next: say('请以归档登记核对签署时间。', 'Compare the time of signing with the register of the archive.'),
  },
  SIGNING_TIME_UNKNOWN: {
    stage: 'judge',
    result: 'unknown',
    severity: 'authenticity',
    message: say(
      '证照没有载明签署时间，或所载时间在将来，不能按签署时间判断。',
      'The document states no time of signing, or one in the future; it cannot be judged as of then.',
    ),
    next: askIssuer,
  },
} as const satisfies Record<string, FindingRow>;
